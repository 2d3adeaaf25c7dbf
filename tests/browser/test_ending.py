"""How a chart's end looks in a real browser: said before, one key to stay, then nothing of the patient on the screen.

The times are seconds here, where the settings know minutes.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from sightline.settings import ChartSettings, Settings
from tests.browser.conftest import Window
from tests.conftest import Pair, started

pytestmark = pytest.mark.browser

IDLE_SECONDS = 12
ENDED = "This imaging session has ended"
WARNED = "This imaging session is about to end."
OF_THE_PATIENT = re.compile("lindqvist|SB-1001|MR brain|14-Jul-1951", re.IGNORECASE)


def short(idle_seconds: int, absolute_seconds: int) -> Callable[[Settings], Settings]:
    return lambda settings: replace(settings, chart=ChartSettings(idle_seconds, absolute_seconds))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A Sightline whose charts end soon."""
    with started(tmp_path_factory.mktemp("short"), settled=short(IDLE_SECONDS, 3600)) as running:
        yield running


def in_the_viewer(window: Window) -> Page:
    """A study is open, and the person works in the viewer's frame."""
    page = window.opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    page.frame_locator("iframe.frame").locator("html[data-pictures=shown]").wait_for()
    page.locator("iframe.frame").click(position={"x": 200, "y": 200})
    page.evaluate("document.querySelector('iframe.frame').same = true")
    return page


def stay_button(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("button", name="Stay signed in")


def assert_cleared(page: Page) -> None:
    expect(page.get_by_role("heading", name=ENDED)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Open imaging again from the patient's chart.")).to_be_visible()
    assert not OF_THE_PATIENT.search(page.content())
    assert page.locator("iframe, form, template, header").count() == 0
    assert page.title() == ENDED
    assert len(page.frames) == 1


def test_page_warns_in_a_live_region_and_then_clears_itself(window: Window) -> None:
    """40: no frame, no patient, and the way to go on in words."""
    page = in_the_viewer(window)
    region = page.get_by_role("alert")
    expect(region).to_have_text("")
    expect(region).to_contain_text(WARNED, timeout=15_000)
    expect(stay_button(page)).to_be_focused()
    expect(page.locator("iframe.frame")).to_be_visible()
    assert_cleared(page)
    expect(page.get_by_role("heading", name=ENDED)).to_be_focused()
    assert page.reload().status == 401  # type: ignore[union-attr]


def test_comparison_clears_both_its_frames(window: Window) -> None:
    """40: as the page of one study does."""
    page = in_the_viewer(window)
    page.get_by_role("link", name="Compare with a prior").click()
    page.locator("a.button").first.click()
    page.get_by_role("link", name="Two frames").click()
    expect(page.locator("iframe.frame")).to_have_count(2)
    assert_cleared(page)


def test_one_key_keeps_chart_and_viewer_and_gives_the_focus_back(window: Window) -> None:
    page = in_the_viewer(window)
    for _ in range(2):
        expect(stay_button(page)).to_be_focused(timeout=15_000)
        page.keyboard.press("Enter")
        expect(stay_button(page)).to_have_count(0)
        assert page.evaluate("document.activeElement.matches('iframe.frame')")
    assert page.evaluate("document.querySelector('iframe.frame').same")
    assert not window.complaints


def test_whoever_stays_in_one_window_stays_in_all(window: Window) -> None:
    page = window.opens_chart("ada")
    other = window.context.new_page()
    other.goto(page.url)
    for each in (page, other):
        expect(stay_button(each)).to_be_visible(timeout=15_000)
    stay_button(page).click()
    for each in (page, other):
        expect(stay_button(each)).to_have_count(0)
        expect(each.locator("header.identity")).to_be_visible()
    for each in (page, other):
        assert_cleared(each)


def test_signing_out_in_one_window_clears_the_others_and_back_shows_nothing(window: Window) -> None:
    page = in_the_viewer(window)
    other = window.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Signed out")).to_be_visible()
    assert_cleared(page)
    for each in (page, other):
        each.go_back()
        expect(each.get_by_role("heading", name=ENDED)).to_be_visible()
        assert not OF_THE_PATIENT.search(each.content())


def test_sign_out_works_inside_the_frame_of_the_ehr(window: Window) -> None:
    frame = window.opens_chart_in_the_ehr("ada")
    frame.get_by_role("button", name="Sign out").click()
    expect(frame.get_by_role("heading", name="Signed out")).to_be_visible()
    assert not OF_THE_PATIENT.search(frame.content())
    # The page that was left may have asked for the time left while its chart was being closed.
    assert not [complaint for complaint in window.complaints if "/time-left" not in complaint]


def test_patients_that_were_found_leave_the_screen_after_a_warning(window: Window) -> None:
    page = window.page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-open")
    page.get_by_label("Number").fill("SB-1001")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("button", name="Imaging of LINDQVIST")).to_be_visible()
    expect(stay_button(page)).to_be_focused(timeout=15_000)
    page.keyboard.press("Enter")
    expect(stay_button(page)).to_be_hidden()
    expect(page.get_by_role("heading", name="Your sign-in has ended")).to_be_visible(timeout=20_000)
    assert not OF_THE_PATIENT.search(page.content())


def test_page_that_cannot_reach_the_server_clears_itself_all_the_same(window: Window) -> None:
    page = in_the_viewer(window)
    window.context.set_offline(True)
    assert_cleared(page)


def test_page_that_wakes_up_after_its_time_shows_nothing_before_it_has_asked(window: Window) -> None:
    page = window.opens_chart("ada")
    held: list[Route] = []
    page.route("**/time-left", lambda route: held.append(route))
    page.evaluate("{ const now = Date.now; Date.now = () => now() + 3_600_000; dispatchEvent(new Event('focus')); }")
    expect(page.locator("header.identity")).to_be_hidden()
    for route in held:
        route.continue_()
    page.unroute("**/time-left")
    expect(page.locator("header.identity")).to_be_visible()


def test_page_without_javascript_gives_way_to_a_question_and_then_to_the_end(
    open_window: Callable[..., Window],
) -> None:
    page = open_window(java_script_enabled=False).opens_chart("ada")
    expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible(timeout=15_000)
    assert not OF_THE_PATIENT.search(page.content())
    stay_button(page).click()
    expect(page.locator("header.identity")).to_be_visible()
    expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("heading", name=ENDED)).to_be_visible(timeout=15_000)
    assert not OF_THE_PATIENT.search(page.content())


def test_end_that_cannot_be_put_off_is_said_without_a_button(
    open_window: Callable[..., Window], tmp_path: Path
) -> None:
    window = open_window()
    with started(tmp_path, settled=short(60, 12)) as window.pair:
        page = window.opens_chart("ada")
        expect(page.locator(".ending")).to_contain_text("cannot be prolonged", timeout=15_000)
        assert stay_button(page).count() == 0
        assert_cleared(page)
