"""What the page tests share: a person at the EHR, the audit trail, what the hospital heard and said, and a clock."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request, request_finished, request_started

from tests.conftest import Pair
from tests.ehr_user import EhrUser


@pytest.fixture
def user(pair: Pair) -> EhrUser:
    """A person whose browser has no cookie yet."""
    return EhrUser(pair)


@dataclass
class Trail:
    """The records of an audit file that were written since this was made."""

    file: Path
    _begin: int = 0

    def __post_init__(self) -> None:
        self._begin = self.file.stat().st_size

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_bytes()[self._begin :].splitlines()]


@pytest.fixture
def trail(pair: Pair) -> Trail:
    return Trail(pair.data_folder / "audit.ndjson")


@dataclass
class Overheard:
    """What passed between Sightline and the hospital: addresses asked for, and values that must stay between them."""

    asked: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def hear(self, sender: Flask, **_: object) -> None:
        self.asked.append(request.full_path)

    def take(self, sender: Flask, response: Response, **_: object) -> None:
        self.secrets.update(value for name, value in request.form.items() if name in ("code", "code_verifier"))
        if request.path == "/auth/token" and response.status_code == 200:
            answer = response.get_json()
            self.secrets.update(answer[name] for name in ("access_token", "refresh_token", "id_token"))


@pytest.fixture
def overheard(pair: Pair) -> Iterator[Overheard]:
    listener = Overheard()
    # Addresses are noted as they come: a slow answer to an earlier test's question belongs to that test.
    with (
        request_started.connected_to(listener.hear, pair.hospital),
        request_finished.connected_to(listener.take, pair.hospital),
    ):
        yield listener


@pytest.fixture
def clock_goes_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Gives a function that puts the clock of Sightline and of the person's browser so many seconds further.

    The hospital's clock stays: what ends is then Sightline's doing.
    """
    right, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: right() + ahead[0])

    def go_on(seconds: float) -> None:
        ahead[0] += seconds

    return go_on
