"""Whose study is it? Only what the source says plainly is taken for this patient's."""

import pytest
from hypothesis import given, settings, strategies as st

from sightline.fhir.subject import Subject, whose

BASE = "https://ehr.hospital.example/fhir/r4"


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/ada",
        "Patient/ada/_history/2",
        f"{BASE}/Patient/ada",
        f"{BASE}/Patient/ada/_history/2",
    ],
)
def test_study_is_this_patients(reference: str) -> None:
    assert whose(reference, "ada", BASE) is Subject.THIS_PATIENT
    assert whose(reference, "ada", f"{BASE}/") is Subject.THIS_PATIENT


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/cleo",
        f"{BASE}/Patient/cleo",
        "Patient/Ada",
        "Patient/ada2",
        "Patient/ad",
        "Patient/ada/cleo",
        "Patient/",
    ],
)
def test_study_is_another_patients(reference: str) -> None:
    assert whose(reference, "ada", BASE) is Subject.OTHER_PATIENT


@pytest.mark.parametrize(
    "reference",
    [
        None,
        "",
        "#patient1",
        "Group/ada",
        "Device/ada",
        "ada",
        "https://other.example/fhir/Patient/ada",
        "https://ehr.hospital.example/fhir/r4x/Patient/ada",
        "https://ehr.hospital.example/fhir/Patient/ada",
        f"{BASE}@evil.example/Patient/ada",
        "urn:Patient/ada",
        "/Patient/ada",
    ],
)
def test_study_whose_patient_is_not_said_is_not_taken_for_this_patients(reference: str | None) -> None:
    assert whose(reference, "ada", BASE) is Subject.NOT_SAID


@given(st.none() | st.text(), st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True))
@settings(deadline=None)
def test_only_a_reference_that_ends_in_the_id_is_this_patients(reference: str | None, patient_id: str) -> None:
    if whose(reference, patient_id, BASE) is Subject.THIS_PATIENT:
        assert reference is not None
        assert reference.split("/_history/")[0].endswith(f"Patient/{patient_id}")
