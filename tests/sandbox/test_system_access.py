"""FHIR bases that let a system in, for all patients: each in its own way, and in no other."""

import base64
import json
import secrets
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from sandbox.application import record_system
from sandbox.fhir import VERSIONS
from sandbox.records import StudyRecord
from sandbox.sightline_settings import ASYMMETRIC, BACKEND, BASIC_USER, BEARER_TOKEN
from sandbox.smart.assertions import ASSERTION_TYPE, Assertions

HOSPITAL, SIGHTLINE = "http://hospital.test:9000", "http://sightline.test:8000"
CT = StudyRecord("1.2.3.4", "ada", "A-1", started="2026-03-05T10:00:00+01:00", modalities=("CT",))
HEAD = StudyRecord("1.2.3.5", "cleo", "C-1", started="2026-03-06T10:00:00+01:00", modalities=("MR",))
BEARER = {"Authorization": f"Bearer {BEARER_TOKEN}"}
BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(BASIC_USER).encode()).decode()}
RIGHT = {"bearer": BEARER, "basic": BASIC, "open": {}}


KEY = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "one"})


@pytest.fixture(scope="module")
def app() -> Flask:
    made = record_system(HOSPITAL, SIGHTLINE, [CT, HEAD])
    keys = {"keys": [KEY.as_dict(private=False)]}
    made.extensions["assertions"] = Assertions(f"{HOSPITAL}/auth/token", time.time, lambda address: keys)
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("way", RIGHT)
def test_system_reads_everybody(browser: FlaskClient, way: str) -> None:
    for patient in ("ada", "cleo", "ada-emergency"):
        answer = browser.get(f"/{way}/fhir/r4/Patient/{patient}", headers=RIGHT[way])
        assert (answer.status_code, answer.json["id"]) == (200, patient)  # type: ignore[index]


@pytest.mark.parametrize("way", RIGHT)
@pytest.mark.parametrize("shown", [*RIGHT, "wrong bearer", "wrong basic"])
def test_each_base_takes_its_own_way_and_no_other(browser: FlaskClient, way: str, shown: str) -> None:
    wrong = {"wrong bearer": {"Authorization": "Bearer x"}, "wrong basic": {"Authorization": "Basic eDp5"}}
    answer = browser.get(f"/{way}/fhir/r4/Patient/ada", headers=(RIGHT | wrong)[shown])

    assert (answer.status_code == 200) == (way == shown)
    if way not in (shown, "open"):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].lower().startswith(way)


def test_base_of_a_launch_takes_none_of_them(browser: FlaskClient) -> None:
    for headers in RIGHT.values():
        assert browser.get("/fhir/r4/Patient/ada", headers=headers).status_code == 401


def found(browser: FlaskClient, path: str, **form: str) -> list[str]:
    answer = browser.post(f"/open{path}/_search", data=form)
    assert answer.status_code == 200, answer.text
    entries = json.loads(answer.text).get("entry", [])
    return [entry["resource"]["id"] if "resource" in entry else entry["id"].rsplit("/", 1)[1] for entry in entries]


@pytest.mark.parametrize("version", VERSIONS)
def test_everybody_is_looked_up_by_a_search_by_post(browser: FlaskClient, version: str) -> None:
    path = f"/fhir/{version}/Patient"

    assert found(browser, path, family="lindq", given="a") == ["ada", "ada-emergency"]
    assert found(browser, path, family="Lindqvist", birthdate="1979-03-30") == ["cleo"]
    assert found(browser, path, identifier="SB-1002") == ["ben"]
    assert found(browser, path, identifier="SB-9999") == []


@pytest.mark.parametrize(("version", "word"), [("dstu2", "replace"), ("stu3", "replaced-by"), ("r4", "replaced-by")])
def test_former_record_names_the_one_that_holds(browser: FlaskClient, version: str, word: str) -> None:
    record = json.loads(browser.get(f"/open/fhir/{version}/Patient/ada-emergency").text)

    assert record["link"] == [{"other": {"reference": "Patient/ada"}, "type": word}]
    assert record["active"] is False


def test_studies_are_those_of_the_patient_who_is_asked_for(browser: FlaskClient) -> None:
    for patient, study in (("ada", CT), ("cleo", HEAD)):
        answer = browser.get(f"/open/fhir/r4/ImagingStudy?patient={patient}&_count=1000").json
        assert answer is not None
        assert study.id in {entry["resource"]["id"] for entry in answer["entry"]}
        subjects = {entry["resource"]["subject"]["reference"] for entry in answer["entry"]}
        assert subjects == {f"Patient/{patient}"}


def test_nobody_has_the_studies_of_an_unknown_patient(browser: FlaskClient) -> None:
    answer = browser.get("/open/fhir/r4/ImagingStudy?patient=nobody").json

    assert answer is not None
    assert answer["total"] == 0


def test_search_by_post_has_a_form(browser: FlaskClient) -> None:
    answer = browser.post("/open/fhir/r4/Patient/_search", json={"family": "Lindqvist"})

    assert answer.status_code == 415


def asked_for_token(browser: FlaskClient, client_id: str = BACKEND, **changes: str) -> TestResponse:
    """SMART 2.2 "Backend Services": a token for the client itself."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": f"{HOSPITAL}/auth/token", "exp": now + 200}
    header = {"alg": "ES384", "typ": "JWT", "kid": "one"}
    form = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.rs system/ImagingStudy.rs",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(header, claims | {"jti": secrets.token_urlsafe()}, KEY, ["ES384"]),
    }
    return browser.post("/auth/token", data=form | changes)


def test_backend_service_gets_a_short_token_for_its_own_base_and_no_other(browser: FlaskClient) -> None:
    answer = asked_for_token(browser).json

    assert answer is not None
    assert answer["scope"] == "system/Patient.rs system/ImagingStudy.rs"
    assert answer["expires_in"] == 300
    assert "refresh_token" not in answer
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    for patient in ("ada", "cleo"):
        assert browser.get(f"/backend/fhir/r4/ImagingStudy?patient={patient}", headers=bearer).status_code == 200
    assert browser.get("/backend/fhir/r4/DiagnosticReport?patient=ada", headers=bearer).status_code == 403
    for base in ("/fhir/r4", "/backend/fhir/r5", "/bearer/fhir/r4"):
        assert browser.get(f"{base}/Patient/ada", headers=bearer).status_code == 401, base


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "patient/ImagingStudy.rs"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "system/Patient.cruds"}, "invalid_scope"),
        ({"client_assertion": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_backend_service_gets_nothing_else(browser: FlaskClient, changes: dict[str, str], error: str) -> None:
    answer = asked_for_token(browser, **changes).json

    assert answer is not None
    assert answer["error"] == error


def test_client_that_launches_may_not_ask_for_itself(browser: FlaskClient) -> None:
    answer = asked_for_token(browser, ASYMMETRIC).json

    assert answer is not None
    assert answer["error"] == "unauthorized_client"
