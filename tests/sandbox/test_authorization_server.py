"""The hospital's authorization server: what SMART App Launch 2.2 and OAuth 2.0 demand, granted and refused."""

import base64
import hashlib
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from sandbox.application import record_system
from sandbox.sightline_settings import CLIENT_SECRET

HOSPITAL, SIGHTLINE = "http://hospital.test:9000", "http://sightline.test:8000"
R4 = f"{HOSPITAL}/fhir/r4"
CALLBACK = f"{SIGHTLINE}/callback/r4"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = {"Authorization": "Basic " + base64.b64encode(f"sightline:{CLIENT_SECRET}".encode()).decode()}


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Flask:
    return record_system(HOSPITAL, SIGHTLINE, [], clock)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def launch(browser: FlaskClient, patient: str = "ada", ehr: str = "r4") -> str:
    """The launch value that the EHR hands to Sightline for this patient."""
    location = browser.get(f"/launch-only/{patient}?ehr={ehr}").location
    return parse_qs(urlsplit(location).query)["launch"][0]


def request_of(launched: str, **changes: str) -> dict[str, str]:
    """A good authorization request; a change to an empty text leaves the parameter out."""
    good = {
        "response_type": "code",
        "client_id": "sightline",
        "redirect_uri": CALLBACK,
        "launch": launched,
        "scope": "launch openid fhirUser patient/ImagingStudy.read",
        "state": "s" * 32,
        "aud": R4,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "nonce": "n" * 32,
    } | changes
    return {name: value for name, value in good.items() if value}


