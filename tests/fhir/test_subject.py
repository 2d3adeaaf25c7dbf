"""Whose study is it? Only what the source says plainly is taken for this patient's."""

import re

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
        "Patient/ada/_history/2/../../../cleo",
        "Patient/ada/_history/",
        "Patient/ada/_history/2/",
        "Patient/ada/_history/2?x",
        "Patient/ada?x",
        "Patient/ada#x",
        "Patient/ada/",
        "Patient/ada ",
        "Patient/ada\n",
        "Patient/ada/_history/2\n",
        "Patient/cleo/_history/Patient/ada",
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
        f"{BASE}/../Patient/ada",
        f"{BASE}//Patient/ada",
        f"{BASE}?/Patient/ada",
        f"{BASE}/{BASE}/Patient/ada",
        " Patient/ada",
        "patient/ada",
        "./Patient/ada",
    ],
)
def test_study_whose_patient_is_not_said_is_not_taken_for_this_patients(reference: str | None) -> None:
    assert whose(reference, "ada", BASE) is Subject.NOT_SAID


ids = st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True)
pieces = st.sampled_from(["Patient", "ada", "cleo", "/", "_history", "..", "?", "#", "%2f", "\\", "\n", " ", BASE, "2"])
references = st.none() | st.text() | st.lists(pieces, max_size=9).map("".join) | st.lists(pieces).map("/".join)


@given(references, ids | st.just("ada"))
@settings(deadline=None, max_examples=500)
def test_only_these_references_are_this_patients(reference: str | None, patient_id: str) -> None:
    if whose(reference, patient_id, BASE) is Subject.THIS_PATIENT:
        base, patient, *version = (reference or "").rpartition("Patient/")[0], *(reference or "").split("Patient/")[1:]
        assert base in ("", f"{BASE}/")
        assert not version
        assert re.fullmatch(re.escape(patient_id) + r"(/_history/[A-Za-z0-9.-]+)?", patient)
