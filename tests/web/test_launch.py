"""From the EHR to an open chart, and every way in which that may not go."""

import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

import pytest
import requests

from sandbox.fhir import VERSIONS
from sandbox.smart.keys import SigningKey
from tests.conftest import Pair, free_ports
from tests.ehr_user import EhrUser, Page
from tests.far_side import Reply, as_json
from tests.hostile_ehr import TOKEN, Clinician, HostileEhr, trusting_sightline
from tests.web.conftest import Overheard, Trail

HEADING = "Imaging could not be opened from the chart"
NOT_BEGUN_HERE = "This sign-in was not begun in this browser window, was used already, or took longer than ten minutes."
NOT_CONFIRMED = "The EHR did not confirm the sign-in."


def assert_refused(page: Page, status: int, sentence: str) -> None:
    assert page.status == status
    assert page.heading == HEADING
    assert sentence in page.text
    assert "No patient data was read." in page.text
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)
    assert page.patient == ""


def without(address: str, name: str) -> str:
    """The address without this parameter."""
    parts = urlsplit(address)
    kept = [(key, value[0]) for key, value in parse_qs(parts.query).items() if key != name]
    return parts._replace(query=urlencode(kept)).geturl()


def test_launch_from_the_chart_leads_to_the_patients_list(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    assert (page.status, page.heading) == (200, "Imaging studies")
    assert page.patient == "LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) Sex Female MRN SB-1001"
    assert len(page.rows) == 13
    signed_in = trail.records[0]
    assert (signed_in["action"], signed_in["outcome"]) == ("sign-in", "success")
    assert signed_in["patient"] == "ada"
    assert signed_in["user"] == "nordahl"
    assert signed_in["fhir_user"].endswith("Practitioner/nordahl")


def test_address_of_an_opened_chart_holds_neither_code_nor_state(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    answer = user.asks(callback)
    assert answer.status_code == 303
    assert re.fullmatch(r"/s/[\w-]{20,}/", urlsplit(answer.headers["Location"]).path)
    assert urlsplit(answer.headers["Location"]).query == ""


def test_sign_in_asks_with_pkce_state_nonce_and_audience(user: EhrUser) -> None:
    launch = user.launch_address("ada")
    sign_in = urlsplit(user.is_sent_to_sign_in(launch).headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(sign_in.query).items()}
    sent = parse_qs(urlsplit(launch).query)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert asked["aud"] == sent["iss"][0]
    assert asked["launch"] == sent["launch"][0]
    assert asked["redirect_uri"] == f"{user.pair.sightline_url}/callback/r4"


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_every_fhir_version_shows_the_same_studies(user: EhrUser, version: str) -> None:
    def openable(page: Page) -> list[tuple[str, ...]]:
        return [(row.date, row.type, row.description, row.counts) for row in page.rows if row.images]

    assert openable(user.opens_chart("ada", version)) == openable(user.opens_chart("ada", "r4"))


@pytest.mark.parametrize("version", sorted(set(VERSIONS) - {"dstu1"}))
def test_every_fhir_version_that_has_a_side_says_it(user: EhrUser, version: str) -> None:
    page = user.opens_chart("ada", version)
    assert page.row("Lower leg AP").side == "LEFT"
    assert page.row("MR shoulder").side == "RIGHT"
    assert page.row("Mammography").side == "LEFT + RIGHT (by series)"
    assert page.row("MR brain").side == ""


def test_version_is_asked_of_the_server_and_its_own_question_used(user: EhrUser, overheard: Overheard) -> None:
    user.opens_chart("ada", "dstu1")
    assert any(asked.startswith("/fhir/dstu1/metadata") for asked in overheard.asked)
    assert any(asked.startswith("/fhir/dstu1/ImagingStudy?subject=ada&") for asked in overheard.asked)


@pytest.mark.parametrize(
    ("version", "sort"),
    [
        ("dstu1", "_sort:desc=date"),
        ("dstu2", "_sort:desc=started"),
        ("stu3", "_sort=-started"),
        ("r5", "_sort=-started"),
    ],
)
def test_every_version_is_asked_for_newest_first_in_words_that_it_knows(
    user: EhrUser, overheard: Overheard, version: str, sort: str
) -> None:
    user.opens_chart("ada", version)
    [search] = [unquote(asked) for asked in overheard.asked if "/ImagingStudy?" in asked]
    assert sort in search.partition("?")[2].split("&")


def test_public_client_without_a_secret_signs_in_too(user: EhrUser) -> None:
    assert len(user.opens_chart("ada", "r4-public").rows) == 13


def test_two_launches_under_way_in_one_browser_do_not_disturb_each_other(user: EhrUser) -> None:
    adas = user.comes_back_with(user.launch_address("ada"))
    cleos = user.comes_back_with(user.launch_address("cleo"))
    assert user.visits(adas).patient.startswith("LINDQVIST, Ada")
    assert user.visits(cleos).patient.startswith("LINDQVIST, Cleo")


def test_ehr_that_is_not_configured_is_refused_and_never_asked_anything(user: EhrUser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        iss = f"http://127.0.0.1:{stranger.getsockname()[1]}/fhir/r4"
        page = user.visits(f"/launch?{urlencode({'iss': iss, 'launch': 'abc'})}")
        assert_refused(page, 403, "This EHR is not set up to open imaging here.")
        assert iss not in page.html
        stranger.settimeout(0.2)
        with pytest.raises(TimeoutError):
            stranger.accept()


@pytest.mark.parametrize("path", ["/FHIR/r4", "/fhir/r4/.", "/fhir/r4?x=1", "/fhir/r4//", "/fhir/r4#", "/fhir"])
def test_iss_that_is_almost_a_configured_one_is_refused(user: EhrUser, path: str) -> None:
    iss = f"{user.pair.hospital_url}{path}"
    page = user.visits(f"/launch?{urlencode({'iss': iss, 'launch': 'abc'})}")
    assert_refused(page, 403, "This EHR is not set up to open imaging here.")


def test_one_slash_more_at_the_end_of_iss_is_forgiven(user: EhrUser) -> None:
    launch = user.launch_address("ada").replace("fhir%2Fr4&", "fhir%2Fr4%2F&")
    assert user.visits(launch).heading == "Imaging studies"


@pytest.mark.parametrize("name", ["iss", "launch"])
def test_launch_that_lacks_a_parameter_says_which(user: EhrUser, name: str) -> None:
    page = user.visits(without(user.launch_address("ada"), name))
    assert_refused(page, 400, f"The EHR's request lacks a usable “{name}”.")


@pytest.mark.parametrize("value", ["", "x" * 5000, "a\r\nb", "a\x00b", "a\u202eb"])
def test_launch_value_that_cannot_be_one_is_refused_and_not_repeated(user: EhrUser, value: str) -> None:
    iss = f"{user.pair.hospital_url}/fhir/r4"
    page = user.visits(f"/launch?{urlencode({'iss': iss, 'launch': value})}")
    assert_refused(page, 400, "The EHR's request lacks a usable “launch”.")
    assert not value or value not in page.html


def test_launch_with_two_isses_is_refused(user: EhrUser) -> None:
    page = user.visits(user.launch_address("ada") + "&iss=http%3A%2F%2Fother.example")
    assert_refused(page, 400, "The EHR's request lacks a usable “iss”.")


def test_launch_value_used_before_is_refused_by_the_ehr_and_said(user: EhrUser, trail: Trail) -> None:
    launch = user.launch_address("ada")
    user.visits(launch)
    assert_refused(user.visits(launch), 403, NOT_CONFIRMED)
    assert trail.records[-1]["outcome"] == "LaunchRefused"


def test_launch_value_that_the_ehr_does_not_know_is_refused_and_said(user: EhrUser) -> None:
    iss = f"{user.pair.hospital_url}/fhir/r4"
    assert_refused(user.visits(f"/launch?{urlencode({'iss': iss, 'launch': 'guessed'})}"), 403, NOT_CONFIRMED)


def test_launch_value_of_another_fhir_server_is_refused_and_said(user: EhrUser) -> None:
    launch = user.launch_address("ada", "r4").replace("fhir%2Fr4&", "fhir%2Fr5&")
    assert_refused(user.visits(launch), 403, NOT_CONFIRMED)


def test_return_without_state_is_refused(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert_refused(user.visits(without(callback, "state")), 400, "The EHR's request lacks a usable “state”.")


def test_return_with_a_state_that_nobody_gave_out_is_refused(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert_refused(user.visits(without(callback, "state") + "&state=" + "A" * 43), 400, NOT_BEGUN_HERE)


def test_return_used_twice_opens_one_chart(user: EhrUser, trail: Trail) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert user.visits(callback).heading == "Imaging studies"
    assert_refused(user.visits(callback), 400, NOT_BEGUN_HERE)
    assert [r["outcome"] for r in trail.records if r["action"] == "sign-in"] == ["success", "LaunchNotOurs"]


def test_return_used_six_times_at_once_opens_one_chart(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    cookies = user.browser.cookies.copy()

    def return_once(_: int) -> int:
        return requests.get(callback, cookies=cookies, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(6) as at_once:
        assert sorted(at_once.map(return_once, range(6))) == [303, 400, 400, 400, 400, 400]


def test_return_without_code_is_refused(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert_refused(user.visits(without(callback, "code")), 400, "The EHR's request lacks a usable “code”.")


def test_code_used_before_opens_nothing_and_ends_the_chart_it_opened(user: EhrUser) -> None:
    first = user.comes_back_with(user.launch_address("ada"))
    opened = user.visits(first)
    code = parse_qs(urlsplit(first).query)["code"][0]
    second = without(user.comes_back_with(user.launch_address("ada")), "code") + f"&code={code}"
    assert_refused(user.visits(second), 403, NOT_CONFIRMED)
    again = user.visits(f"{opened.url}?refresh=1")
    assert (again.status, again.heading) == (401, "The sign-in has ended")


def test_code_of_another_launch_opens_nothing(user: EhrUser) -> None:
    cleos = parse_qs(urlsplit(user.comes_back_with(user.launch_address("cleo"))).query)["code"][0]
    adas = without(user.comes_back_with(user.launch_address("ada")), "code")
    assert_refused(user.visits(f"{adas}&code={cleos}"), 403, NOT_CONFIRMED)


def test_return_in_another_browser_opens_nothing_there_and_still_opens_in_its_own(user: EhrUser, trail: Trail) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    elsewhere = EhrUser(user.pair)
    assert_refused(elsewhere.visits(callback), 400, "A browser that blocks cookies inside the EHR looks the same.")
    assert trail.records[-1]["outcome"] == "LaunchNotOurs"
    assert user.visits(callback).heading == "Imaging studies"


def test_return_at_another_ehrs_address_is_refused_even_with_the_cookie(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada", "r4"))
    assert any(cookie.name.startswith("launch-") and cookie.path == "/" for cookie in user.browser.cookies)
    assert_refused(user.visits(callback.replace("/callback/r4?", "/callback/r5?")), 400, NOT_BEGUN_HERE)


def test_return_at_the_address_of_no_ehr_is_refused(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    page = user.visits(callback.replace("/callback/r4?", "/callback/nobody?"))
    assert_refused(page, 403, "This EHR is not set up to open imaging here.")


@pytest.mark.parametrize(
    ("error", "logged"),
    [("access_denied", "access_denied"), ("<script>alert(1)</script>", "unknown"), ("x" * 200, "unknown")],
)
def test_refusal_by_the_ehr_is_said_and_its_words_are_not_repeated(
    user: EhrUser, caplog: pytest.LogCaptureFixture, error: str, logged: str
) -> None:
    back = parse_qs(urlsplit(user.comes_back_with(user.launch_address("ada"))).query)
    state, iss = back["state"][0], back["iss"][0]
    answer = urlencode({"error": error, "error_description": "Ada Lindqvist said no", "state": state, "iss": iss})
    page = user.visits(f"/callback/r4?{answer}")
    assert_refused(page, 403, NOT_CONFIRMED)
    assert error not in page.html
    assert "said no" not in page.html + caplog.text
    assert caplog.text.strip().endswith(f"LaunchRefused: authorization endpoint: {logged}")


def test_launch_by_an_ehr_that_is_down_says_that_it_could_not_be_reached(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}/fhir/r5"
    pair = sightline_with(lambda toml: re.sub(r'"http://[^"]*/fhir/r5"', f'"{nowhere}"', toml, count=1))
    page = EhrUser(pair).visits(f"/launch?{urlencode({'iss': nowhere, 'launch': 'abc'})}")
    assert page.status == 502
    assert "could not be reached" in page.text
    assert page.reference
    assert page.patient == ""


def test_launch_of_an_ehr_that_is_not_configured_is_on_the_trail(user: EhrUser, trail: Trail) -> None:
    page = user.visits("/launch?iss=https://elsewhere.example/fhir&launch=x")
    assert page.status == 403
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("sign-in", "UnknownEhr")


def test_return_from_another_authorization_server_opens_nothing(user: EhrUser, trail: Trail) -> None:
    """RFC 9207: a server that says its name in the return must be the one that was asked."""
    callback = user.comes_back_with(user.launch_address("ada"))
    other = without(callback, "iss") + f"&{urlencode({'iss': 'https://other.example'})}"
    assert_refused(user.visits(other), 403, NOT_CONFIRMED)
    assert trail.records[-1]["outcome"] == "LaunchRefused"


def test_return_that_names_two_authorization_servers_opens_nothing(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert_refused(user.visits(f"{callback}&{urlencode({'iss': 'https://other.example'})}"), 403, NOT_CONFIRMED)


def test_return_without_the_name_of_a_server_that_always_says_it_opens_nothing(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada"))
    assert "iss" in parse_qs(urlsplit(callback).query)
    assert_refused(user.visits(without(callback, "iss")), 403, NOT_CONFIRMED)


def test_return_of_a_server_that_never_says_its_name_opens_the_chart(user: EhrUser) -> None:
    callback = user.comes_back_with(user.launch_address("ada", "r4-old"))
    assert user.visits(without(callback, "iss")).heading == "Imaging studies"


def scope_asked(user: EhrUser, ehr: str) -> set[str]:
    address = user.launch_address("ada", ehr)
    while "/auth/authorize?" not in address:
        address = urljoin(address, user.asks(address).headers["Location"])
    return set(parse_qs(urlsplit(address).query)["scope"][0].split())


def test_scopes_are_asked_for_in_the_syntax_that_the_record_system_knows(user: EhrUser) -> None:
    assert "patient/ImagingStudy.rs" in scope_asked(user, "r4")
    assert "patient/ImagingStudy.read" in scope_asked(user, "r4-old")


def test_old_record_system_that_says_only_in_its_metadata_where_to_sign_in_opens_a_chart(
    user: EhrUser, overheard: Overheard
) -> None:
    page = user.opens_chart("ada", "r4-old")
    assert (page.status, page.heading, len(page.rows)) == (200, "Imaging studies", 13)
    assert any(asked.startswith("/auth/token") for asked in overheard.asked)


def test_old_record_system_without_an_issuer_in_the_settings_is_refused_before_its_launch_is_spent(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    of_old = re.compile(r'(name = "r4-old"\n.*?\nissuer = )"[^"]*"', re.DOTALL)
    pair = sightline_with(lambda toml: of_old.sub(r'\1""', toml))
    user = EhrUser(pair)
    page = user.opens_chart("ada", "r4-old")
    assert_refused(page, 403, "The EHR does not say how its sign-ins can be checked.")
    assert len(pair.hospital.extensions["grants"]._launches) == 1


def test_keys_of_the_record_system_that_cannot_be_had_open_no_chart_and_are_asked_for_anew(
    sightline_with: Callable[[Callable[[str], str]], Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = EhrUser(sightline_with(str))
    monkeypatch.setitem(user.pair.hospital.view_functions, "token.jwks", lambda: ("", 503))
    assert_refused(user.opens_chart("ada"), 502, "The EHR's signing keys could not be read.")
    monkeypatch.undo()
    assert user.opens_chart("ada").heading == "Imaging studies"


def test_key_of_the_record_system_that_is_new_since_the_last_sign_in_is_found(
    sightline_with: Callable[[Callable[[str], str]], Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = EhrUser(sightline_with(str))
    assert user.opens_chart("ada").heading == "Imaging studies"
    user.pair.hospital.extensions["signing_key"] = SigningKey()
    right = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: right() + 31)
    assert user.opens_chart("ada").heading == "Imaging studies"


@pytest.mark.parametrize("trouble", ["another patient's record", "no record", "no audit trail"])
def test_tokens_of_a_launch_that_opens_no_chart_go_back(tmp_path: Path, trouble: str) -> None:
    ehr = HostileEhr()
    with ehr.far_side, trusting_sightline(ehr, tmp_path) as url:
        stated = ehr.configuration(revocation_endpoint=f"{ehr.url}/revoke")
        ehr.answers["/fhir/.well-known/smart-configuration"] = as_json(stated)
        ehr.answers["/token"] = lambda _: as_json(ehr.token(refresh_token="refre5h"))
        clinician = Clinician(ehr, url)
        back = clinician.signs_in()
        if trouble == "no audit trail":
            (tmp_path / "audit.ndjson").unlink(missing_ok=True)
            (tmp_path / "audit.ndjson").symlink_to("/dev/full")
        else:
            record = as_json({"resourceType": "Patient", "id": "cleo"})
            ehr.answers["/fhir/Patient/ada"] = Reply(500) if trouble == "no record" else record
        answer = clinician.goes_to(back)
    assert answer.status_code >= 500
    assert [asked.form["token"] for asked in ehr.asked_for("/revoke")] == ["refre5h", TOKEN]


def test_error_of_a_return_is_looked_at_only_after_its_state(user: EhrUser, caplog: pytest.LogCaptureFixture) -> None:
    page = user.visits("/callback/r4?error=access_denied&state=" + "A" * 43)
    assert_refused(page, 400, NOT_BEGUN_HERE)
    assert "access_denied" not in caplog.text