def authorize(browser: FlaskClient, **changes: str) -> dict[str, str]:
    """What comes back to the redirect URI."""
    form = request_of(changes.pop("launch", "") or launch(browser), **changes)
    answer = browser.get("/auth/authorize", query_string=form)

    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(form["redirect_uri"] + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def code_form(code: str) -> dict[str, str]:
    """A good token request for this code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }


def exchange(browser: FlaskClient, code: str, headers: dict[str, str] | None = None, **changes: str) -> TestResponse:
    form = code_form(code) | changes
    return browser.post("/auth/token", data=form, headers=BASIC if headers is None else headers)


def refresh(browser: FlaskClient, token: str, **more: str) -> TestResponse:
    return browser.post(
        "/auth/token", data={"grant_type": "refresh_token", "refresh_token": token, **more}, headers=BASIC
    )


def studies(browser: FlaskClient, token: str) -> int:
    """The status of a search for Ada's studies with this token."""
    return browser.get("/fhir/r4/ImagingStudy?patient=ada", headers={"Authorization": f"Bearer {token}"}).status_code


def test_launch_from_the_chart_ends_in_a_token_for_that_patient(browser: FlaskClient) -> None:
    back = authorize(browser)
    answer = exchange(browser, back["code"])

    assert back["state"] == "s" * 32
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["patient"] == "ada"
    assert answer.json["token_type"] == "Bearer"
    assert 0 < answer.json["expires_in"] <= 3600
    assert set(answer.json["scope"].split()) == {"launch", "openid", "fhirUser", "patient/ImagingStudy.read"}
    assert answer.json["need_patient_banner"] is True
    assert "refresh_token" not in answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert studies(browser, answer.json["access_token"]) == 200


def test_authorization_request_may_come_by_post(browser: FlaskClient) -> None:
    answer = browser.post("/auth/authorize", data=request_of(launch(browser)))

    assert answer.status_code == 303
    assert "code=" in answer.location


def test_frame_in_the_chart_needs_no_second_patient_banner(browser: FlaskClient) -> None:
    page = browser.get("/chart/ada/imaging").text
    launched = page.split("launch=")[1].split('"')[0]
    answer = exchange(browser, authorize(browser, launch=launched)["code"])

    assert answer.json is not None
    assert answer.json["need_patient_banner"] is False


def test_id_token_is_signed_and_made_for_this_client_and_nonce(browser: FlaskClient) -> None:
    answer = exchange(browser, authorize(browser)["code"]).json
    published = browser.get("/auth/jwks").json
    assert answer is not None
    assert published is not None
    keys = KeySet.import_key_set({"keys": published["keys"]})
    token = jwt.decode(answer["id_token"], keys, algorithms=["RS256"])

    assert token.header["kid"] == keys.keys[0].kid
    assert token.claims["iss"] == f"{HOSPITAL}/auth"
    assert token.claims["aud"] == "sightline"
    assert token.claims["nonce"] == "n" * 32
    assert token.claims["fhirUser"].startswith(f"{R4}/Practitioner/")
    assert token.claims["iat"] < token.claims["exp"]


def test_published_keys_have_no_private_half(browser: FlaskClient) -> None:
    answer = browser.get("/auth/jwks").json
    assert answer is not None
    keys = answer["keys"]

    assert keys
    assert all(key["kty"] == "RSA" and not {"d", "p", "q"} & set(key) for key in keys)


def test_id_token_is_only_for_those_who_ask_for_openid(browser: FlaskClient) -> None:
    answer = exchange(browser, authorize(browser, scope="launch patient/*.rs")["code"]).json

    assert answer is not None
    assert "id_token" not in answer


def test_public_client_needs_no_secret_but_its_own_redirect_uri(browser: FlaskClient) -> None:
    mine = f"{SIGHTLINE}/callback/r4-public"
    about = {"client_id": "sightline-public", "redirect_uri": mine, "aud": f"{HOSPITAL}/public/fhir/r4"}
    back = authorize(browser, launch=launch(browser, ehr="r4-public"), **about)
    answer = exchange(browser, back["code"], {}, client_id="sightline-public", redirect_uri=mine)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/callback/r4"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": f"{SIGHTLINE}/callback/r4-public"},
        {"redirect_uri": ""},
    ],
)
def test_nothing_is_redirected_to_an_address_that_is_not_trusted(browser: FlaskClient, changes: dict[str, str]) -> None:
    answer = browser.get("/auth/authorize", query_string=request_of(launch(browser), **changes))

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "cannot be opened" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"state": ""}, "invalid_request"),
        ({"aud": ""}, "invalid_request"),
        ({"aud": "https://elsewhere.example/fhir/r4"}, "invalid_request"),
        ({"aud": f"{HOSPITAL}/fhir/r5"}, "invalid_request"),
        ({"scope": "launch patient/ImagingStudy.read patient/Spaceship.read"}, "invalid_scope"),
        ({"scope": "launch patient/ImagingStudy.sr"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "openid patient/ImagingStudy.read"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"launch": "made-up"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_client(browser: FlaskClient, changes: dict[str, str], error: str) -> None:
    back = authorize(browser, **changes)

    assert back["error"] == error
    assert back["error_description"]
    assert "code" not in back


def test_a_repeated_parameter_is_refused(browser: FlaskClient) -> None:
    form = [*request_of(launch(browser)).items(), ("scope", "launch patient/*.rs")]
    answer = browser.get("/auth/authorize", query_string=form)

    assert "error=invalid_request" in answer.location


def test_neither_launch_nor_standalone_scope_gives_no_patient(browser: FlaskClient) -> None:
    form = request_of("", scope="openid patient/ImagingStudy.read")
    answer = browser.get("/auth/authorize", query_string=form)

    assert "error=invalid_request" in answer.location


def test_a_launch_is_good_once(browser: FlaskClient) -> None:
    launched = launch(browser)
    first, second = authorize(browser, launch=launched), authorize(browser, launch=launched)

    assert "code" in first
    assert second["error"] == "invalid_request"


def test_a_launch_is_good_for_five_minutes(browser: FlaskClient, clock: Clock) -> None:
    in_time, too_late = launch(browser), launch(browser)
    clock.now += 299
    assert "code" in authorize(browser, launch=in_time)
    clock.now += 2

    assert authorize(browser, launch=too_late)["error"] == "invalid_request"


def test_a_wrong_request_does_not_spend_the_launch(browser: FlaskClient) -> None:
    launched = launch(browser)
    authorize(browser, launch=launched, scope="launch patient/Spaceship.read")

    assert "code" in authorize(browser, launch=launched)


def test_writing_is_never_granted(browser: FlaskClient) -> None:
    answer = exchange(browser, authorize(browser, scope="launch patient/ImagingStudy.write user/*.read")["code"]).json

    assert answer is not None
    assert answer["scope"] == "launch"
    assert studies(browser, answer["access_token"]) == 403


def test_a_code_is_good_for_one_minute(browser: FlaskClient, clock: Clock) -> None:
    code = authorize(browser)["code"]
    clock.now += 61
    answer = exchange(browser, code)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "invalid_grant"


def test_second_use_of_a_code_ends_the_tokens_of_the_first(browser: FlaskClient) -> None:
    code = authorize(browser, scope="launch offline_access patient/*.rs")["code"]
    first = exchange(browser, code).json
    assert first is not None
    assert studies(browser, first["access_token"]) == 200

    assert exchange(browser, code).status_code == 400
    assert studies(browser, first["access_token"]) == 401
    assert refresh(browser, first["refresh_token"]).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "made-up"}, "invalid_grant"),
        ({"redirect_uri": f"{SIGHTLINE}/callback/r5"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "sightline-public"}, "invalid_client"),
    ],
)
def test_a_code_is_bound_to_what_it_was_made_for(browser: FlaskClient, changes: dict[str, str], error: str) -> None:
    answer = browser.post("/auth/token", data=code_form(authorize(browser)["code"]) | changes, headers=BASIC)

    assert answer.json is not None
    assert answer.json["error"] == error
    assert "access_token" not in answer.json


