"""What an EHR says beside its token: read where it is well said, and never a reason for a launch to fail."""

from typing import Any

import pytest
from hypothesis import given, strategies

from sightline.auth.launch_context import LaunchContext, launch_context
from sightline.study_reference import StudyReference
from tests.any_json import values

ISS = "https://ehr.example/tenant/fhir"
UID = "1.2.840.113619.2.5"


def studies(*items: Any, iss: str = ISS) -> tuple[StudyReference, ...]:
    return launch_context({"fhirContext": list(items)}, iss).studies


def test_context_of_a_token_that_says_nothing_is_a_plain_one() -> None:
    assert launch_context({}, ISS) == LaunchContext(needs_banner=True, encounter="", intent="", studies=())


def test_encounter_and_intent_are_kept() -> None:
    context = launch_context({"encounter": "enc-7", "intent": "reconcile-imaging"}, ISS)

    assert (context.encounter, context.intent) == ("enc-7", "reconcile-imaging")


@pytest.mark.parametrize("said", [False, 0, "", None, "false", True, 7, []])
def test_banner_is_left_to_the_ehr_only_where_it_says_false_to_the_letter(said: Any) -> None:
    assert launch_context({"need_patient_banner": said}, ISS).needs_banner is (said is not False)


@pytest.mark.parametrize(
    "reference",
    [
        "ImagingStudy/st-1",
        f"{ISS}/ImagingStudy/st-1",
        "ImagingStudy/st-1/_history/3",
        f"{ISS}/ImagingStudy/st-1/_history/3",
    ],
)
@pytest.mark.parametrize("iss", [ISS, f"{ISS}/"])
def test_study_is_named_by_a_reference_relative_or_on_this_base(reference: str, iss: str) -> None:
    assert studies({"reference": reference}, iss=iss) == (StudyReference(resource_id="st-1"),)


@pytest.mark.parametrize(
    "reference",
    [
        "https://other.example/fhir/ImagingStudy/st-1",
        "https://ehr.example/another-tenant/fhir/ImagingStudy/st-1",
        f"{ISS}x/ImagingStudy/st-1",
        "ImagingStudy/../Patient/cleo",
        "ImagingStudy/st-1?x=1",
        "ImagingStudy/",
        "ImagingStudy/st-1/series",
        "#ImagingStudy/st-1",
    ],
)
def test_study_that_is_not_on_this_server_is_kept_as_one_that_will_not_be_found(reference: str) -> None:
    assert studies({"reference": reference}) == (StudyReference(),)


@pytest.mark.parametrize(
    ("identifier", "named"),
    [
        ({"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}, StudyReference(uid=UID)),
        ({"system": "urn:dicom:uid", "value": UID}, StudyReference(uid=UID)),
        ({"system": "urn:dicom:uid", "value": "not a uid"}, StudyReference()),
        ({"value": f"urn:oid:{UID}"}, StudyReference(uid=UID)),
        ({"value": UID}, StudyReference(uid=UID)),
        ({"system": "https://hospital.example/accession", "value": " A-2026-1 "}, StudyReference(accession="A-2026-1")),
        ({"system": "https://hospital.example/accession"}, StudyReference()),
        ({"value": "x" * 65}, StudyReference()),
        ({"value": "a\nb"}, StudyReference()),
        ({"value": ["A-1"]}, StudyReference()),
    ],
)
def test_study_is_named_by_its_uid_or_its_accession_number(identifier: Any, named: StudyReference) -> None:
    assert studies({"identifier": identifier, "type": "ImagingStudy"}) == (named,)


def test_uid_that_is_labelled_needs_no_type_beside_it() -> None:
    assert studies({"identifier": {"system": "urn:dicom:uid", "value": UID}}) == (StudyReference(uid=UID),)


@pytest.mark.parametrize(
    "item",
    [
        {"reference": "ImagingStudy/st-1", "role": "https://vendor.example/role/prior"},
        {"reference": "ImagingStudy/st-1", "role": ""},
        {"reference": "ServiceRequest/7"},
        {"reference": "DiagnosticReport/7", "type": "DiagnosticReport"},
        {"identifier": {"value": "A-1"}},
        {"identifier": {"value": "A-1"}, "type": "ServiceRequest"},
        {"canonical": "https://example.org/Questionnaire/1", "type": "Questionnaire"},
        "ImagingStudy/st-1",
        None,
        7,
        [],
    ],
    ids=str,
)
def test_what_is_no_study_or_has_another_role_is_passed_over(item: Any) -> None:
    assert studies(item) == ()


def test_role_launch_is_what_no_role_means() -> None:
    assert studies({"reference": "ImagingStudy/st-1", "role": "launch"}) == studies({"reference": "ImagingStudy/st-1"})


def test_study_named_twice_is_one_and_a_flood_of_them_is_cut() -> None:
    assert len(studies(*[{"reference": "ImagingStudy/st-1"}] * 3)) == 1
    assert len(studies(*({"reference": f"ImagingStudy/{nth}"} for nth in range(500)))) == 20


@pytest.mark.parametrize("context", [None, {}, "x", 7, {"reference": "ImagingStudy/1"}, [[{}]], [{"identifier": 7}]])
def test_context_of_another_form_is_none(context: Any) -> None:
    assert launch_context({"fhirContext": context}, ISS).studies == ()


@pytest.mark.parametrize("value", [7, None, [], {}, "a" * 100, "a\nb", "a\u202eb"])
def test_encounter_and_intent_that_are_malformed_are_not_said(value: Any) -> None:
    assert launch_context({"encounter": value, "intent": value}, ISS) == LaunchContext()


def test_encounter_is_an_id_and_nothing_that_could_change_an_address() -> None:
    assert launch_context({"encounter": "../Patient"}, ISS).encounter == ""


def test_keys_that_nobody_asked_for_change_nothing() -> None:
    more = {"tenant": "t1", "smart_style_url": "http://169.254.169.254/", "epic.dstu2.patient": "x", "": 1}

    assert launch_context(more, ISS) == LaunchContext()


KEYS = ["need_patient_banner", "encounter", "intent", "fhirContext"]


@given(
    strategies.dictionaries(strategies.sampled_from(KEYS), values)
    | strategies.builds(lambda items: {"fhirContext": items}, strategies.lists(values))
)
def test_no_token_response_breaks_the_reading(token: dict[str, Any]) -> None:
    assert len(launch_context(token, ISS).studies) <= 20
