"""The list beside the images (`open = "split"`): from 1024 pixels of our own frame's width on, one row a click."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window, frame_in
from tests.browser.test_images_in_the_chart import FOCUS_IN_ROW
from tests.conftest import Pair

pytestmark = pytest.mark.browser


@pytest.fixture
def split(sightline_with: Callable[[Callable[[str], str]], Pair]) -> Pair:
    return sightline_with(lambda toml: toml.replace('open = "frame"', 'open = "split"'))


def opened(window: Window, pair: Pair, patient: str = "ada") -> Page:
    """The images of the patient's oldest study, so that its row is not among the first of the list."""
    window.pair = pair
    page = window.opens_chart(patient)
    page.locator("a.button", has_text="Images").last.click()
    page.wait_for_selector("iframe.frame")
    return page


def test_list_is_seen_from_1024_pixels_on_and_below_there_is_only_the_viewer(
    open_window: Callable[..., Window], split: Pair
) -> None:
    page = opened(open_window(viewport={"width": 1024, "height": 500}), split)
    beside, stage = page.locator(".list-beside"), page.locator(".stage")
    expect(beside).to_be_visible()
    listed, images = beside.bounding_box(), stage.bounding_box()
    assert listed
    assert images
    assert listed["x"] + listed["width"] <= images["x"] + 1
    assert images["width"] > 700
    expect(beside.locator("[aria-current=page]")).to_be_in_viewport(ratio=1)
    for width in (1023, 768, 320):
        page.set_viewport_size({"width": width, "height": 500})
        expect(beside).to_be_hidden()


def test_list_gives_its_place_to_the_report_where_both_are_too_wide(
    open_window: Callable[..., Window], split: Pair
) -> None:
    page = opened(open_window(viewport={"width": 1100, "height": 600}), split)
    page.get_by_role("link", name="Report beside").click()
    expect(page.locator(".beside")).to_be_visible()
    expect(page.locator(".list-beside")).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 600})
    expect(page.locator(".list-beside")).to_be_visible()


def test_tab_goes_from_the_strip_into_the_list_which_one_key_skips(window: Window, split: Pair) -> None:
    page = opened(window, split)
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip the list")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".list-beside li a").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.localName") == "iframe"


def test_one_back_leads_to_the_list_after_rows_that_were_opened_beside_the_images(window: Window, split: Pair) -> None:
    page = opened(window, split)
    for words in ("MR brain", "CT chest with contrast"):
        page.locator(".list-beside li a", has_text=words).click()
        expect(page.locator("h1")).to_contain_text(words)
        frame_in(page, "iframe.frame")
    last = page.url.split("/view/")[1]
    page.go_back()
    page.wait_for_selector("table.studies")
    page.wait_for_function(FOCUS_IN_ROW, arg=last)
    assert not window.complaints


def test_list_works_without_javascript(open_window: Callable[..., Window], split: Pair) -> None:
    page = opened(open_window(java_script_enabled=False), split)
    page.locator(".list-beside li a", has_text="MR brain").click()
    expect(page.locator("h1")).to_contain_text("MR brain")
    frame_in(page, "iframe.frame").wait_for_selector("canvas")
