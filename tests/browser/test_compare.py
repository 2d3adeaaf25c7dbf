"""Current beside prior in a real browser: two pictures at once where there is room, else one at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window, chooses_in_strip, frame_in
from tests.browser.pictures import of_display
from tests.browser.test_viewers_frame import with_other_display

pytestmark = pytest.mark.browser


def compared(window: Window) -> Page:
    """The newest CT of Ada's chest in one viewer with the one before."""
    page = window.opens_chart("ada")
    page.locator("tr", has_text="CT chest with contrast").locator("a.button").click(no_wait_after=True)
    chooses_in_strip(page, "Compare").click()
    page.locator("a.button").first.click(no_wait_after=True)
    page.wait_for_selector(".pane-heads")
    return page


def in_two_frames(window: Window) -> Page:
    page = compared(window)
    chooses_in_strip(page, "Two frames").click(no_wait_after=True)
    page.wait_for_selector(".panes")
    return page


def panes(page: Page) -> tuple[Locator, Locator]:
    return page.locator("section.pane").nth(0), page.locator("section.pane").nth(1)


def test_one_viewer_has_both_studies(window: Window) -> None:
    page = compared(window)
    rail = page.frame_locator("iframe.frame").locator("nav.rail h2")
    expect(rail).to_have_count(2)
    assert [words.split("\n")[0].strip()[:8] for words in rail.all_inner_texts()] == ["CT chest", "CT chest"]
    assert not window.complaints


def test_two_pictures_stand_beside_each_other_below_their_own_headings(window: Window) -> None:
    page = in_two_frames(window)
    frames = [frame_in(page, f"section.pane:nth-of-type({number}) iframe.frame") for number in (1, 2)]
    current, prior = map(of_display, frames)
    assert min(current.levels, prior.levels) > 60
    assert current.difference(prior) > 8
    left, right = (pane.bounding_box() for pane in panes(page))
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["width"] - right["width"]) < 2
    tops = [box["y"] for box in (page.locator("iframe.frame").nth(number).bounding_box() for number in (0, 1)) if box]
    assert tops[0] == tops[1]
    expect(panes(page)[0].locator("h2")).to_contain_text("Current")
    expect(panes(page)[1].locator("h2")).to_contain_text("Prior, 7 months earlier")
    assert not window.complaints


@pytest.mark.parametrize("width", [320, 768, 899])
def test_below_900_pixels_one_is_to_be_seen_and_a_click_shows_the_other(
    open_window: Callable[..., Window], width: int
) -> None:
    page = in_two_frames(open_window(viewport={"width": width, "height": 700}, java_script_enabled=False))
    current, prior = panes(page)
    expect(current).to_be_visible()
    expect(prior).to_be_hidden()
    page.get_by_text("Prior, 7 months earlier").first.click()
    expect(current).to_be_hidden()
    expect(prior).to_be_visible()
    assert current.evaluate("pane => getComputedStyle(pane.querySelector('.waiting')).visibility") == "hidden"


def test_tabs_are_reached_by_the_keyboard_and_turned_by_the_arrows(open_window: Callable[..., Window]) -> None:
    page = in_two_frames(open_window(viewport={"width": 768, "height": 700}))
    page.wait_for_function("document.activeElement.localName === 'h1'")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("ArrowRight")
    expect(panes(page)[0]).to_be_hidden()
    expect(panes(page)[1]).to_be_visible()


def test_from_900_pixels_on_both_are_to_be_seen_and_no_tabs(open_window: Callable[..., Window]) -> None:
    page = in_two_frames(open_window(viewport={"width": 900, "height": 700}))
    for pane in panes(page):
        expect(pane).to_be_visible()
    expect(page.locator(".pane-tabs")).to_be_hidden()


def test_display_that_is_ready_in_one_frame_does_not_speak_for_the_other(window: Window, tmp_path: Path) -> None:
    with with_other_display(tmp_path) as (window.pair, _):
        page = in_two_frames(window)
        current, prior = panes(page)
        for pane in (current, prior):
            expect(pane.get_by_text("Asking Image display")).to_be_visible()
        prior.frame_locator("iframe.frame").get_by_role("button", name="Ready").click()
        expect(prior.locator(".waiting")).to_have_count(0)
        expect(current.get_by_text("Asking Image display")).to_be_visible()


def test_one_back_leads_from_a_comparison_to_the_choice_and_swapping_keeps_both(window: Window) -> None:
    page = compared(window)
    page.get_by_role("link", name="Swap").click()
    expect(page.locator(".pane-head").first).to_contain_text("Prior, 7 months earlier")
    page.get_by_role("link", name="Close CT · CT chest with contrast").click()
    expect(page.locator("h1")).to_contain_text("CT chest")
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("table.studies")
    expect(page.locator("tr:target")).to_contain_text("CT chest")
