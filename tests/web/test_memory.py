"""What the list holds of a patient goes with its page: no circle of references keeps it in memory until later."""

import gc
from collections.abc import Callable, Iterator

import pytest

from sightline.auth.grant import Grant
from sightline.discovery import Findings
from sightline.patient import Patient
from sightline.report import Reports
from sightline.web.charts import Chart, SealedChart
from tests.ehr_user import EhrUser

_OF_A_PATIENT = (Chart, SealedChart, Patient, Grant, Findings, Reports)


@pytest.fixture
def left_behind() -> Iterator[Callable[[], list[str]]]:
    """Gives what of a patient only the collector could take away, of all that has been made and left meanwhile."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    def found() -> list[str]:
        gc.collect()
        return sorted(type(each).__name__ for each in gc.garbage if isinstance(each, _OF_A_PATIENT))

    yield found
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("patient", ["ada", "max", "ben"])
def test_list_leaves_nothing_of_its_patient_in_memory(
    user: EhrUser, left_behind: Callable[[], list[str]], patient: str
) -> None:
    page = user.opens_chart(patient)
    user.visits(page.url)
    user.visits(f"{page.url}?refresh=1")

    assert left_behind() == []
