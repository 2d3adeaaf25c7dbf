"""The sandbox's EHR and image display in a real browser: what must be in view, and what the hand does."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


def opens_display(window: Window, accession: str) -> Page:
    window.page.goto(
        f"{window.pair.hospital_url}/display/IHEInvokeImageDisplay?requestType=STUDY&accessionNumber={accession}"
    )
    window.page.wait_for_selector("html[data-pictures=shown]")
    return window.page


@pytest.mark.parametrize("height", [600, 800])
def test_frames_foot_stays_in_view_when_a_fault_is_chosen(open_window: Callable[..., Window], height: int) -> None:
    window = open_window(viewport={"width": 1280, "height": height})
    page = window.page
    page.goto(f"{window.pair.hospital_url}/chart/max/imaging")
    page.locator("summary").click()
    page.select_option("select[name=condition]", "fault-error")
    page.get_by_role("button", name="Launch again").click()
    page.get_by_text("Set-up: The record system fails (500).").wait_for()
    frame = page.locator("iframe").bounding_box()
    assert frame
    assert frame["y"] + frame["height"] <= height
    assert frame["height"] > height / 2
    assert page.locator("nav.tabs a").first.is_visible()


def test_picture_has_most_of_a_frame_of_320_by_480(open_window: Callable[..., Window]) -> None:
    page = opens_display(open_window(viewport={"width": 320, "height": 480}), "A-20241021-07")
    stage = page.locator("canvas").bounding_box()
    assert stage
    assert stage["width"] == 320
    assert stage["height"] > 0.8 * 480


@pytest.mark.parametrize("how", [{}, {"has_touch": True, "is_mobile": True}], ids=["mouse", "touch"])
def test_no_tool_of_the_display_is_cut_at_320_pixels(open_window: Callable[..., Window], how: dict[str, bool]) -> None:
    page = opens_display(open_window(viewport={"width": 320, "height": 480}, **how), "A-20260611-04")
    boxes = {
        tool.get_attribute("aria-label"): tool.bounding_box() for tool in page.locator(".bar :is(button, input)").all()
    }
    seen = {name: box for name, box in boxes.items() if box}
    assert {"Play or pause", "Images per second", "Invert", "Reset the view"} <= seen.keys()
    assert not [name for name, box in seen.items() if box["x"] < 0 or box["x"] + box["width"] > 320]
    assert not [name for name, box in seen.items() if box["height"] < 12 or box["width"] < 24]


def test_titles_of_series_are_never_broken_in_mid_word(open_window: Callable[..., Window]) -> None:
    page = opens_display(open_window(viewport={"width": 320, "height": 480}), "A-20241021-07")
    lines = "e => e.clientHeight / parseFloat(getComputedStyle(e).fontSize)"
    assert not [title.inner_text() for title in page.locator(".what").all() if title.evaluate(lines) > 1.6]


def test_cine_plays_stops_and_starts_at_the_recorded_speed(window: Window) -> None:
    page = opens_display(window, "A-20260611-04")
    play, position = page.get_by_label("Play or pause"), page.locator("[data-position]")
    assert page.locator("[data-speed-text]").inner_text() == "30/s"
    play.click()
    page.wait_for_function("() => Number(document.querySelector('[data-position]').value) > 3")
    assert play.get_attribute("aria-pressed") == "true"
    play.click()
    assert play.get_attribute("aria-pressed") == "false"
    stopped = position.input_value()
    page.wait_for_timeout(300)
    assert position.input_value() == stopped
    assert not window.complaints


def test_window_is_chosen_from_the_list_and_by_hand_and_reset(window: Window) -> None:
    page = opens_display(window, "A-20260305-01")
    presets, shown = page.get_by_label("Window preset"), page.locator("[data-text=window]")
    own = shown.text_content()
    presets.select_option(label="Bone")
    page.wait_for_function("() => document.querySelector('[data-text=window]').textContent === 'W 2200  L 500'")
    canvas = page.locator("canvas").bounding_box()
    assert canvas
    page.mouse.move(canvas["x"] + 300, canvas["y"] + 300)
    page.mouse.down()
    page.mouse.move(canvas["x"] + 380, canvas["y"] + 300)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('[data-presets]').value === ''")
    page.get_by_label("Reset the view").click()
    page.wait_for_function("own => document.querySelector('[data-text=window]').textContent === own", arg=own)
    assert presets.input_value() == "0"
    assert not window.complaints