def test_a_code_of_one_client_is_no_good_to_another(browser: FlaskClient) -> None:
    code = authorize(browser)["code"]
    answer = exchange(browser, code, {}, client_id="sightline-public")

    assert answer.json is not None
    assert answer.json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("", {"client_id": "sightline"}),
        ("", {"client_id": "sightline", "client_secret": CLIENT_SECRET}),
        ("", {}),
        ("sightline:wrong", {}),
        ("sightline:", {}),
        ("sightline-public:", {}),
        ("somebody:secret", {}),
    ],
)
def test_a_client_that_does_not_prove_itself_is_refused(
    browser: FlaskClient, header: str, form: dict[str, str]
) -> None:
    headers = {"Authorization": "Basic " + base64.b64encode(header.encode()).decode()} if header else {}
    code = authorize(browser)["code"]
    answer = browser.post("/auth/token", data={**code_form(code), **form}, headers=headers)

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"] == "invalid_client"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_header_that_is_no_basic_one_is_refused(browser: FlaskClient) -> None:
    for header in ("Basic %%%", "Bearer abc", "Basic", "Basic /w=="):
        assert exchange(browser, "any", {"Authorization": header}).status_code == 401


def test_refresh_gives_new_tokens_for_the_same_patient(browser: FlaskClient) -> None:
    first = exchange(browser, authorize(browser, scope="launch online_access patient/*.rs")["code"]).json
    assert first is not None
    second = refresh(browser, first["refresh_token"]).json

    assert second is not None
    assert second["patient"] == "ada"
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert studies(browser, second["access_token"]) == 200


def test_second_use_of_a_refresh_token_ends_the_family(browser: FlaskClient) -> None:
    first = exchange(browser, authorize(browser, scope="launch offline_access patient/*.rs")["code"]).json
    assert first is not None
    second = refresh(browser, first["refresh_token"]).json
    assert second is not None

    assert refresh(browser, first["refresh_token"]).status_code == 400
    assert studies(browser, second["access_token"]) == 401
    assert refresh(browser, second["refresh_token"]).status_code == 400


def test_refresh_may_narrow_the_scopes_but_not_widen_them(browser: FlaskClient) -> None:
    scope = "launch offline_access patient/Patient.rs patient/ImagingStudy.rs"
    first = exchange(browser, authorize(browser, scope=scope)["code"]).json
    assert first is not None
    narrow = refresh(browser, first["refresh_token"], scope="patient/Patient.rs").json
    assert narrow is not None
    wide = refresh(browser, narrow["refresh_token"], scope="patient/*.rs")

    assert studies(browser, narrow["access_token"]) == 403
    assert wide.json is not None
    assert wide.json["error"] == "invalid_scope"


def test_refresh_token_of_one_client_is_no_good_to_another(browser: FlaskClient) -> None:
    first = exchange(browser, authorize(browser, scope="launch offline_access patient/*.rs")["code"]).json
    assert first is not None
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": "sightline-public"}

    assert browser.post("/auth/token", data=form).status_code == 400
    assert refresh(browser, first["refresh_token"]).status_code == 200


def test_an_access_token_ends_after_an_hour(browser: FlaskClient, clock: Clock) -> None:
    answer = exchange(browser, authorize(browser)["code"]).json
    assert answer is not None
    clock.now += 3601

    assert studies(browser, answer["access_token"]) == 401


def test_revocation_ends_access_and_refresh(browser: FlaskClient) -> None:
    first = exchange(browser, authorize(browser, scope="launch offline_access patient/*.rs")["code"]).json
    assert first is not None
    form = {"token": first["refresh_token"]}

    assert browser.post("/auth/revoke", data={**form, "client_id": "sightline-public"}).status_code == 200
    assert studies(browser, first["access_token"]) == 200
    assert browser.post("/auth/revoke", data=form, headers=BASIC).status_code == 200
    assert studies(browser, first["access_token"]) == 401
    assert refresh(browser, first["refresh_token"]).status_code == 400
    assert browser.post("/auth/revoke", data={"token": "unknown"}, headers=BASIC).status_code == 200
    assert browser.post("/auth/revoke", data=form).status_code == 401


