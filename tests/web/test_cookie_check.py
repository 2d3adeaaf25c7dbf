"""A browser that keeps no cookies in the EHR's frame: found out before anything is spent, and led out of the frame."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.browser.two_sites import DOCUMENTED_SANDBOX
from tests.conftest import ROOT, Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Overheard, Trail

NOT_KEPT = "Imaging opens in its own window here"
BUTTON = "Open in its own window"
USED_UP = "This way into imaging works once, for ten minutes, and was used or has expired."


@pytest.fixture
def framed(pair: Pair) -> EhrUser:
    """A person whose browser keeps no cookies in the EHR's frame."""
    user = EhrUser(pair)
    user.browser.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    user.browser.headers["Sec-Fetch-Dest"] = "iframe"
    return user


@pytest.fixture
def window(pair: Pair) -> EhrUser:
    """The same person in a window of its own, where cookies are first-party ones."""
    user = EhrUser(pair)
    user.browser.headers["Sec-Fetch-Dest"] = "document"
    return user


def assert_used_up(page: Page) -> None:
    assert (page.status, page.heading) == (400, "Imaging could not be opened from the chart")
    assert USED_UP in page.text
    assert page.patient == ""


def test_browser_without_cookies_gets_a_page_and_its_launch_is_not_spent(framed: EhrUser, overheard: Overheard) -> None:
    launch = framed.launch_address("ada")
    page = framed.visits(launch)
    assert (page.status, page.heading) == (403, NOT_KEPT)
    assert "No patient data was read." in page.text
    assert page.patient == ""
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)
    # An earlier test's chart may still be trying its question again, at an EHR that fails.
    assert not [address for address in overheard.asked if not address.startswith(("/launch-only/", "/fault/"))]
    # Whoever gets cookies can still use it: the EHR has not seen it again.
    assert EhrUser(framed.pair).visits(launch).heading == "Imaging studies"


def test_way_out_is_a_link_into_a_window_without_an_opener(framed: EhrUser) -> None:
    button = framed.opens_chart("ada").root.one("a", "button")
    assert button.text == BUTTON
    assert button["target"] == "_blank"
    assert button["rel"] == "noopener noreferrer"


def test_page_tells_the_ehr_team_what_its_frame_needs_as_the_documents_do(framed: EhrUser) -> None:
    documents = [(ROOT / name).read_text() for name in ("README.md", "docs/embedding.md")]
    for text in (framed.opens_chart("ada").root.one("details").text, *documents):
        assert DOCUMENTED_SANDBOX in " ".join(text.split())


def test_own_window_opens_the_very_chart(framed: EhrUser, window: EhrUser) -> None:
    page = window.visits(framed.opens_chart("ada").link(BUTTON))
    assert page.heading == "Imaging studies"
    assert page.patient.startswith("LINDQVIST, Ada")
    assert window.opens_images(page, "MR brain").patient == page.patient


def test_launch_value_stands_in_no_address_page_or_row_of_ours(framed: EhrUser, window: EhrUser) -> None:
    address = framed.launch_address("ada")
    launch = parse_qs(urlsplit(address).query)["launch"][0]
    bounce = framed.asks(address)
    page = framed.visits(address)
    for seen in (str(bounce.headers), bounce.text, page.url, page.html, page.link(BUTTON)):
        assert launch not in seen
    kept = b"".join(file.read_bytes() for file in framed.pair.data_folder.glob("charts.sqlite*"))
    ticket = page.link(BUTTON).rpartition("/")[2]
    assert launch.encode() not in kept
    assert ticket.encode() not in kept


def test_after_the_own_window_nothing_is_left_of_the_frames_launch(framed: EhrUser, window: EhrUser) -> None:
    page = framed.opens_chart("ada")
    assert window.visits(page.link(BUTTON)).heading == "Imaging studies"
    assert_used_up(framed.visits(page.url))
    assert_used_up(window.visits(page.link(BUTTON)))
    assert_used_up(EhrUser(framed.pair).visits(page.link(BUTTON)))


