"""Signing in without a launch, at the hospital's own provider, and every way in which that may not go."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Request, Response
from msgspec.structs import replace

from sandbox.sightline_settings import BASIC_USER, BEARER_TOKEN, CLIENT_SECRET
from tests.conftest import Pair, free_ports
from tests.ehr_user import Page
from tests.register_user import PORTER, RegisterUser, hits
from tests.web.conftest import Overheard, Trail
from tests.web.test_charts import HOURS_8, IDLE
from tests.web.test_launch import without
from tests.web.test_patients import Answering, searched

HEADING = "You could not be signed in"
NOT_CONFIRMED = "The hospital's sign-in did not confirm who you are."
NOT_BEGUN_HERE = "This sign-in was not begun in this browser window, was used already, or took longer than ten minutes."


@pytest.fixture
def user(pair: Pair) -> RegisterUser:
    """A person whose browser has no cookie yet."""
    return RegisterUser(pair)


def assert_refused(page: Page, status: int, sentence: str) -> None:
    assert (page.status, page.heading) == (status, HEADING)
    assert sentence in page.text
    assert "No patient data was read." in page.text
    assert page.link("Sign in").endswith("/")
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)


def test_sign_in_asks_with_pkce_state_and_nonce_and_for_nothing_of_a_launch(user: RegisterUser) -> None:
    sign_in = urlsplit(user.asks("/sign-in/r4-bearer").headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(sign_in.query).items()}
    assert sign_in.path == "/staff/authorize"
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked["state"]), len(asked["nonce"]), len(asked["code_challenge"])) >= 43
    assert asked["redirect_uri"] == f"{user.pair.sightline_url}/sign-in/r4-bearer/return"
    assert not {"aud", "launch"} & asked.keys()


def test_address_after_the_sign_in_holds_neither_code_nor_state(user: RegisterUser) -> None:
    answer = user.asks(user.comes_back_from_provider())
    assert answer.status_code == 303
    assert re.fullmatch(r"/u/[\w-]{20,}/", answer.headers["Location"])


def test_sign_in_is_on_the_trail_with_who_it_is(user: RegisterUser, trail: Trail) -> None:
    user.signs_in()
    [signed_in] = trail.records
    assert (signed_in["action"], signed_in["outcome"]) == ("sign-in", "success")
    assert signed_in["user"] == "nordahl"
    assert signed_in["user_issuer"] == f"{user.pair.hospital_url}/staff"
    assert "patient" not in signed_in


def test_wrong_password_leads_back_to_nothing_of_ours(user: RegisterUser, trail: Trail) -> None:
    answer = user.at_provider(user.asks("/sign-in/r4-bearer").headers["Location"], password="wrong")
    assert answer.status_code == 401
    assert trail.records == []


def test_somebody_without_the_required_role_is_known_and_refused(user: RegisterUser, trail: Trail) -> None:
    page = user.signs_in(employee=PORTER)
    assert (page.status, page.heading) == (403, "You may not look patients up here")
    assert "you do not have the hospital's permission to see imaging" in page.text
    [refused] = trail.records
    assert (refused["action"], refused["outcome"], refused["user"]) == ("sign-in", "NotEntitled", "lien")
    assert not [cookie for cookie in user.browser.cookies if cookie.name == "sign-in"]


def test_return_used_twice_signs_in_once(user: RegisterUser, trail: Trail) -> None:
    back = user.comes_back_from_provider()
    assert user.visits(back).heading == "Find a patient"
    assert_refused(user.visits(back), 400, NOT_BEGUN_HERE)
    assert [each["outcome"] for each in trail.records] == ["success", "SignInNotOurs"]


def test_return_used_six_times_at_once_signs_in_once(user: RegisterUser) -> None:
    back = user.comes_back_from_provider()
    cookies = user.browser.cookies.copy()

    def return_once(_: int) -> int:
        return requests.get(back, cookies=cookies, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(6) as at_once:
        assert sorted(at_once.map(return_once, range(6))) == [303, 400, 400, 400, 400, 400]


def test_return_in_another_browser_signs_in_nobody_there(user: RegisterUser) -> None:
    back = user.comes_back_from_provider()
    assert_refused(RegisterUser(user.pair).visits(back), 400, NOT_BEGUN_HERE)
    assert user.visits(back).heading == "Find a patient"


def test_return_at_another_ehrs_address_is_refused_even_with_the_cookie(user: RegisterUser) -> None:
    there = user.comes_back_from_provider("r4-bearer").replace("/sign-in/r4-bearer/", "/sign-in/r4-basic/")
    assert [cookie.path for cookie in user.browser.cookies if cookie.name.startswith("signing-in-")] == ["/"]
    assert_refused(user.visits(there), 400, NOT_BEGUN_HERE)


def test_two_sign_ins_under_way_in_one_browser_do_not_disturb_each_other(user: RegisterUser) -> None:
    first, second = user.asks("/sign-in/r4-bearer"), user.asks("/sign-in/r4-bearer")
    for answer in (first, second):
        back = user.at_provider(answer.headers["Location"]).headers["Location"]
        assert user.visits(back).heading == "Find a patient"


def test_return_after_ten_minutes_is_too_late(user: RegisterUser, clock_goes_on: Callable[[float], None]) -> None:
    back = user.comes_back_from_provider()
    clock_goes_on(601)
    assert_refused(user.visits(back), 400, NOT_BEGUN_HERE)


@pytest.mark.parametrize("name", ["code", "state"])
def test_return_that_lacks_a_parameter_is_refused(user: RegisterUser, name: str) -> None:
    assert_refused(user.visits(without(user.comes_back_from_provider(), name)), 403, NOT_CONFIRMED)


def test_code_of_another_sign_in_is_refused(user: RegisterUser) -> None:
    others = RegisterUser(user.pair).comes_back_from_provider()
    code = parse_qs(urlsplit(others).query)["code"][0]
    mine = without(user.comes_back_from_provider(), "code")
    assert_refused(user.visits(f"{mine}&code={code}"), 403, NOT_CONFIRMED)


def test_refusal_by_the_provider_is_said_and_its_words_are_not_repeated(
    user: RegisterUser, caplog: pytest.LogCaptureFixture
) -> None:
    state = parse_qs(urlsplit(user.comes_back_from_provider()).query)["state"][0]
    answer = urlencode({"error": "access_denied", "error_description": "Ingrid said no", "state": state})
    page = user.visits(f"/sign-in/r4-bearer/return?{answer}")
    assert_refused(page, 403, NOT_CONFIRMED)
    assert "said no" not in page.html + caplog.text
    assert caplog.text.strip().endswith("SignInRefused: authorization endpoint: access_denied")


def test_return_from_another_provider_signs_in_nobody(user: RegisterUser) -> None:
    """RFC 9207."""
    back = user.comes_back_from_provider()
    assert_refused(user.visits(f"{back}&{urlencode({'iss': 'https://other.example'})}"), 403, NOT_CONFIRMED)


@pytest.mark.parametrize("name", ["r4", "nobody"])
def test_ehr_that_launches_is_not_signed_in_to(user: RegisterUser, name: str, trail: Trail) -> None:
    page = user.visits(f"/sign-in/{name}")
    assert page.status == 403
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("sign-in", "UnknownEhr")


@pytest.mark.parametrize("address", ["/launch/r4-bearer", "/callback/r4-bearer?state=x&code=y"])
def test_ehr_that_does_not_launch_is_not_launched(user: RegisterUser, address: str) -> None:
    assert user.visits(address).status == 403


def test_iss_of_an_ehr_that_does_not_launch_is_none_of_ours(user: RegisterUser) -> None:
    iss = f"{user.pair.hospital_url}/open/fhir/r4"
    assert user.visits(f"/launch?{urlencode({'iss': iss, 'launch': 'x'})}").status == 403


def test_in_a_frame_the_person_is_asked_first_since_most_providers_refuse_it(user: RegisterUser) -> None:
    address = f"{user.pair.sightline_url}/sign-in/r4-bearer"
    framed = requests.get(address, headers={"Sec-Fetch-Dest": "iframe"}, allow_redirects=False, timeout=10)
    assert framed.status_code == 200
    assert "Sign in in a new tab" in framed.text
    here = requests.get(f"{address}?here=1", headers={"Sec-Fetch-Dest": "iframe"}, allow_redirects=False, timeout=10)
    assert here.status_code == 303


def test_provider_that_is_down_is_said_to_be(
    user: RegisterUser, sightline_with: Callable[[Callable[[str], str]], Pair]
) -> None:
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}/staff"
    pair = sightline_with(lambda toml: re.sub(r'issuer = "http://[^"]*/staff"', f'issuer = "{nowhere}"', toml))
    page = RegisterUser(pair).visits("/sign-in/r4-bearer")
    assert_refused(page, 502, "The hospital's sign-in did not answer.")


# Nobody signs in, on this very machine.


def test_nobody_is_asked_on_the_loopback_and_the_page_says_so(user: RegisterUser, trail: Trail) -> None:
    page = user.signs_in("r4-open")
    assert page.heading == "Find a patient"
    assert "nobody is signed in" in page.text
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("sign-in", "success")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost:1"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Real-IP": "203.0.113.9"},
    ],
)
def test_without_a_sign_in_only_this_machine_is_answered(
    user: RegisterUser, headers: dict[str, str], trail: Trail
) -> None:
    """DNS rebinding, and a proxy that brings in others."""
    answer = requests.get(
        f"{user.pair.sightline_url}/sign-in/r4-open", headers=headers, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("sign-in", "SignInRefused")


def test_without_a_sign_in_no_other_machine_is_answered(user: RegisterUser) -> None:
    client = user.pair.sightline.test_client()
    host = user.pair.sightline_url.removeprefix("http://")
    for address, status in (("127.0.0.1", 303), ("10.0.0.7", 403), ("", 403)):
        answer = client.get("/sign-in/r4-open", headers={"Host": host}, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, address


# How it ends.


def test_sign_out_ends_the_sign_in_and_every_chart_opened_from_it(user: RegisterUser, trail: Trail) -> None:
    found = searched(user, identifier="SB-1001")
    chart = user.chooses(found, "SB-1001")
    viewer = user.opens_images(chart, "MR brain")
    out = user.presses(found, "Sign out")
    assert (out.status, out.heading) == (200, "Signed out")
    assert trail.records[-1]["action"] == "sign-out"
    assert user.visits(found.url).heading == "Your sign-in has ended"
    for address in (chart.url, f"{chart.url}view/{chart.rows[0].key}", viewer.frame):
        page = user.visits(address)
        assert (page.status, page.patient) == (401, "")


def test_sign_out_in_a_chart_is_a_sign_out_of_everything(user: RegisterUser) -> None:
    found = searched(user, identifier="SB-1001")
    chart = user.chooses(found, "SB-1001")
    out = user.presses(chart, "Sign out")
    assert out.heading == "Signed out"
    assert "The hospital’s sign-in still knows you." in out.text
    assert user.visits(found.url).status == 401


def test_list_that_was_asked_for_before_the_sign_out_is_not_kept_and_brings_no_cookie_back(
    user: RegisterUser, ehr_answers: Answering
) -> None:
    found = searched(user, identifier="SB-1001")
    chart = user.chooses(found, "SB-1001")
    store = user.pair.sightline.extensions["sightline"].store
    cookie = user.cookie("chart", f"/s/{chart.chart_id}/")
    store.delete(f"list:{chart.chart_id}")
    asked, may_answer = Event(), Event()

    def answer(_: Request) -> None:
        asked.set()
        assert may_answer.wait(10)

    ehr_answers(answer, "/bearer/fhir/r4/ImagingStudy")
    with ThreadPoolExecutor(1) as meanwhile:
        coming = meanwhile.submit(requests.get, f"{chart.url}?refresh=1", cookies={"chart": cookie}, timeout=30)
        assert asked.wait(10)
        assert user.presses(found, "Sign out").heading == "Signed out"
        may_answer.set()
        answered = coming.result()
    assert answered.status_code == 200
    assert "Set-Cookie" not in answered.headers
    assert store.get(f"list:{chart.chart_id}") is None


def test_provider_knows_the_person_until_they_sign_out_there_too(user: RegisterUser) -> None:
    out = user.presses(user.signs_in(), "Sign out")
    assert user.follows(out, "Sign in again").heading == "Find a patient"
    there = user.browser.get(out.link("Sign out of the hospital’s sign-in"), timeout=10)
    assert there.url.startswith(f"{user.pair.hospital_url}/staff/logout?client_id=sightline-staff")
    assert "id_token" not in there.url
    answer = user.asks("/sign-in/r4-bearer")
    assert "Staff sign-in" in user.browser.get(answer.headers["Location"], timeout=10).text


def test_sign_out_needs_the_token_of_its_own_page(user: RegisterUser) -> None:
    page = user.signs_in()
    for sent in ({}, {"csrf": "0" * 64}):
        answer = user.browser.post(f"{page.url}sign-out", sent, allow_redirects=False, timeout=10)
        assert answer.status_code == 403
    answer = user.sends(page, "Sign out", **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert user.visits(page.url).status == 200


def test_search_needs_the_token_of_its_own_page(user: RegisterUser, overheard: Overheard) -> None:
    page = user.signs_in()
    answer = user.browser.post(page.url, {"identifier": "SB-1001"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 403
    assert not [asked for asked in overheard.asked if "Patient" in asked]


def test_sign_in_of_another_browser_opens_nothing_here(user: RegisterUser) -> None:
    page = user.signs_in()
    here = RegisterUser(user.pair)
    assert here.visits(page.url).heading == "Your sign-in has ended"
    other = here.signs_in()
    assert here.visits(page.url).heading == "Your sign-in has ended"
    assert here.visits(other.url).heading == "Find a patient"


def test_idle_sign_in_ends(user: RegisterUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.signs_in()
    clock_goes_on(IDLE + 1)
    assert (user.visits(page.url).status, user.visits(page.url).heading) == (401, "Your sign-in has ended")


def test_who_works_in_a_chart_is_not_idle(user: RegisterUser, clock_goes_on: Callable[[float], None]) -> None:
    found = searched(user, identifier="SB-1001")
    chart = user.chooses(found, "SB-1001")
    key = user.cookie("sign-in", urlsplit(found.url).path)
    for _ in range(3):
        clock_goes_on(IDLE - 60)
        assert user.visits(chart.url).status == 200
    # The browser forgets the cookie by then; the row is what lives on, and with it the chart.
    user.browser.cookies.set("sign-in", key, path=urlsplit(found.url).path, domain="127.0.0.1")
    assert user.visits(found.url).status == 200


def test_chart_ends_with_the_sign_in_in_any_case(user: RegisterUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.signs_in()
    for _ in range(HOURS_8 // (IDLE - 60)):
        clock_goes_on(IDLE - 60)
        assert user.visits(page.url).status == 200
    chart = user.chooses(user.searches(page, identifier="SB-1001"), "SB-1001")
    assert user.asks(f"{chart.url}time-left").json()["seconds"] <= HOURS_8 % (IDLE - 60)
    clock_goes_on(IDLE - 60)
    assert user.visits(chart.url).status == 401
    assert user.visits(page.url).status == 401


def test_chart_that_was_looked_up_sends_nobody_to_a_chart_of_the_ehr(user: RegisterUser) -> None:
    chart = user.chooses(user.searches(user.signs_in(), identifier="SB-1001"), "SB-1001")
    for address in (chart.url, f"{chart.url}still-there"):
        assert "from the patient's chart" not in user.asks(address).text
    assert "Sign in again." in chart.html


@pytest.mark.parametrize("launched", [True, False])
def test_chart_does_not_outlive_a_change_of_how_its_ehr_is_signed_in_to(
    sightline_with: Callable[[Callable[[str], str]], Pair], launched: bool
) -> None:
    """A launched chart must not go on with Sightline's own permission, which opens everybody's records."""
    user = RegisterUser(sightline_with(str))
    chart = user.opens_chart("ada") if launched else user.chooses(searched(user, identifier="SB-1001"), "SB-1001")
    assert chart.status == 200
    it = user.pair.sightline.extensions["sightline"]
    other = {"sign_in": "none", "authorization": "none"} if launched else {"sign_in": "smart"}
    ehrs = tuple(replace(ehr, **other) if ehr.name in ("r4", "r4-bearer") else ehr for ehr in it.settings.ehrs)
    user.pair.sightline.extensions["sightline"] = replace(it, settings=replace(it.settings, ehrs=ehrs))
    page = user.visits(chart.url)
    assert (page.status, page.patient) == (401, "")


@pytest.mark.parametrize("other", [{"iss": "https://new.example/fhir"}, {"issuer": "https://new.example"}], ids=str)
def test_sign_in_does_not_outlive_its_ehrs_or_its_providers_place_being_taken_by_another(
    sightline_with: Callable[[Callable[[str], str]], Pair], other: dict[str, str]
) -> None:
    user = RegisterUser(sightline_with(str))
    page, under_way = user.signs_in(), user.comes_back_from_provider()
    chart = user.chooses(user.searches(page, identifier="SB-1001"), "SB-1001")
    it = user.pair.sightline.extensions["sightline"]
    ehrs = tuple(replace(ehr, **other) if ehr.name == "r4-bearer" else ehr for ehr in it.settings.ehrs)
    user.pair.sightline.extensions["sightline"] = replace(it, settings=replace(it.settings, ehrs=ehrs))
    assert [user.visits(address).status for address in (page.url, chart.url)] == [401, 401]
    assert_refused(user.visits(under_way), 400, NOT_BEGUN_HERE)


def test_hits_of_long_ago_cannot_be_chosen(user: RegisterUser, clock_goes_on: Callable[[float], None]) -> None:
    found = searched(user, identifier="SB-1001")
    for _ in range(2):
        clock_goes_on(IDLE - 60)
        assert user.visits(found.url).status == 200
    page = user.chooses(found, "SB-1001")
    assert (page.status, page.heading) == (409, "This patient was not opened")
    assert page.link("Find a patient") == found.url


# What stays between Sightline and the hospital.


@pytest.mark.parametrize("way", ["r4-backend", "r4-bearer", "r4-basic"])
def test_permissions_never_reach_browser_store_trail_or_log(
    user: RegisterUser, overheard: Overheard, trail: Trail, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    seen: list[str] = []
    user.browser.hooks["response"].append(
        lambda answer, *_, **__: seen.append(f"{answer.url}\n{answer.headers}\n{answer.text}")
    )
    with caplog.at_level("DEBUG"):
        chart = user.chooses(user.searches(user.signs_in(way), identifier="SB-1001"), "SB-1001")
        user.opens_images(chart, "MR brain")
    kept = b"".join(file.read_bytes() for file in user.pair.data_folder.glob("charts.sqlite*")).decode("latin-1")
    recorded = json.dumps(trail.records)
    own_log = "\n".join(each.getMessage() for each in caplog.records if each.name == "sightline")
    secrets = {BEARER_TOKEN, BASIC_USER[1], CLIENT_SECRET, *overheard.secrets}
    for where, text in (("browser", "\n".join(seen)), ("store", kept), ("trail", recorded), ("log", own_log)):
        for secret in secrets - {code for code in secrets if f"code={code}" in "\n".join(seen)}:
            assert secret not in text, where
    for name in ("Lindqvist", "LINDQVIST", "SB-1001", "1951-07-14", "Nordahl"):
        assert name not in kept + recorded + own_log


def test_refused_permission_is_said_not_to_be_the_users_fault(user: RegisterUser, ehr_answers: Answering) -> None:
    found = searched(user, identifier="SB-1001")
    ehr_answers(lambda _: Response(status=401), "/bearer/fhir/r4/ImagingStudy")
    page = user.chooses(found, "SB-1001")
    assert (page.status, page.heading) == (502, "The imaging list could not be loaded")
    assert "The hospital's system does not let Sightline in." in page.text
    assert "This does not mean that there are no images." in page.text


def test_hits_are_those_of_this_sign_in_only(user: RegisterUser) -> None:
    assert len(hits(searched(user, identifier="SB-1001"))) == 1
    assert hits(user.signs_in()) == []
