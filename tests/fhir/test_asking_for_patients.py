"""A FHIR server asked for patients: names in the body, another question only where the first is not taken."""

from collections.abc import Callable

import pytest

from sightline.authorization import FixedHeader
from sightline.errors import (
    NotAllowed,
    SignInEnded,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceUnreadable,
)
from sightline.fhir.client import FhirClient
from sightline.fhir.patient_search import Found
from sightline.outbound import Door
from sightline.patient_criteria import Criteria
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at, limits_of

TOKEN = "Bearer t0ken-of-sightline"
ADA = Criteria(family="Lindqvist", given="Ada")
RECORD = {"resourceType": "Patient", "id": "ada", "name": [{"family": "Lindqvist", "given": ["Ada"]}]}
HIT = as_json({"resourceType": "Bundle", "total": 1, "entry": [{"resource": RECORD}]})
NOBODY = as_json({"resourceType": "Bundle", "total": 0})
REFUSED = as_json({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}, 400)


def looked_up(
    answer: Callable[[Asked], Reply], criteria: Criteria = ADA, token: str = TOKEN
) -> tuple[Found, list[Asked]]:
    with FarSide(answer) as server:
        limits = limits_of()
        door = Door(limits.answer_seconds, limits.answer_bytes)
        client = FhirClient(ehr_at(f"{server.url}/fhir/r4/"), limits, door, FixedHeader(token))
        return client.patients(criteria), server.asked


def test_names_stand_in_the_body_and_in_no_address() -> None:
    found, asked = looked_up(lambda _: HIT)

    assert [hit.patient.id for hit in found.hits] == ["ada"]
    [question] = asked
    assert (question.method, question.target) == ("POST", "/fhir/r4/Patient/_search")
    assert question.form == {"family": "Lindqvist", "given": "Ada", "_count": "21"}
    assert question.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert question.headers["Authorization"] == TOKEN
    assert question.headers["Accept"].startswith("application/fhir+json")


def test_server_without_authorization_gets_no_header_of_it() -> None:
    _, [question] = looked_up(lambda _: NOBODY, token="")

    assert question.headers["Authorization"] is None


@pytest.mark.parametrize("status", [404, 405, 410, 415, 501])
def test_server_without_a_search_by_post_is_asked_by_get(status: int) -> None:
    found, asked = looked_up(lambda question: Reply(status) if question.method == "POST" else HIT)

    assert len(found.hits) == 1
    assert [question.method for question in asked] == ["POST", "GET"]
    assert asked[1].path == "/fhir/r4/Patient"
    assert asked[1].query == {"family": "Lindqvist", "given": "Ada", "_count": "21"}


def test_server_that_knows_no_family_is_asked_by_name() -> None:
    found, asked = looked_up(lambda question: HIT if "name" in question.form else REFUSED)

    assert len(found.hits) == 1
    assert [question.form for question in asked] == [
        {"family": "Lindqvist", "given": "Ada", "_count": "21"},
        {"name": "Lindqvist", "_count": "21"},
    ]


def test_other_patients_that_the_name_alone_brings_are_left_out_and_counted() -> None:
    cleo = RECORD | {"id": "cleo", "name": [{"family": "Lindqvist", "given": ["Cleo"]}]}
    both = as_json({"resourceType": "Bundle", "entry": [{"resource": RECORD}, {"resource": cleo}]})

    found, _ = looked_up(lambda question: both if "name" in question.form else REFUSED)

    assert [hit.patient.id for hit in found.hits] == ["ada"]
    assert found.unfit == 1


def test_question_without_a_name_that_is_not_taken_is_a_failure() -> None:
    with pytest.raises(SourceRefusedQuestion):
        looked_up(lambda _: REFUSED, Criteria(identifier="SB-1001"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(401), SignInEnded),
        (Reply(403), NotAllowed),
        (Reply(500), SourceFailed),
        (Reply(404), SourceFailed),
        (Reply(302, headers={"Location": "/elsewhere"}), SourceFailed),
        (HTML, SourceUnreadable),
        (as_json(RECORD), SourceUnreadable),
    ],
)
def test_failure_is_never_an_empty_register(answer: Reply, error: type[SourceError]) -> None:
    with pytest.raises(error):
        looked_up(lambda _: answer)


def test_register_without_a_search_says_so() -> None:
    with pytest.raises(SourceFailed) as refusal:
        looked_up(lambda _: Reply(404))
    assert refusal.value.sentence == "The hospital's system offers no search for patients here."
