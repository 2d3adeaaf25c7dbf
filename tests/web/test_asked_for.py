"""A launch for one certain study lands at its images; any other lands at the list, which says what was not found."""

from urllib.parse import urlencode

import pytest

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail

ASKED_FOR = "The EHR asked for this study."


def uids(pair: Pair, patient: str = "ada") -> dict[str, str]:
    """The patient's Study Instance UIDs by description; of the archived studies only."""
    studies = pair.hospital.extensions["hospital"].studies_of(patient)
    return {study.description: study.uid for study in studies if study.has_pictures and study.uid_in_fhir}


def opens(user: EhrUser, *studies: str, patient: str = "ada", ehr: str = "r4", by: str = "reference") -> Page:
    """Opens imaging from the chart for these studies."""
    query = urlencode({"ehr": ehr, "study": studies, "by": by}, doseq=True)
    answer = user.asks(f"{user.pair.hospital_url}/launch-only/{patient}?{query}")
    return user.visits(answer.headers["Location"])


def a_study(pair: Pair, words: str = "MR brain") -> str:
    return next(uid for description, uid in uids(pair).items() if words in description)


@pytest.mark.parametrize("by", ["reference", "uid", "accession"])
def test_study_in_the_context_opens_at_once(user: EhrUser, trail: Trail, by: str) -> None:
    page = opens(user, a_study(user.pair), by=by)
    assert page.status == 200
    assert page.heading.startswith("MRI")
    assert "MR brain" in page.heading
    assert page.patient.startswith("LINDQVIST, Ada")
    assert page.frame
    assert [record["action"] for record in trail.records] == ["sign-in", "list", "open"]


@pytest.mark.parametrize("ehr", ["dstu2", "stu3", "r5"])
def test_study_in_the_context_opens_at_once_whatever_the_fhir_version(user: EhrUser, ehr: str) -> None:
    assert "MR brain" in opens(user, a_study(user.pair), ehr=ehr).heading


def test_way_back_from_a_study_that_opened_at_once_is_the_list_where_it_is_marked(user: EhrUser) -> None:
    page = user.follows(opens(user, a_study(user.pair)), "← Back to the list")
    assert page.heading == "Imaging studies"
    assert [row.description for row in page.rows if ASKED_FOR in row.details] == [page.row("MR brain").description]
    assert not [words for words in page.notices if words.startswith("Not found.")]


def test_several_studies_in_the_context_are_marked_in_the_list(user: EhrUser) -> None:
    page = opens(user, a_study(user.pair), a_study(user.pair, "Mammography"))
    assert page.heading == "Imaging studies"
    assert len(page.rows) == 13
    assert sum(ASKED_FOR in row.details for row in page.rows) == 2


def test_one_study_named_twice_opens_at_once(user: EhrUser) -> None:
    uid = a_study(user.pair)
    assert "MR brain" in opens(user, uid, uid).heading


def test_study_of_another_patient_does_not_open_and_the_list_says_so(user: EhrUser) -> None:
    cleos = next(iter(uids(user.pair, "cleo").values()))
    page = opens(user, cleos, by="uid")
    assert page.heading == "Imaging studies"
    assert page.patient.startswith("LINDQVIST, Ada")
    assert len(page.rows) == 13
    said = "Not found. The EHR asked for a certain study, which is not among this patient's studies that were read."
    assert page.notices[0] == said


def test_study_for_a_patient_who_has_none_is_said_not_to_be_found(user: EhrUser) -> None:
    page = opens(user, a_study(user.pair), patient="ben")
    assert page.notices[0].startswith("Not found. The EHR asked for a certain study")
    assert "No imaging studies found" in page.headings


def test_study_among_others_of_which_one_is_not_found_leads_to_the_list(user: EhrUser) -> None:
    cleos = next(iter(uids(user.pair, "cleo").values()))
    page = opens(user, a_study(user.pair), cleos, by="uid")
    assert page.heading == "Imaging studies"
    assert ASKED_FOR in page.row("MR brain").details
    assert page.notices[0].startswith("Not found.")


def test_list_that_cannot_be_read_says_so_and_may_be_tried_again(user: EhrUser) -> None:
    page = opens(user, a_study(user.pair), ehr="fault-error")
    assert (page.status, page.heading) == (502, "The imaging list could not be loaded")
    assert page.link("Try again").endswith("/asked-for")


def test_study_that_is_not_found_in_an_incomplete_list_is_said_to_be_missing_in_what_was_read(user: EhrUser) -> None:
    page = opens(user, a_study(user.pair), ehr="fault-second-page")
    assert page.notices[0].startswith("Not found.")
    assert page.notices[1].startswith("Incomplete list.")


def test_study_that_is_not_found_is_named_by_its_accession_number(user: EhrUser) -> None:
    page = opens(user, a_study(user.pair), patient="ben", by="accession")
    accession = user.pair.hospital.extensions["hospital"].study(a_study(user.pair)).accession
    assert f"the study with the accession number {accession}" in page.notices[0]
