"""One DiagnosticReport of any version becomes the report that a person would read in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from sightline.fhir.diagnostic_report import Unreadable, report, words
from sightline.report import Form, Report, ReportStatus, StudyLink
from tests import any_json

DATA = Path(__file__).parent.parent / "data" / "fhir"
UID = "1.2.840.113619.2.55.3"


def official(name: str) -> Report:
    return report(json.loads((DATA / name).read_bytes()), "North", "outside")


def read(**more: Any) -> Report:
    return report({"resourceType": "DiagnosticReport", "id": "7", **more}, "North")


@pytest.mark.parametrize("version", ["dstu1", "dstu2", "stu3", "r4", "r4b", "r5"])
def test_official_report_reads_alike_in_every_version(version: str) -> None:
    found = official(f"{version}/DiagnosticReport-f201{'.derived' if version == 'dstu1' else ''}.json")

    assert found.id == ("outside" if version == "dstu1" else "f201")
    assert (found.subject, found.status, found.title) == ("Patient/f201", ReportStatus.FINAL, "CT of head-neck")
    assert found.issued == found.effective == "2012-12-01T12:00:00+01:00"
    assert found.authors == ("Blijdorp MC",)
    assert {"394914008", "RAD"} <= set(found.categories)
    assert found.conclusion == "CT brains: large tumor sphenoid/clivus."
    assert found.is_on_imaging


def test_report_of_a_laboratory_is_known_by_its_category() -> None:
    assert not official("dstu2/DiagnosticReport-f001.json").is_on_imaging


def test_study_that_has_only_a_display_names_nothing() -> None:
    assert official("r4/DiagnosticReport-f201.json").links == ()


@pytest.mark.parametrize("element", ["imagingStudy", "study"])
def test_study_is_named_by_reference_and_by_number_in_the_way_of_every_version(element: str) -> None:
    named = [
        {"reference": "ImagingStudy/1"},
        {"identifier": {"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}},
        {"reference": "ImagingStudy/2", "identifier": {"system": "URN:DICOM:UID", "value": UID}},
    ]
    assert read(**{element: named}).links == (
        StudyLink("ImagingStudy/1"),
        StudyLink("", UID),
        StudyLink("ImagingStudy/2", UID),
    )


def test_accession_number_that_looks_like_a_uid_is_no_uid() -> None:
    """`2017.092` passes DICOM's grammar."""
    acsn = {"type": {"coding": [{"code": "ACSN"}]}, "value": "2017.092"}
    found = read(imagingStudy=[{"identifier": acsn}, {"identifier": {"value": "2018.093"}}])

    assert found.links == ()
    assert (found.accessions, found.accession_labelled) == (("2017.092",), True)


@pytest.mark.parametrize("element", ["basedOn", "request", "requestDetail"])
def test_order_is_named_by_reference_and_identifier_without_the_accession_number(element: str) -> None:
    numbers = [{"system": "urn:orders", "value": "77"}, {"type": {"coding": [{"code": "ACSN"}]}, "value": "A-1"}]
    found = read(**{element: [{"reference": "ServiceRequest/5", "identifier": number} for number in numbers]})

    assert found.orders == ("ServiceRequest/5", "urn:orders|77")
    assert (found.accessions, found.accession_labelled) == (("A-1",), True)


def test_every_number_may_be_the_accession_number_until_one_says_that_it_is() -> None:
    numbers = [{"value": "R-9"}, {"system": "urn:x", "value": "A-1"}]
    assert (read(identifier=numbers).accessions, read(identifier=numbers).accession_labelled) == (("R-9", "A-1"), False)

    labelled = [*numbers, {"system": "https://x.example/accession", "value": "A-2"}]
    assert (read(identifier=labelled).accessions, read(identifier=labelled).accession_labelled) == (("A-2",), True)


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("partial", "preliminary"),
        ("preliminary", "preliminary"),
        ("modified", "preliminary"),
        ("amended", "amended"),
        ("corrected", "amended"),
        ("appended", "amended"),
        ("cancelled", "withdrawn"),
        ("entered-in-error", "withdrawn"),
        ("entered in error", "withdrawn"),
        ("final", ""),
        ("something new", ""),
        (None, ""),
    ],
)
def test_status_of_every_version_is_one_of_few_for_people(status: Any, meant: str) -> None:
    found = read(status=status).status
    said = {"preliminary": found.is_preliminary, "amended": found.is_amended, "withdrawn": found.is_withdrawn}

    assert [word for word, holds in said.items() if holds] == ([meant] if meant else [])
    assert (found is ReportStatus.UNKNOWN) == (status in ("something new", None))


def test_whoever_interpreted_it_comes_first_and_names_stand_where_a_version_puts_them() -> None:
    found = read(
        resultsInterpreter=[{"display": "Dr Who"}],
        performer=[{"actor": {"display": "Radiology"}}, {"reference": "#p"}, {"display": "Dr Who"}],
        contained=[{"resourceType": "Practitioner", "id": "p", "name": [{"text": "Dr Contained"}]}],
    )
    assert found.authors == ("Dr Who", "Radiology", "Dr Contained")


def test_documents_are_inline_or_behind_an_address_and_those_without_either_are_none() -> None:
    forms = [
        {"contentType": "Application/PDF; charset=binary", "data": "JVBERi0=", "title": "Signed"},
        {"contentType": "application/pdf", "url": "Binary/1"},
        {"contentType": "application/pdf"},
        "no attachment",
    ]
    assert read(presentedForm=forms).forms == (
        Form("application/pdf", "Signed", "JVBERi0="),
        Form("application/pdf", url="Binary/1"),
    )


def test_subject_and_patient_that_differ_name_nobody() -> None:
    assert read(subject={"reference": "Patient/ada"}, patient={"reference": "Patient/cleo"}).subject is None


def test_words_keep_their_lines_and_lose_what_deceives_the_eye() -> None:
    assert words("First\r\nsecond \u202etfel\u202c\x07 third\n") == "First\r\nsecond tfel  third"


def test_head_of_a_report_has_none_of_its_words() -> None:
    whole = read(
        status="final", conclusion="Fracture", text={"div": "<div>Fracture</div>"}, presentedForm=[{"data": "QQ=="}]
    )

    assert "Fracture" in whole.conclusion
    assert "Fracture" not in repr(whole.head)
    assert (whole.head.forms, whole.head.status) == ((), ReportStatus.FINAL)


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": "DiagnosticReport"}, {"resourceType": "Observation", "id": "1"}]
)
def test_what_is_no_report_or_has_no_name_is_unreadable(resource: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        report(resource, "North")


@given(any_json.values)
def test_nothing_in_a_report_raises(value: Any) -> None:
    names = (
        *("identifier", "basedOn", "status", "category", "code", "name", "subject", "effectiveDateTime", "issued"),
        *(
            "performer",
            "resultsInterpreter",
            "imagingStudy",
            "study",
            "conclusion",
            "presentedForm",
            "text",
            "contained",
        ),
    )
    read(**dict.fromkeys(names, value))