def test_introspection_tells_the_owner_and_nobody_else(browser: FlaskClient) -> None:
    answer = exchange(browser, authorize(browser)["code"]).json
    assert answer is not None
    form = {"token": answer["access_token"]}
    mine = browser.post("/auth/introspect", data=form, headers=BASIC).json
    anothers = browser.post("/auth/introspect", data={**form, "client_id": "sightline-public"}).json

    assert mine is not None
    assert (mine["active"], mine["patient"], mine["client_id"]) == (True, "ada", "sightline")
    assert anothers == {"active": False}
    assert browser.post("/auth/introspect", data=form).status_code == 401


def test_standalone_launch_lets_a_person_pick_the_patient(browser: FlaskClient) -> None:
    form = request_of("", scope="launch/patient patient/ImagingStudy.rs")
    page = browser.get("/auth/authorize", query_string=form)
    asked = page.text.split('name="asked" value="')[1].split('"')[0]
    back = browser.post("/auth/patient", data={"asked": asked, "patient": "cleo"})
    code = parse_qs(urlsplit(back.location).query)["code"][0]
    answer = exchange(browser, code).json

    assert answer is not None
    assert answer["patient"] == "cleo"
    assert SIGHTLINE in page.headers["Content-Security-Policy"]
    assert browser.post("/auth/patient", data={"asked": asked, "patient": "cleo"}).status_code == 400


def test_an_unknown_patient_cannot_be_picked(browser: FlaskClient) -> None:
    page = browser.get("/auth/authorize", query_string=request_of("", scope="launch/patient patient/ImagingStudy.rs"))
    asked = page.text.split('name="asked" value="')[1].split('"')[0]

    assert browser.post("/auth/patient", data={"asked": asked, "patient": "nobody"}).status_code == 400


def test_both_configurations_name_the_same_addresses(browser: FlaskClient) -> None:
    smart = browser.get("/fhir/dstu2/.well-known/smart-configuration")
    openid = browser.get("/auth/.well-known/openid-configuration")

    assert smart.json is not None
    assert openid.json is not None
    assert smart.mimetype == "application/json"
    assert smart.json["code_challenge_methods_supported"] == ["S256"]
    assert {"launch-ehr", "launch-standalone", "sso-openid-connect", "permission-v1"} <= set(smart.json["capabilities"])
    assert smart.json.items() <= openid.json.items()
    assert smart.json["issuer"] == f"{HOSPITAL}/auth"
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint"):
        assert smart.json[name].startswith(f"{HOSPITAL}/auth/")


def test_every_return_says_which_server_it_comes_from(browser: FlaskClient) -> None:
    issuer = f"{HOSPITAL}/auth"

    assert authorize(browser)["iss"] == issuer
    assert authorize(browser, scope="nonsense")["iss"] == issuer
    assert browser.get("/fhir/r4/.well-known/smart-configuration").json[
        "authorization_response_iss_parameter_supported"
    ]


OLD = {"aud": f"{HOSPITAL}/old/fhir/r4", "redirect_uri": f"{SIGHTLINE}/callback/r4-old"}


def test_old_record_system_knows_the_first_syntax_of_scopes_only(browser: FlaskClient) -> None:
    for scope, error in (("patient/ImagingStudy.read", None), ("patient/ImagingStudy.rs", "invalid_scope")):
        back = authorize(browser, launch=launch(browser, ehr="r4-old"), scope=f"launch openid {scope}", **OLD)
        assert back.get("error") == error


def test_old_record_system_says_in_its_metadata_alone_where_to_sign_in(browser: FlaskClient) -> None:
    assert browser.get("/old/fhir/r4/.well-known/smart-configuration").status_code == 404
    assert f"{HOSPITAL}/auth/authorize" in browser.get("/old/fhir/r4/metadata").text


def test_tokens_of_the_short_lived_kind_end_after_half_a_minute(browser: FlaskClient, clock: Clock) -> None:
    base = f"{HOSPITAL}/short/fhir/r4"
    short = {"aud": base, "redirect_uri": f"{SIGHTLINE}/callback/r4-short"}
    back = authorize(browser, launch=launch(browser, ehr="r4-short"), **short)
    answer = exchange(browser, back["code"], redirect_uri=short["redirect_uri"]).json
    assert answer is not None
    headers = {"Authorization": f"Bearer {answer['access_token']}"}

    assert answer["expires_in"] == 30
    assert browser.get("/short/fhir/r4/ImagingStudy?patient=ada", headers=headers).status_code == 200
    clock.now += 31
    assert browser.get("/short/fhir/r4/ImagingStudy?patient=ada", headers=headers).status_code == 401
