"""The audit trail as R4 AuditEvents, checked by fhirclient's strict models on the way, and here by BALP's own rules."""

import base64
import json
from typing import Any

import pytest
from fhirclient.models.auditevent import AuditEvent
from msgspec.structs import replace

from sightline.audit_record import Action, Record
from sightline.fhir.audit_event import audit_event
from tests.audit_examples import AT, CASES, EHR, EXAMPLES, SIGHTLINE, SITE, record_of

DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}


def event_of(case: str) -> dict[str, Any]:
    return audit_event(record_of(case), SIGHTLINE, SITE)


def agents(event: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The agents by the code, or the text, of their type."""
    return {
        (agent["type"].get("coding") or [{"code": agent["type"].get("text")}])[0]["code"]: agent
        for agent in event["agent"]
    }


def entities(event: dict[str, Any], type_: str, role: str | None = None) -> list[dict[str, Any]]:
    return [e for e in event["entity"] if (e["type"]["code"], e.get("role", {}).get("code")) == (type_, role)]


def is_coding(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    return expected.items() <= found.items()


def test_there_is_an_example_of_every_action() -> None:
    assert {record_of(case).action for case in CASES} == set(Action)


@pytest.mark.parametrize("case", CASES)
def test_record_becomes_the_event_of_its_example(case: str) -> None:
    expected = json.loads((EXAMPLES / f"{case}.event.json").read_text())

    assert event_of(case) == expected


@pytest.mark.parametrize("case", CASES)
def test_example_is_valid_r4_and_has_what_r4_requires(case: str) -> None:
    event = json.loads((EXAMPLES / f"{case}.event.json").read_text())

    assert AuditEvent(event).as_json() == event
    assert event["type"]["code"]
    assert event["recorded"] == record_of(case).recorded
    assert event["source"]["observer"]["identifier"]["value"] == SIGHTLINE
    assert [agent["requestor"] for agent in event["agent"]].count(True) == 1
    assert event["action"] in "CRUDE"
    assert event["outcome"] in ("0", "4", "8", "12")
    for entity in event.get("entity", []):
        assert not ("name" in entity and "query" in entity)


@pytest.mark.parametrize("case", CASES)
def test_event_says_who_where_from_which_ehr_and_which_request(case: str) -> None:
    event, record = event_of(case), record_of(case)
    found = agents(event)

    assert found["Web browser"]["network"] == {"address": record.browser, "type": "2"}
    assert (record.archive or record.ehr) in [agent.get("network", {}).get("address") for agent in event["agent"]]
    assert {"system": EHR, "value": "sightline"} in [agent["who"].get("identifier") for agent in event["agent"]]
    assert entities(event, "XrequestId")[0]["what"]["identifier"]["value"] == record.request
    assert entities(event, "4")[0]["what"]["identifier"]["value"] == f"urn:uuid:{record.id}"
    if record.user:
        assert found["IRCP"]["who"]["identifier"] == {"system": "https://ehr.example/auth", "value": "u-7"}
        tie = ("Chart", record.chart) if record.chart else ("Sign-in", record.sign_in)
        assert entities(event, "4")[0]["detail"] == [{"type": tie[0], "valueString": tie[1]}]


def test_search_for_patients_names_what_was_asked_by_and_never_what_it_was() -> None:
    (query,) = entities(event_of("patient-search"), "2", "24")

    assert query["detail"] == [{"type": "Search parameters", "valueString": "family birthdate"}]
    assert "query" not in query


def test_list_is_balps_patient_query() -> None:
    event = event_of("list")
    found = agents(event)

    assert is_coding(event["type"], REST)
    assert event["action"] == "E"
    assert event["subtype"][0]["code"] == "search-type"
    client, server, user = found["110153"], found["110152"], found["IRCP"]
    assert (client["network"]["address"], server["network"]["address"]) == (SIGHTLINE, EHR)
    assert "network" not in user
    assert user["requestor"] is True
    assert len(entities(event, "1", "1")) == 1
    (query,) = entities(event, "2", "24")
    assert not query.keys() & {"what", "lifecycle", "detail"}
    asked = base64.b64decode(query["query"]).decode()
    assert asked == f"GET {EHR}/ImagingStudy?patient=ada&_count=50"


def test_list_says_nothing_of_what_came() -> None:
    assert "12" not in json.dumps(event_of("list")["entity"])
    assert "studies" not in json.dumps(event_of("list"))


def test_opening_is_balps_patient_read_with_its_roles_reversed_and_a_launch() -> None:
    event = event_of("open")
    found = agents(event)

    assert is_coding(event["type"], REST)
    assert event["action"] == "R"
    assert [subtype["code"] for subtype in event["subtype"]] == ["read", "image-launch"]
    assert found["110152"]["network"]["address"] == SIGHTLINE
    assert found["110153"]["network"]["address"] == EHR
    assert found["110151"]["network"]["address"] == SIGHTLINE
    assert found["110150"]["who"]["display"] == "display"
    assert found["110150"]["network"] == {"address": "https://viewer.example", "type": "5"}
    assert "network" not in found["IRCP"]
    (patient,), (study,) = entities(event, "1", "1"), entities(event, "2", "3")
    assert patient["what"]["reference"] == f"{EHR}/Patient/ada"
    assert study["what"]["reference"] == f"{EHR}/ImagingStudy/ct-1"
    assert study["what"]["identifier"] == {"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.113619.2.5"}
    assert study["detail"] == [{"type": "Accession Number", "valueString": "A-2026-17"}]


@pytest.mark.parametrize(
    ("case", "subtype", "outcome"),
    [
        ("sign-in", "110122", "0"),
        ("sign-in-refused", "110122", "8"),
        ("sign-out", "110123", "0"),
    ],
)
def test_signing_in_and_out_is_user_authentication(case: str, subtype: str, outcome: str) -> None:
    event = event_of(case)

    assert is_coding(event["type"], {"system": DCM, "code": "110114"})
    assert is_coding(event["subtype"][0], {"system": DCM, "code": subtype})
    assert (event["action"], event["outcome"]) == ("E", outcome)


def test_encounter_of_the_launch_is_named_with_the_ehrs_base() -> None:
    event = audit_event(replace(record_of("list"), encounter="e-1"), SIGHTLINE)

    (encounter,) = [each for each in event["entity"] if each.get("what", {}).get("reference", "").endswith("/e-1")]
    assert encounter["what"] == {"reference": f"{EHR}/Encounter/e-1"}
    assert encounter["role"]["code"] == "4"


def test_refused_sign_in_names_nobody_it_does_not_know() -> None:
    event = event_of("sign-in-refused")

    assert event["outcomeDesc"] == "LaunchNotOurs"
    assert agents(event)["IRCP"]["who"] == {"display": "unknown"}
    assert not entities(event, "1", "1")


def test_study_without_uid_is_named_by_its_accession_number() -> None:
    record = Record(Action.OPEN, "success", AT, ehr=EHR, patient="ada", accession="A-1")

    assert audit_event(record, SIGHTLINE)["entity"][1]["what"]["identifier"] == {"value": "A-1"}


@pytest.mark.parametrize("stated", ["Practitioner", "Practitioner/a b", "javascript:alert(1)", "Device/7", "x" * 2000])
def test_user_stated_in_another_form_than_a_reference_is_known_by_the_sub_alone(stated: str) -> None:
    record = Record(Action.LIST, "success", AT, ehr=EHR, user_issuer=EHR, user="u-7", fhir_user=stated)

    assert audit_event(record, SIGHTLINE)["agent"][0]["who"] == {"identifier": {"system": EHR, "value": "u-7"}}


@pytest.mark.parametrize("action", Action)
def test_event_of_somebody_unknown_is_valid_and_says_nothing_empty(action: Action) -> None:
    event = audit_event(Record(action, "ChartClosed", AT, id="one", refusal_code="8"), SIGHTLINE)

    assert agents(event)["IRCP"]["who"] == {"display": "unknown"}
    assert '""' not in json.dumps(event)


@pytest.mark.parametrize(("outcome", "code"), [("success", "0"), ("NotAllowed", "8")])
def test_record_of_an_older_build_has_the_weight_that_it_had(outcome: str, code: str) -> None:
    event = audit_event(Record(Action.LIST, outcome, AT, ehr=EHR, patient="ada", studies=3), SIGHTLINE)

    assert event["outcome"] == code
    assert not entities(event, "4")
