"""Any other viewer: the settings' own address, with values that stay where their variables stood."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings

from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.study import Study
from sightline.viewers import address, program_for, takes
from sightline.viewers.contract import Takes, Wanted
from tests.configured import viewer
from tests.viewers.any_request import any_text
from tests.viewers.cast import ADA, ALL_OF_ADA, BY_ACCESSION, MRN, ONE, TWO

ROOT = "https://viewer.hospital.example"


def template(address: str, **keys: Any) -> Any:
    return viewer("template", address=address, **{"patient_system": MRN, **keys})


@pytest.mark.parametrize(
    ("written", "wanted", "expected"),
    [
        ("/open?study={study_uid}", ONE, "/open?study=1.2.840.1"),
        ("/open?studies={study_uids}&layout=2", TWO, "/open?studies=1.2.840.1,1.2.840.2&layout=2"),
        ("/studies/{study_uid}/show", ONE, "/studies/1.2.840.1/show"),
        ("/open?acc={accession}", BY_ACCESSION, "/open?acc=A-2024%2F02"),
        ("/open?mpi={patient_id}&acc={accession}", ONE, "/open?mpi=SB-1&acc=A1"),
        ("/open?cx={patient_cx}", ALL_OF_ADA, "/open?cx=SB-1%5E%5E%5E%262.16.840.1.113883.19.5%26ISO"),
        ("/open?x={study_uid}&y={study_uid}", ONE, "/open?x=1.2.840.1&y=1.2.840.1"),
    ],
)
def test_each_variable_becomes_its_value(written: str, wanted: Wanted, expected: str) -> None:
    assert address(wanted, template(f"{ROOT}{written}")) == f"{ROOT}{expected}"


@pytest.mark.parametrize(
    ("written", "can"),
    [
        ("{study_uid}", {Takes.STUDY}),
        ("{study_uids}", {Takes.STUDY, Takes.STUDIES}),
        ("{study_uids}/{patient_id}", {Takes.STUDY, Takes.STUDIES}),
        ("{study_uid}/{accession}", {Takes.STUDY}),
        ("{study_uids}/{accession}", {Takes.STUDY}),
        ("{accession}", {Takes.STUDY, Takes.ACCESSION}),
        ("{accession}/{patient_id}", {Takes.STUDY, Takes.ACCESSION}),
        ("{patient_id}", {Takes.PATIENT}),
        ("{patient_cx}", {Takes.PATIENT}),
    ],
)
def test_template_takes_what_its_variables_can_name(written: str, can: set[Takes]) -> None:
    assert takes(template(f"{ROOT}/{written}")) == can


@pytest.mark.parametrize(
    ("written", "wanted", "words"),
    [
        ("{accession}", Wanted((Study("North", uid="1.2.3"),)), "holds no accession number, which The viewer needs"),
        ("{study_uid}/{accession}", Wanted((Study("North", uid="1.2"),)), "holds no accession number"),
        ("{patient_id}/{study_uid}", Wanted(ONE.studies), "holds no number that The viewer knows"),
        ("{patient_id}", Wanted(patient=Patient("ben")), "holds no number that The viewer knows"),
        ("{study_uid}", BY_ACCESSION, "by its Study Instance UID only"),
        ("{accession}", Wanted((Study("North", accession="A,1"),)), "would take for two numbers"),
        ("{study_uid}/{accession}", Wanted((Study("North", uid="1.2", accession="A,1"),)), "two numbers"),
        ("{study_uid}/{accession}", Wanted((Study("North", uid="1.2", accession=".."),)), "such signs"),
        ("{patient_id}", Wanted(patient=Patient("x", numbers=(PatientNumber(MRN, ".."),))), "such signs"),
        ("{patient_cx}", Wanted(patient=Patient("x", numbers=(PatientNumber(MRN, "1^2"),))), "sign of HL7's own"),
    ],
)
def test_value_that_is_not_there_or_would_mean_something_else_is_refused(
    written: str, wanted: Wanted, words: str
) -> None:
    with pytest.raises(CannotOpen) as refusal:
        address(wanted, template(f"{ROOT}/{written}"))

    assert words in refusal.value.sentence


@given(any_text, any_text)
@settings(deadline=None)
def test_no_value_ever_leaves_its_variable(accession: str, number: str) -> None:
    patient = Patient("ada", numbers=(PatientNumber(MRN, number),))
    wanted = Wanted((Study("North", accession=accession),), patient)
    try:
        built = address(wanted, template(f"{ROOT}/open/{{accession}}?id={{patient_id}}&fixed=1"))
    except CannotOpen:
        return
    parts = urlsplit(built)

    assert built.isascii()
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "viewer.hospital.example", "")
    assert parts.path.count("/") == 2
    assert parse_qsl(parts.query, keep_blank_values=True) == [("id", number), ("fixed", "1")]


SLICER = template("slicer://viewer/?studyUID={study_uid}&acc={accession}", open="program", program="3D Slicer")


def test_program_is_given_plain_numbers_only_and_says_what_must_be_installed() -> None:
    assert address(ONE, SLICER) == "slicer://viewer/?studyUID=1.2.840.1&acc=A1"
    assert program_for(SLICER) == "3D Slicer"
    assert program_for(template("slicer://{study_uid}", open="program")) == "The viewer"


@pytest.mark.parametrize("number", ["A B", 'A"B', "A&B", "A;B", "$(A)", "A%0AB"])
def test_number_that_could_be_part_of_a_command_is_refused(number: str) -> None:
    with pytest.raises(CannotOpen) as refusal:
        address(Wanted((Study("North", uid="1.2.3", accession=number),), ADA), SLICER)

    assert "such signs" in refusal.value.sentence
