"""Orthanc's Stone Web viewer: studies, one series of a study, a patient of its archive."""

import pytest

from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.viewers import address, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.cast import ALL_OF_ADA, CT, MR, MRN, NATIONAL, ONE, SERIES, TWO

ADDRESS = "https://orthanc.hospital.example/stone-webviewer/index.html"
STONE = viewer("stone", address=ADDRESS)
OF_ONE_HOSPITAL = viewer("stone", address=ADDRESS, patient_system=MRN)


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        (ONE, "study=1.2.840.1"),
        (TWO, "study=1.2.840.1,1.2.840.2"),
        (Wanted((CT,), series=("1.2.840.1.7",)), "study=1.2.840.1&series=1.2.840.1.7"),
        (SERIES, "study=1.2.840.1"),
        (Wanted((CT, MR), series=("1.2.840.1.7",)), "study=1.2.840.1,1.2.840.2"),
    ],
)
def test_studies_are_opened_and_a_series_beside_one_study_only(wanted: Wanted, query: str) -> None:
    assert address(wanted, STONE) == f"{ADDRESS}?{query}"


def test_patient_is_asked_for_by_the_number_of_the_archive_only() -> None:
    assert address(ALL_OF_ADA, OF_ONE_HOSPITAL) == f"{ADDRESS}?patient=SB-1"
    national = viewer("stone", address=ADDRESS, patient_system=NATIONAL)
    assert address(ALL_OF_ADA, national) == f"{ADDRESS}?patient=77%2F8"


def test_patient_number_with_a_comma_would_be_two_patients_and_is_refused() -> None:
    patient = Patient("ada", numbers=(PatientNumber(MRN, "SB-1,SB-2"),))

    with pytest.raises(CannotOpen) as refusal:
        address(Wanted(patient=patient), OF_ONE_HOSPITAL)

    assert "would take for two numbers" in refusal.value.sentence


def test_stone_takes_patients_where_it_is_known_whose_numbers_it_has() -> None:
    assert takes(STONE) == {Takes.STUDY, Takes.STUDIES}
    assert takes(OF_ONE_HOSPITAL) == {Takes.STUDY, Takes.STUDIES, Takes.PATIENT}
