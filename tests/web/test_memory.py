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


@pytest.mark.parametrize("kind", ["study", "view", "viewers", "compare", "report"])
def test_page_of_a_study_leaves_nothing_of_its_patient_in_memory(
    user: EhrUser, left_behind: Callable[[], list[str]], kind: str
) -> None:
    page = user.opens_chart("ada")
    address = page.row("PET/CT chest, FDG").images.replace("/view/", f"/{kind}/")

    assert user.visits(address).status == 200
    assert left_behind() == []


def test_two_studies_beside_each_other_leave_nothing_of_their_patient_in_memory(
    user: EhrUser, left_behind: Callable[[], list[str]]
) -> None:
    images = user.opens_images(user.opens_chart("ada"), "CT chest with contrast")
    choice = user.follows(images, "Compare with a prior")

    both = user.follows(choice, "Compare with CT · CT chest · 08-Jul-2025 10:10")
    assert len(both.root.all("iframe")) == 1
    assert left_behind() == []