def test_six_windows_at_once_open_one_chart(framed: EhrUser) -> None:
    address = framed.opens_chart("ada").url

    def opens(_: int) -> int:
        return requests.get(address, cookies={"kept": "1"}, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(6) as at_once:
        assert sorted(at_once.map(opens, range(6))) == [303, 400, 400, 400, 400, 400]


def test_reload_of_the_page_keeps_the_way_out_open(framed: EhrUser, window: EhrUser) -> None:
    page = framed.opens_chart("ada")
    again = framed.visits(page.url)
    assert again.link(BUTTON) == page.link(BUTTON)
    assert window.visits(again.link(BUTTON)).heading == "Imaging studies"


def test_way_out_is_over_after_ten_minutes(
    framed: EhrUser, window: EhrUser, clock_goes_on: Callable[[float], None]
) -> None:
    page = framed.opens_chart("ada")
    clock_goes_on(601)
    assert_used_up(framed.visits(page.url))
    assert_used_up(window.visits(page.link(BUTTON)))


def test_window_without_cookies_says_so_and_leads_round_in_no_circle(framed: EhrUser) -> None:
    link = framed.opens_chart("ada").link(BUTTON)
    framed.browser.headers["Sec-Fetch-Dest"] = "document"
    page = framed.visits(link)
    assert (page.status, page.heading) == (403, "Imaging needs cookies")
    assert not page.has_link(BUTTON)
    allowed = EhrUser(framed.pair)
    assert allowed.visits(page.link("Try again")).heading == "Imaging studies"


@pytest.mark.parametrize("path", ["begin", "window"])
def test_ticket_that_nobody_made_begins_nothing(user: EhrUser, path: str) -> None:
    assert_used_up(user.visits(f"/launch/{path}/made-up"))


def test_ticket_that_nobody_made_begins_nothing_in_a_frame_without_cookies_either(framed: EhrUser) -> None:
    assert_used_up(framed.visits("/launch/begin/made-up"))


def test_browser_that_kept_the_mark_is_sent_on_without_a_bounce(user: EhrUser) -> None:
    user.opens_chart("ada")
    assert user.asks(user.launch_address("cleo")).headers["Location"].startswith(f"{user.pair.hospital_url}/auth/")


def test_two_launches_bounced_at_once_each_stay_their_own(user: EhrUser) -> None:
    adas, cleos = (user.asks(user.launch_address(patient)).headers["Location"] for patient in ("ada", "cleo"))
    assert user.visits(cleos).patient.startswith("LINDQVIST, Cleo")
    assert user.visits(adas).patient.startswith("LINDQVIST, Ada")


def test_ticket_of_a_launch_opens_no_tab_and_ticket_of_a_tab_no_launch(framed: EhrUser, user: EhrUser) -> None:
    launch = framed.opens_chart("ada").link(BUTTON).rpartition("/")[2]
    assert user.visits(f"/tab/{launch}").status == 410
    tab = user.opens_images(user.opens_chart("cleo"), "CT head").link("Open in new tab").rpartition("/")[2]
    assert_used_up(user.visits(f"/launch/begin/{tab}"))


def test_standalone_launch_is_checked_and_led_out_as_well(framed: EhrUser, window: EhrUser) -> None:
    page = framed.visits("/launch/r4")
    assert page.heading == NOT_KEPT
    sent = window.is_sent_to_sign_in(page.link(BUTTON)).headers["Location"]
    assert "launch%2Fpatient" in sent


def test_unknown_ehr_is_refused_before_any_bounce(framed: EhrUser) -> None:
    answer = framed.asks("/launch?iss=https://elsewhere.example/fhir&launch=x")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_missing_cookies_are_in_the_log_and_no_sign_in_on_the_trail(
    framed: EhrUser, trail: Trail, caplog: pytest.LogCaptureFixture
) -> None:
    page = framed.opens_chart("ada")
    assert f"{page.reference} launch.begin: cookies are not kept in the frame" in caplog.text
    assert trail.records == []


def test_page_may_be_framed_by_the_ehr_and_is_never_kept(framed: EhrUser) -> None:
    page = framed.opens_chart("ada")
    assert framed.pair.hospital_url in page.headers["Content-Security-Policy"].partition("frame-ancestors")[2]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
