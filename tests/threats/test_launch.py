"""Threats to the launch, each played by a hostile EHR, a hostile page or a person with another's link."""

import hashlib
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.far_side import FarSide, Reply, as_json
from tests.hostile_ehr import TOKEN, Clinician, HostileEhr

SMART_CONFIGURATION = "/fhir/.well-known/smart-configuration"


def assert_refused(answer: requests.Response, *statuses: int) -> None:
    assert answer.status_code in (statuses or (400, 403))
    assert "Imaging could not be opened from the chart" in answer.text
    assert "Lindqvist" not in answer.text


def test_ssrf_via_iss(clinician: Clinician, stranger: FarSide) -> None:
    assert_refused(clinician.is_launched(f"{stranger.url}/fhir"))
    assert_refused(clinician.is_launched("http://169.254.169.254/fhir"))
    assert stranger.asked == clinician.ehr.asked == []


@pytest.mark.parametrize("named", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_ssrf_via_discovery(clinician: Clinician, ehr: HostileEhr, stranger: FarSide, named: str) -> None:
    for elsewhere in (
        f"{stranger.url}/x",
        "http://169.254.169.254/x",
        f"{ehr.url}@127.0.0.1:1/x",
        "file:///etc/passwd",
    ):
        ehr.answers[SMART_CONFIGURATION] = as_json(ehr.configuration(**{named: elsewhere}))
        assert_refused(clinician.is_launched())
    assert stranger.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", [SMART_CONFIGURATION, "/token", "/keys", "/fhir/Patient/ada"])
def test_redirects(clinician: Clinician, ehr: HostileEhr, stranger: FarSide, path: str, status: int) -> None:
    ehr.answers[path] = Reply(status, b"x" * 100_000, {"Location": f"{stranger.url}/x"})
    answer = clinician.is_launched() if path == SMART_CONFIGURATION else clinician.opens_chart()
    assert_refused(answer, 403, 502)
    assert stranger.asked == []


def test_mix_up(clinician: Clinician) -> None:
    """RFC 9700 4.4: each EHR has a redirect URI of its own, and an `iss` in the return must be the one asked."""
    back = clinician.signs_in()
    assert urlsplit(back).path == "/callback/north"
    assert_refused(clinician.lands(f"{back}&iss=https%3A%2F%2Fother.example"))
    assert clinician.ehr.asked_for("/token") == []


def test_login_csrf(clinician: Clinician, ehr: HostileEhr) -> None:
    """RFC 9700 4.7: a return that another browser began opens nothing here."""
    attackers = clinician.signs_in()
    victim = Clinician(ehr, clinician.sightline_url)
    assert_refused(victim.lands(attackers))
    assert ehr.asked_for("/token") == []
    assert not [cookie for cookie in victim.browser.cookies if cookie.path.startswith("/s/")]


def test_session_fixation(clinician: Clinician, ehr: HostileEhr) -> None:
    """Ids are made at the return and never accepted from outside."""
    address = clinician.opens_chart().url
    victim = Clinician(ehr, clinician.sightline_url)
    path = urlsplit(address).path
    victim.browser.cookies.set("chart", "A" * 43, path=path, domain="127.0.0.1")
    assert urlsplit(victim.opens_chart().url).path != path
    assert "Lindqvist" not in victim.lands(path).text


def test_code_injection(clinician: Clinician, ehr: HostileEhr) -> None:
    """RFC 9700 4.5: the code goes to the server with this launch's verifier, and the id_token must name its nonce."""
    sent = urlsplit(clinician.is_launched().headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(sent.query).items()}
    ehr.nonce = "of-another-launch"
    assert_refused(clinician.lands(f"/callback/north?{urlencode({'code': 'stolen', 'state': asked['state']})}"))
    [request] = ehr.asked_for("/token")
    digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


@pytest.mark.parametrize("methods", [[], ["plain"], None, "S256 plain"])
def test_pkce_downgrade(clinician: Clinician, ehr: HostileEhr, methods: object) -> None:
    """RFC 9700 4.8."""
    ehr.answers[SMART_CONFIGURATION] = as_json(ehr.configuration(code_challenge_methods_supported=methods))
    assert_refused(clinician.is_launched())


def test_forged_id_token(clinician: Clinician, ehr: HostileEhr) -> None:
    forged = RSAKey.generate_key(2048, {"kid": "ehr"})
    ehr.answers["/token"] = lambda _: as_json(ehr.token(key=forged))
    assert_refused(clinician.opens_chart())


def test_code_in_history_or_referer(clinician: Clinician) -> None:
    """RFC 9700 4.2 and 4.3."""
    answer = clinician.goes_to(clinician.signs_in())
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).query == ""
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.text.count("c0de") == 0


@pytest.mark.parametrize("name", ["next", "url", "redirect_uri", "target", "return_to"])
def test_open_redirect(clinician: Clinician, name: str) -> None:
    """RFC 9700 4.11: no parameter says where to go."""
    more = urlencode({name: "https://evil.example/"})
    away = clinician.is_launched()
    assert away.headers["Location"].startswith(f"{clinician.ehr.url}/authorize?")
    page = clinician.lands(f"{clinician.signs_in()}&{more}")
    for address in (f"{page.url}?{more}", f"/?{more}", f"//evil.example/?{more}"):
        answer = clinician.goes_to(address)
        assert "evil.example" not in answer.headers.get("Location", "")


def test_counterfeit_resource_server(clinician: Clinician, ehr: HostileEhr, stranger: FarSide) -> None:
    """RFC 9700 4.9.1: `aud` is the configured base, and the token goes to that base alone."""
    asked = parse_qs(urlsplit(clinician.is_launched().headers["Location"]).query)
    assert asked["aud"] == [f"{ehr.url}/fhir"]
    told = ehr.token
    ehr.answers["/token"] = lambda _: as_json(told(fhirBaseUrl=stranger.url, serviceUri=stranger.url, iss=stranger.url))
    clinician.opens_chart()
    bearers = [asked for asked in ehr.asked if asked.headers.get("Authorization") == f"Bearer {TOKEN}"]
    assert bearers
    assert all(asked.path.startswith("/fhir/") for asked in bearers)
    assert stranger.asked == []


def test_return_used_at_once_by_many(clinician: Clinician, ehr: HostileEhr) -> None:
    back = clinician.signs_in()
    with ThreadPoolExecutor(6) as at_once:
        statuses = sorted(answer.status_code for answer in at_once.map(clinician.goes_to, [back] * 6))
    assert statuses == [303, 400, 400, 400, 400, 400]
    assert len(ehr.asked_for("/token")) == 1


@pytest.mark.parametrize("patient", [None, "", "../Patient/cleo", "a b", 7, {"id": "ada"}, "x" * 65, "ada?x=1"])
def test_patient_that_is_missing_or_no_id(clinician: Clinician, ehr: HostileEhr, patient: object) -> None:
    ehr.answers["/token"] = lambda _: as_json(ehr.token(patient=patient))
    assert_refused(clinician.opens_chart())
    assert [asked for asked in ehr.asked if asked.path.startswith("/fhir/Patient")] == []


def test_attackers_words_in_the_return(clinician: Clinician) -> None:
    words = "<script>alert(1)</script> call 555-0100"
    back = clinician.signs_in(error=words, error_description=words, error_uri="https://evil.example")
    answer = clinician.lands(back)
    assert_refused(answer)
    assert "555" not in answer.text
    assert "evil.example" not in answer.text
