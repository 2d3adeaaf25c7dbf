"""Studies looked for by their own numbers, of whichever patient: how servers are asked, and what counts as found."""

from collections.abc import Callable
from typing import Any

import pytest

from sightline.authorization import FixedHeader
from sightline.errors import SourceFailed, SourceUnreadable
from sightline.fhir import versions
from sightline.fhir.client import FhirClient
from sightline.fhir.study_search import Named
from sightline.fhir.subject import patient_of
from sightline.outbound import Door
from sightline.study_reference import StudyReference
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at, limits_of

CT, MR = StudyReference(uid="1.2.3.4"), StudyReference(uid="1.2.3.5")
BY_ACCESSION = StudyReference(accession="A,1|2")
NOTHING = as_json({"resourceType": "Bundle", "total": 0})
REFUSED = as_json({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}, 400)


def record(uid: str = "1.2.3.4", patient: str = "ada", **more: Any) -> dict[str, Any]:
    identifier = [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "ImagingStudy", "id": f"s-{uid}", "identifier": identifier, "subject": subject, **more}


def bundle(*resources: Any, **more: Any) -> Reply:
    return as_json({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources], **more})


def looked_up(
    answer: Callable[[Asked], Reply], *references: StudyReference, version: str = "r4"
) -> tuple[Named, list[dict[str, str]]]:
    """What was found, and what was asked."""
    with FarSide(answer) as server:
        limits = limits_of()
        door = Door(limits.answer_seconds, limits.answer_bytes)
        ehr = ehr_at(f"{server.url}/fhir")
        client = FhirClient(ehr, limits, door, FixedHeader("Bearer t"), versions.named(version))
        found = client.studies_named(references)
        assert {(each.method, each.target) for each in server.asked} <= {("POST", "/fhir/ImagingStudy/_search")}
        return found, [each.form for each in server.asked]


def test_number_stands_in_the_body_in_each_spelling() -> None:
    found, asked = looked_up(lambda _: bundle(record()), CT)

    assert [study.uid for study in found.studies] == ["1.2.3.4"]
    spellings = "urn:dicom:uid|urn:oid:1.2.3.4,urn:dicom:uid|1.2.3.4,urn:oid:1.2.3.4,1.2.3.4"
    assert asked == [{"identifier": spellings, "_count": "200"}]


@pytest.mark.parametrize("version", ["dstu1", "dstu2", "stu3"])
def test_older_servers_are_asked_by_elements_of_their_own(version: str) -> None:
    _, by_uid = looked_up(lambda _: bundle(record()), CT, version=version)
    _, by_accession = looked_up(lambda _: NOTHING, StudyReference(accession="A1"), version=version)

    assert by_uid[0]["study"] == "urn:oid:1.2.3.4,1.2.3.4"
    assert by_accession[0]["accession"] == "A1"


def test_signs_that_separate_are_letters_in_an_accession_number() -> None:
    _, asked = looked_up(lambda _: NOTHING, BY_ACCESSION)

    assert asked[0]["identifier"] == r"A\,1\|2"


def test_server_that_takes_no_list_is_asked_by_one_spelling_at_a_time() -> None:
    def answer(asked: Asked) -> Reply:
        value = asked.form["identifier"]
        return REFUSED if "," in value else bundle(record()) if value == "urn:oid:1.2.3.4" else NOTHING

    found, asked = looked_up(answer, CT)

    assert [study.uid for study in found.studies] == ["1.2.3.4"]
    assert [each["identifier"] for each in asked[1:]] == [
        "urn:dicom:uid|urn:oid:1.2.3.4", "urn:dicom:uid|1.2.3.4", "urn:oid:1.2.3.4",
    ]  # fmt: skip


def test_what_a_list_did_not_find_is_asked_for_by_itself() -> None:
    def answer(asked: Asked) -> Reply:
        several = "," in asked.form["identifier"]
        return bundle(record("1.2.3.4")) if several else bundle(record("1.2.3.5", "ben"))

    found, asked = looked_up(answer, CT, MR)

    assert {study.uid: study.subject for study in found.studies} == {"1.2.3.4": "Patient/ada", "1.2.3.5": "Patient/ben"}
    assert [each["identifier"] for each in asked[1:]] == ["urn:dicom:uid|urn:oid:1.2.3.5"]


def test_study_of_another_number_is_not_found_whatever_the_server_sends() -> None:
    found, _ = looked_up(lambda _: bundle(record("1.9.9.9")), CT)

    assert found.studies == []
    assert not found.troubled


@pytest.mark.parametrize(
    "answer",
    [
        bundle(record(), link=[{"relation": "next", "url": "/fhir/more"}]),
        bundle(record(), "no resource"),
        bundle(record(), {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}),
    ],
)
def test_answer_that_is_not_whole_is_said_to_be_so(answer: Reply) -> None:
    assert looked_up(lambda _: answer, CT)[0].troubled


def test_fifty_studies_are_asked_for_in_five_questions() -> None:
    references = [StudyReference(uid=f"1.2.3.{number}") for number in range(50)]
    _, asked = looked_up(lambda _: bundle(*(record(f"1.2.3.{number}") for number in range(50))), *references)

    assert len(asked) == 5


def test_failure_is_no_empty_answer() -> None:
    with pytest.raises(SourceUnreadable):
        looked_up(lambda _: HTML, CT)
    with pytest.raises(SourceFailed):
        looked_up(lambda _: Reply(500), CT)


@pytest.mark.parametrize(
    ("reference", "patient_id"),
    [
        ("Patient/ada", "ada"),
        ("https://ehr.example/fhir/Patient/ada", "ada"),
        ("Patient/ada/_history/3", "ada"),
        ("https://other.example/fhir/Patient/ada", ""),
        ("Patient/../Observation/1", ""),
        ("Patient/", ""),
        ("Group/ada", ""),
        ("#ada", ""),
        (None, ""),
    ],
)
def test_owner_of_a_study_is_a_patient_of_this_server_or_nobody(reference: str | None, patient_id: str) -> None:
    assert patient_of(reference, "https://ehr.example/fhir/") == patient_id
