"""An EHR that may turn hostile, a Sightline that is set up for it, and a person between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.far_side import FarSide, as_json
from tests.hostile_ehr import Clinician, HostileEhr, trusting_sightline


@pytest.fixture
def ehr() -> Iterator[HostileEhr]:
    hostile = HostileEhr()
    with hostile.far_side:
        yield hostile


@pytest.fixture
def stranger() -> Iterator[FarSide]:
    """A server that nobody configured; whatever it hears is too much."""
    with FarSide(lambda _: as_json({})) as server:
        yield server


@pytest.fixture
def clinician(ehr: HostileEhr, tmp_path: Path) -> Iterator[Clinician]:
    with trusting_sightline(ehr, tmp_path) as url:
        yield Clinician(ehr, url)
