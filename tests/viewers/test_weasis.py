"""Weasis: a command line in an address, into which no number may bring a sign of its own."""

from urllib.parse import unquote_plus

import pytest

from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.study import Study
from sightline.viewers import address, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.cast import ALL_OF_ADA, BY_ACCESSION, CT, LEG, MRN, ONE, TWO

ROOT = "https://pacs.hospital.example/dicom-web"
MANIFEST = "https://pacs.hospital.example/weasis-pacs-connector/manifest"
WEASIS = viewer("weasis", dicomweb=ROOT, patient_system=MRN)
BY_MANIFEST = viewer("weasis", manifest=MANIFEST, close_others=False)


def test_study_is_opened_by_dicomweb_in_the_spelling_that_weasis_decodes() -> None:
    assert address(ONE, WEASIS) == (
        "weasis://?%24dicom%3Aclose+--all+%24dicom%3Ars+--url+"
        "%22https%3A%2F%2Fpacs.hospital.example%2Fdicom-web%22+-r+%22studyUID%3D1.2.840.1%22"
    )


def test_study_is_opened_by_a_manifest() -> None:
    assert address(ONE, BY_MANIFEST) == (
        "weasis://?%24dicom%3Aget+-w+"
        "%22https%3A%2F%2Fpacs.hospital.example%2Fweasis-pacs-connector%2Fmanifest%3FstudyUID%3D1.2.840.1%22"
    )


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (TWO, "studyUID=1.2.840.1&studyUID=1.2.840.2"),
        (BY_ACCESSION, "accessionNumber=A-2024/02"),
        (Wanted((CT, LEG)), "studyUID=1.2.840.1&accessionNumber=A-2024/02"),
        (ALL_OF_ADA, "patientID=SB-1"),
    ],
)
def test_command_that_weasis_reads_names_what_is_wanted(wanted: Wanted, asked: str) -> None:
    command = unquote_plus(address(wanted, WEASIS).removeprefix("weasis://?"))

    assert command == f'$dicom:close --all $dicom:rs --url "{ROOT}" -r "{asked}"'


@pytest.mark.parametrize(
    "number", ["A&studyUID=9.9", 'A" $dicom:close', "A 1", "A=1", "A%261", "-r", "A$B", "A*", "Ä1"]
)
@pytest.mark.parametrize("weasis", [WEASIS, BY_MANIFEST])
def test_number_that_could_be_part_of_the_command_is_refused(number: str, weasis: object) -> None:
    configured = WEASIS if weasis is WEASIS else BY_MANIFEST

    with pytest.raises(CannotOpen) as refusal:
        address(Wanted((Study("North", accession=number),)), configured)

    assert refusal.value.sentence == "The viewer cannot be given a number with such signs."


def test_patient_number_that_could_be_part_of_the_command_is_refused() -> None:
    with pytest.raises(CannotOpen):
        address(Wanted(patient=Patient("x", numbers=(PatientNumber(MRN, "1&2"),))), WEASIS)


def test_address_that_windows_would_cut_is_refused() -> None:
    with pytest.raises(CannotOpen) as refusal:
        address(Wanted(tuple(Study("North", uid=f"1.2.{10**50 + number}") for number in range(40))), WEASIS)

    assert "too much for one address" in refusal.value.sentence


def test_weasis_takes_patients_where_it_is_known_whose_numbers_the_archive_has() -> None:
    studies = {Takes.STUDY, Takes.STUDIES, Takes.ACCESSION}

    assert takes(WEASIS) == studies | {Takes.PATIENT}
    assert takes(BY_MANIFEST) == studies
