"""The hospital's staff sign-in: an OpenID provider that asks who it is, once a browser, and checks what it is sent."""

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from sandbox.application import record_system
from sandbox.sightline_settings import CLIENT_SECRET, STAFF
from tests.sandbox.test_authorization_server import CHALLENGE, VERIFIER, Clock

HOSPITAL, SIGHTLINE = "http://hospital.test:9000", "http://sightline.test:8000"
RETURN = f"{SIGHTLINE}/sign-in/r4-bearer/return"
GOOD = {
    "response_type": "code",
    "client_id": STAFF,
    "redirect_uri": RETURN,
    "scope": "openid profile",
    "state": "s" * 32,
    "nonce": "n" * 32,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{STAFF}:{CLIENT_SECRET}".encode()).decode()}
DOCTOR = {"user": "nordahl", "password": "fjord"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Flask:
    return record_system(HOSPITAL, SIGHTLINE, [], clock)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def address(**changes: str) -> str:
    asked = {name: value for name, value in (GOOD | changes).items() if value}
    return f"/staff/authorize?{urlencode(asked)}"


def came_back_with(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(f"{RETURN}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def exchanged(browser: FlaskClient, code: str, **changes: str) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURN, "code_verifier": VERIFIER}
    return browser.post("/staff/token", data=form | changes, headers=BASIC)


def test_provider_says_where_it_can_be_found(browser: FlaskClient) -> None:
    stated = browser.get("/staff/.well-known/openid-configuration").json

    assert stated is not None
    assert stated["issuer"] == f"{HOSPITAL}/staff"
    assert stated["end_session_endpoint"] == f"{HOSPITAL}/staff/logout"
    assert stated["code_challenge_methods_supported"] == ["S256"]


def test_doctor_signs_in_and_the_token_says_who_it_is(browser: FlaskClient, clock: Clock) -> None:
    assert "<h1>Staff sign-in</h1>" in browser.get(address()).text

    back = came_back_with(browser.post(address(), data=DOCTOR))
    answer = exchanged(browser, back["code"]).json

    assert back["state"] == GOOD["state"]
    assert answer is not None
    keys = KeySet.import_key_set(browser.get("/staff/jwks").json)  # type: ignore[arg-type]
    claims = jwt.decode(answer["id_token"], keys).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == (f"{HOSPITAL}/staff", "nordahl", STAFF)
    assert claims["nonce"] == GOOD["nonce"]
    assert claims["roles"] == ["staff", "imaging"]
    assert claims["iat"] == int(clock.now)


@pytest.mark.parametrize(
    "typed", [{}, {"user": "nordahl", "password": "Fjord"}, {"user": "nobody", "password": "fjord"}]
)
def test_wrong_password_leads_nowhere(browser: FlaskClient, typed: dict[str, str]) -> None:
    answer = browser.post(address(), data=typed)

    assert answer.status_code == 401
    assert "User or password is wrong." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_browser_that_is_known_is_not_asked_again_until_it_signs_out(browser: FlaskClient) -> None:
    browser.post(address(), data=DOCTOR)
    assert came_back_with(browser.get(address()))["code"]

    assert "Signed out" in browser.get("/staff/logout").text
    assert browser.get(address()).status_code == 200


def test_code_is_good_once(browser: FlaskClient) -> None:
    code = came_back_with(browser.post(address(), data=DOCTOR))["code"]

    assert exchanged(browser, code).status_code == 200
    assert exchanged(browser, code).json == {"error": "invalid_grant"}


def test_code_is_good_for_a_minute(browser: FlaskClient, clock: Clock) -> None:
    code = came_back_with(browser.post(address(), data=DOCTOR))["code"]
    clock.now += 61

    assert exchanged(browser, code).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"redirect_uri": f"{SIGHTLINE}/sign-in/r4-basic/return"},
        {"grant_type": "client_credentials"},
        {"code": "guessed"},
    ],
)
def test_code_is_good_only_for_who_asked(browser: FlaskClient, changes: dict[str, str]) -> None:
    code = came_back_with(browser.post(address(), data=DOCTOR))["code"]

    assert exchanged(browser, **{"code": code, **changes}).status_code == 400


def test_client_that_does_not_prove_itself_gets_nothing(browser: FlaskClient) -> None:
    code = came_back_with(browser.post(address(), data=DOCTOR))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETURN, "code_verifier": VERIFIER}

    assert browser.post("/staff/token", data=form).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"state": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_request_that_lacks_what_oidc_demands_goes_back_with_an_error(
    browser: FlaskClient, changes: dict[str, str], error: str
) -> None:
    assert came_back_with(browser.get(address(**changes)))["error"] == error


@pytest.mark.parametrize("changes", [{"client_id": "x"}, {"redirect_uri": "https://elsewhere.example/"}])
def test_stranger_is_not_redirected_to(browser: FlaskClient, changes: dict[str, str]) -> None:
    answer = browser.get(address(**changes))

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_challenge_of_the_test_is_that_of_its_verifier() -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()

    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == CHALLENGE
