"""The hospital's audit repository: what it takes, from whom, and what the EHR's page shows of it."""

import copy
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.application import record_system
from sandbox.audit.repository import MOST
from sandbox.sightline_settings import AUDIT_TOKEN

HOSPITAL, SIGHTLINE = "http://hospital.test:9000", "http://sightline.test:8000"
OPENED: dict[str, Any] = {
    "resourceType": "AuditEvent",
    "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
    "subtype": [{"code": "read", "display": "read"}, {"code": "image-launch", "display": "Image launch"}],
    "recorded": "2026-11-22T14:06:00.500+00:00",
    "outcome": "0",
    "outcomeDesc": "success",
    "agent": [
        {"who": {"reference": "https://ehr.example/fhir/Practitioner/nordahl"}, "requestor": True},
        {"who": {"display": "Web browser"}, "requestor": False, "network": {"address": "192.0.2.17", "type": "2"}},
    ],
    "source": {"observer": {"display": "Sightline"}},
    "entity": [
        {"type": {"code": "1"}, "what": {"reference": "https://ehr.example/fhir/Patient/ada"}},
        {"type": {"code": "2"}, "what": {"identifier": {"value": "urn:oid:1.2.840.1"}}},
        {"type": {"code": "XrequestId"}, "what": {"identifier": {"value": "K7XQ2MPA"}}},
        {"type": {"code": "4"}, "what": {"identifier": {"value": "urn:uuid:one"}}},
    ],
}


@pytest.fixture
def app() -> Flask:
    return record_system(HOSPITAL, SIGHTLINE, [])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sent(
    client: FlaskClient, event: object, token: str = AUDIT_TOKEN, media_type: str = "application/fhir+json"
) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post("/audit/fhir/r4/AuditEvent", data=json.dumps(event), content_type=media_type, headers=headers)


def test_event_is_created_and_shown_with_who_what_whose_and_from_where(client: FlaskClient) -> None:
    assert "No events yet" in client.get("/audit").text
    answer = sent(client, OPENED)

    assert answer.status_code == 201
    assert answer.location.startswith(f"{HOSPITAL}/audit/fhir/r4/AuditEvent/")
    page = client.get("/audit").text
    words = ("2026-11-22 14:06:00", "Image launch", "success", "Practitioner/nordahl", "Patient/ada", "192.0.2.17")
    for word in (*words, "urn:oid:1.2.840.1", "K7XQ2MPA"):
        assert f">{word}<" in page


@pytest.mark.parametrize("token", ["", "wrong", "Ünknown"])
def test_who_has_not_the_repositorys_own_token_writes_nothing(client: FlaskClient, token: str) -> None:
    answer = sent(client, OPENED, token)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["resourceType"] == "OperationOutcome"
    assert "No events yet" in client.get("/audit").text


def test_other_media_type_is_refused(client: FlaskClient) -> None:
    assert sent(client, OPENED, media_type="text/plain").status_code == 415


@pytest.mark.parametrize("missing", ["type", "recorded", "agent", "source", "resourceType"])
def test_event_without_what_r4_requires_is_refused(client: FlaskClient, missing: str) -> None:
    answer = sent(client, {name: value for name, value in OPENED.items() if name != missing})

    assert answer.status_code == 422
    assert "No events yet" in client.get("/audit").text


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "x",
        OPENED | {"id": "mine"},
        OPENED | {"agent": [{}]},
        OPENED | {"agent": ["x"]},
        OPENED | {"recorded": "2026-11-22T14:06:00"},
        OPENED | {"recorded": 7},
        OPENED | {"source": {}},
        OPENED | {"entity": "x"},
        OPENED | {"entity": [{"what": 7}]},
    ],
)
def test_what_is_no_event_is_refused(client: FlaskClient, event: object) -> None:
    assert sent(client, event).status_code == 422


def test_event_that_comes_twice_is_shown_once_and_said(client: FlaskClient) -> None:
    sent(client, OPENED)
    assert sent(client, OPENED).status_code == 201
    page = client.get("/audit").text

    assert page.count("Image launch") == 1
    assert "1 came twice" in page


def test_newest_stands_first_and_memory_has_an_end(app: Flask, client: FlaskClient) -> None:
    repository = app.extensions["audit"]
    for number in range(MOST + 1):
        event = copy.deepcopy(OPENED)
        event["entity"] = [{"type": {"code": "XrequestId"}, "what": {"identifier": {"value": f"R{number}"}}}]
        repository.take(event)
    lines = repository.lines()

    assert (len(lines), lines[0].request, lines[-1].request) == (MOST, f"R{MOST}", "R1")


def test_page_shows_what_an_event_does_not_say_as_nothing(client: FlaskClient) -> None:
    bare = {name: OPENED[name] for name in ("resourceType", "type", "recorded", "source")} | {
        "agent": [{"requestor": True}]
    }
    assert sent(client, bare).status_code == 201
    page = client.get("/audit").text

    assert "None" not in page
    assert ">rest<" in page


def test_nobody_reads_events_over_fhir(client: FlaskClient) -> None:
    assert client.get("/audit/fhir/r4/AuditEvent").status_code in (404, 405)
