"""A search for patients: what is asked, what is made of the answer. Ada is looked for; Cleo is not taken for her."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from sightline.errors import SightlineError, SourceFailed, SourceUnreadable
from sightline.fhir.patient_search import MOST_HITS, Found, found, hit, parameters, parameters_by_name
from sightline.patient_criteria import Criteria
from tests import any_json

ADA = {
    "resourceType": "Patient",
    "id": "ada",
    "identifier": [{"type": {"coding": [{"code": "MR"}], "text": "MRN"}, "value": "SB-1001"}],
    "name": [{"use": "official", "family": "Lindqvist", "given": ["Ada"]}],
    "gender": "female",
    "birthDate": "1951-07-14",
}
CLEO = ADA | {
    "id": "cleo",
    "identifier": [{"value": "SB-1003"}],
    "name": [{"family": "Lindqvist", "given": ["Cleo"]}],
    "birthDate": "1979-03-30",
}
NAMES = Criteria(family="Lindqvist", given="Ada")


def bundle(*resources: Any, **more: Any) -> bytes:
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "total": len(resources), "entry": entries, **more}).encode()


def ids(result: Found) -> list[str]:
    return [each.patient.id for each in result.hits]


def test_question_holds_what_is_known_and_nothing_else() -> None:
    assert parameters(NAMES) == {"family": "Lindqvist", "given": "Ada", "_count": "21"}
    assert parameters(Criteria(birth_date="1951-07-14", identifier="SB-1001")) == {
        "identifier": "SB-1001",
        "birthdate": "1951-07-14",
        "_count": "21",
    }


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Lindqvist,Okafor", "Lindqvist\\,Okafor"),
        ("a|b", "a\\|b"),
        ("a$b", "a\\$b"),
        ("a\\", "a\\\\"),
        ("O'Neil", "O'Neil"),
    ],
)
def test_sign_that_separates_values_cannot_widen_the_question(typed: str, sent: str) -> None:
    assert parameters(Criteria(family=typed))["family"] == sent
    assert parameters(Criteria(identifier=typed))["identifier"] == sent
    by_name = parameters_by_name(Criteria(family=typed))
    assert by_name is not None
    assert by_name["name"] == sent


def test_server_that_knows_only_name_is_asked_for_the_family_name() -> None:
    asked = Criteria(family="Lindqvist", given="Ada", birth_date="1951-07-14")

    assert parameters_by_name(asked) == {"name": "Lindqvist", "birthdate": "1951-07-14", "_count": "21"}
    assert parameters_by_name(Criteria(given="Ada")) == {"name": "Ada", "_count": "21"}
    assert parameters_by_name(Criteria(identifier="SB-1001")) is None


def test_hit_says_who_it_is() -> None:
    result = found(bundle(ADA), NAMES)

    [only] = result.hits
    assert (only.patient.formal_name, only.patient.birth_date) == ("LINDQVIST, Ada", "1951-07-14")
    assert (only.patient.identifier_label, only.patient.identifier, only.patient.sex) == ("MRN", "SB-1001", "female")
    assert only.can_be_told_apart
    assert not only.replaced
    assert only.in_use
    assert result.is_whole


def test_bundle_without_entries_is_whole_and_empty() -> None:
    result = found(b'{"resourceType":"Bundle","type":"searchset","total":0}', NAMES)

    assert result.hits == []
    assert result.is_whole


def test_feed_of_dstu1_keeps_the_id_beside_the_patient() -> None:
    content = {key: value for key, value in ADA.items() if key != "id"}
    entry = {"id": "https://ehr.example/fhir/Patient/ada/_history/2", "content": content}
    body = json.dumps({"resourceType": "Bundle", "totalResults": 1, "entry": [entry]}).encode()

    assert ids(found(body, NAMES)) == ["ada"]


def test_twenty_are_shown_and_more_are_said() -> None:
    many = [ADA | {"id": f"p{number}"} for number in range(MOST_HITS + 1)]

    assert len(found(bundle(*many[:-1]), NAMES).hits) == MOST_HITS
    assert not found(bundle(*many[:-1]), NAMES).more
    assert len(found(bundle(*many), NAMES).hits) == MOST_HITS
    assert found(bundle(*many), NAMES).more


@pytest.mark.parametrize(
    "sign",
    [
        {"total": 7},
        {"link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]},
        {"link": {"rel": "next", "href": "https://ehr.example/fhir?page=2"}},
        {"link": [{"relation": "Next", "url": "https://ehr.example/fhir?page=2"}]},
        {"link": [{"url": "https://ehr.example/fhir?page=2"}]},
    ],
)
def test_server_that_has_more_than_it_sent_is_believed(sign: dict[str, Any]) -> None:
    result = found(bundle(ADA, **sign), NAMES)

    assert result.more
    assert not result.is_whole


def test_record_of_another_birth_date_is_not_shown_and_counted() -> None:
    result = found(bundle(ADA, CLEO), Criteria(family="Lindqvist", birth_date="1951-07-14"))

    assert ids(result) == ["ada"]
    assert result.unfit == 1
    assert not result.is_whole
    assert not result.more


def test_record_of_another_number_is_not_shown_and_counted() -> None:
    result = found(bundle(ADA, CLEO), Criteria(identifier="sb 1001"))

    assert ids(result) == ["ada"]
    assert result.unfit == 1


@pytest.mark.parametrize("birth_date", ["1951", "1951-07", "1951-07-14", None])
def test_record_that_says_less_contradicts_nothing(birth_date: str | None) -> None:
    record = {key: value for key, value in (ADA | {"birthDate": birth_date}).items() if value}

    assert ids(found(bundle(record), Criteria(family="Lindqvist", birth_date="1951-07-14"))) == ["ada"]
    without_number = {key: value for key, value in ADA.items() if key != "identifier"}
    assert ids(found(bundle(without_number), Criteria(identifier="SB-1001"))) == ["ada"]


def test_how_names_are_spelled_is_left_to_the_server() -> None:
    record = ADA | {"name": [{"family": "Müller", "given": ["Jörg"]}]}

    assert ids(found(bundle(record), Criteria(family="Mueller", given="Joerg"))) == ["ada"]


def test_name_that_could_not_be_asked_for_is_looked_at_here() -> None:
    result = found(bundle(ADA, CLEO), NAMES, by_name=True)

    assert ids(result) == ["ada"]
    assert result.unfit == 1
    accented = ADA | {"name": [{"family": "Lindqvist", "given": ["Adá"]}, {"text": "Ada von Lindqvist"}]}
    assert ids(found(bundle(accented), NAMES, by_name=True)) == ["ada"]


@pytest.mark.parametrize(
    "record",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Patient", "id": "../Patient/cleo"},
        {"resourceType": "Patient", "id": "a" * 65},
        {"resourceType": "Patient", "id": 7},
        {"resourceType": "Person", "id": "ada"},
        "Ada",
        None,
        7,
        [],
    ],
)
def test_record_that_nobody_can_read_is_counted(record: Any) -> None:
    result = found(bundle(record, ADA), NAMES)

    assert ids(result) == ["ada"]
    assert result.unreadable == 1
    assert not result.is_whole


def test_same_record_twice_is_one_hit() -> None:
    assert ids(found(bundle(ADA, ADA), NAMES)) == ["ada"]


def test_included_resource_is_no_hit() -> None:
    body = json.loads(bundle(ADA))
    body["entry"].append({"resource": {"resourceType": "Organization", "id": "o"}, "search": {"mode": "include"}})
    body["total"] = 1

    result = found(json.dumps(body).encode(), NAMES)

    assert ids(result) == ["ada"]
    assert result.is_whole


@pytest.mark.parametrize("mode", ["include", "outcome"])
def test_patient_who_is_said_to_be_no_match_is_no_hit_and_no_answer_that_nobody_was_found(mode: str) -> None:
    body = {"resourceType": "Bundle", "entry": [{"resource": CLEO, "search": {"mode": mode}}]}

    result = found(json.dumps(body).encode(), NAMES)

    assert result.hits == []
    assert not result.is_whole


@pytest.mark.parametrize("entries", ["", {}, 0, False, None, {"resource": None}])
def test_entries_that_are_no_list_are_not_nobody(entries: Any) -> None:
    assert not found(json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), NAMES).is_whole


@pytest.mark.parametrize("total", [3.0, "3 ", 1_000_000_000, -1, "many", True, {}])
def test_total_that_is_no_number_is_trouble(total: Any) -> None:
    assert found(json.dumps({"resourceType": "Bundle", "total": total}).encode(), NAMES).troubled
    assert found(json.dumps({"resourceType": "Bundle", "totalResults": total}).encode(), NAMES).troubled


@pytest.mark.parametrize("issue", [{"code": "exception"}, {"severity": "warning", "code": "incomplete"}])
def test_outcome_that_says_not_all_is_trouble(issue: dict[str, str]) -> None:
    assert found(bundle({"resourceType": "OperationOutcome", "issue": [issue]}, total=0), NAMES).troubled


def test_error_beside_the_hits_is_said() -> None:
    issue = {"severity": "error", "code": "incomplete", "diagnostics": "The archive of the east wing did not answer."}
    body = json.loads(bundle(ADA))
    body["entry"].append({"resource": {"resourceType": "OperationOutcome", "issue": [issue]}})

    result = found(json.dumps(body).encode(), NAMES)

    assert result.warnings == ["The archive of the east wing did not answer."]
    assert result.troubled
    assert not result.is_whole


@pytest.mark.parametrize("kind", ["replaced-by", "replace"])
def test_replaced_record_names_its_successor(kind: str) -> None:
    old = ADA | {"id": "ada-old", "link": [{"other": {"reference": "Patient/ada"}, "type": kind}]}

    [only] = found(bundle(old), NAMES).hits

    assert only.replaced
    assert only.successor == "ada"


@pytest.mark.parametrize(
    "other",
    [
        {"reference": "https://other.example/fhir/Patient/ada"},
        {"reference": "#ada"},
        {"reference": "Patient/../x"},
        {"display": "Ada"},
        None,
        "Patient/ada",
    ],
)
def test_replaced_record_whose_successor_is_not_clear_names_none(other: Any) -> None:
    replaced = hit(ADA | {"link": [{"other": other, "type": "replaced-by"}]}, "ada-old")

    assert replaced.replaced
    assert replaced.successor == ""


def test_two_successors_are_none() -> None:
    links = [{"other": {"reference": f"Patient/{name}"}, "type": "replaced-by"} for name in ("ada", "cleo")]

    assert hit(ADA | {"link": links}, "ada-old").successor == ""


@pytest.mark.parametrize("kind", ["replaces", "refer", "seealso", None, 7])
def test_other_links_replace_nothing(kind: Any) -> None:
    assert not hit(ADA | {"link": [{"other": {"reference": "Patient/cleo"}, "type": kind}]}, "ada").replaced


def test_record_out_of_use_says_so() -> None:
    assert not hit(ADA | {"active": False}, "ada").in_use
    assert hit(ADA | {"active": True}, "ada").in_use


@pytest.mark.parametrize("missing", [("birthDate", "identifier"), ("name",)])
def test_patient_without_two_marks_cannot_be_told_apart(missing: tuple[str, ...]) -> None:
    record = {key: value for key, value in ADA.items() if key not in missing}

    assert not hit(record, "ada").can_be_told_apart


def test_operation_outcome_in_place_of_a_bundle_is_a_failure() -> None:
    body = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "too-costly"}]}
    with pytest.raises(SourceFailed) as refusal:
        found(json.dumps(body).encode(), NAMES)
    assert refusal.value.detail == "OperationOutcome instead of a Bundle: error/too-costly"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"resourceType":"Patient"}', b"{"])
def test_what_is_no_bundle_is_said_to_be_unreadable(body: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        found(body, NAMES)


@settings(deadline=None)
@given(st.lists(any_json.values), any_json.values, st.booleans())
def test_no_entry_whatever_it_is_breaks_the_search(entries: list[Any], link: Any, by_name: bool) -> None:
    body = json.dumps({"resourceType": "Bundle", "entry": entries, "link": link, "total": link}).encode()
    try:
        result = found(body, NAMES, by_name=by_name)
    except SightlineError:
        return
    assert result.unreadable + result.unfit + len(result.hits) <= len(entries) + 1


@settings(deadline=None)
@given(any_json.values, any_json.values, any_json.values, any_json.values)
def test_no_patient_whatever_it_says_breaks_the_search(name: Any, identifier: Any, link: Any, other: Any) -> None:
    record = ADA | {"name": name, "identifier": identifier, "link": [{"type": "replaced-by", "other": other}, link]}
    result = found(bundle(record), NAMES, by_name=True)
    assert len(result.hits) + result.unfit == 1
