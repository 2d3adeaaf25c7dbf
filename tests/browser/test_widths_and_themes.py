"""Narrow and wide, light and dark: nothing scrolls sideways, nothing is too pale, nothing is hidden."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window, chooses_in_strip
from tests.browser.pictures import of_screen
from tests.browser.screens import every_screen

pytestmark = pytest.mark.browser

WIDTHS = (320, 400, 512, 768, 1280, 1920)

# The colours of an element's text and of what lies behind it, painted one over the other as the browser does.
COLOURS = """element => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  const fill = (colour) => { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); };
  const read = () => [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
  const behind = [];
  for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
  fill("Canvas");
  behind.forEach(fill);
  const ground = read();
  fill(getComputedStyle(element).color);
  return [read(), ground];
}"""


def test_no_page_scrolls_sideways_at_any_width(window: Window) -> None:
    too_wide = []
    for name, page in every_screen(window):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 700})
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            if wide > page.evaluate("innerWidth"):
                too_wide.append(f"{name} at {width}: {wide}")
    assert not too_wide


def assert_line_is_whole(page: Page) -> None:
    for words in ("LINDQVIST, Ada (Dr)", "14-Jul-1951", "SB-1001"):
        expect(page.locator("header.identity").get_by_text(words)).to_be_in_viewport(ratio=1)


def test_patient_line_is_whole_on_a_small_screen_without_scrolling(open_window: Callable[..., Window]) -> None:
    for size in ({"width": 320, "height": 480}, {"width": 1280, "height": 800}):
        page = open_window(viewport=size).opens_chart("ada")
        assert_line_is_whole(page)
        page.locator("tr", has_text="MR brain").locator("a.button").click()
        frame = page.locator("iframe.frame").bounding_box()
        assert_line_is_whole(page)
        assert frame
        assert frame["height"] >= size["height"] / 4


@pytest.mark.parametrize("how", [{}, {"java_script_enabled": False}], ids=["", "no-script"])
def test_strip_and_patient_line_leave_a_small_screen_to_the_images(
    open_window: Callable[..., Window], how: dict[str, bool]
) -> None:
    """84 pixels of 480; Previous and Next are to be seen, other ways wait behind a button that needs no script."""
    page = open_window(viewport={"width": 320, "height": 480}, **how).opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    expect(page.get_by_role("button", name="More")).to_be_in_viewport(ratio=1)
    expect(page.locator(".waits")).to_have_count(0)
    box = page.locator("iframe.frame").bounding_box()
    assert box
    assert box["y"] <= 84
    assert_line_is_whole(page)
    expect(page.get_by_role("link", name="Back to the list").first).to_be_in_viewport(ratio=1)
    for word in ("Previous", "Next"):
        expect(page.get_by_role("link", name=word)).to_be_in_viewport(ratio=1)
    ways = page.locator(".ways :is(a:not(.split), button, summary)")
    assert ways.count() >= 9
    expect(ways.first).to_be_hidden()
    page.get_by_role("button", name="More").press("Enter")
    for way in ways.all():
        expect(way).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(ways.first).to_be_hidden()
    chooses_in_strip(page, "Nothing to see?").click()
    expect(page.get_by_role("link", name="Open the images")).to_be_in_viewport()


def test_ways_on_stand_in_the_strip_where_there_is_room(open_window: Callable[..., Window]) -> None:
    page = open_window(viewport={"width": 768, "height": 700}).opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    expect(page.get_by_role("button", name="More")).to_be_hidden()
    for name in ("Compare", "Reload", "Nothing to see?"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport(ratio=1)


def test_images_button_and_its_study_are_seen_at_320_pixels(open_window: Callable[..., Window]) -> None:
    page = open_window(viewport={"width": 320, "height": 568}).opens_chart("ada")
    row = page.locator("tr", has_text="Lower leg AP")
    row.scroll_into_view_if_needed()
    for part in (row.locator(".type"), row.locator(".side"), row.locator(".date"), row.locator("a.button")):
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    assert row.locator(".side").inner_text() == "LEFT"


def test_list_inside_the_ehr_follows_the_frames_width(open_window: Callable[..., Window]) -> None:
    window = open_window(viewport={"width": 400, "height": 800})
    frame = window.opens_chart_in_the_ehr("ada")
    assert frame.evaluate("innerWidth") < 400
    assert frame.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_controls_are_large_enough_to_be_hit(open_window: Callable[..., Window]) -> None:
    window = open_window(viewport={"width": 320, "height": 700})
    small = []
    for name, page in every_screen(window):
        for control in page.locator(
            "a.button, button, select, input:not([type=radio], [type=checkbox]), .tick, .strip a, .pages a, "
            ".years a, thead a, .pane-head a, .pane-tabs label"
        ).all():
            box = control.bounding_box()
            if box and (box["height"] < 24 or box["width"] < 24):
                small.append(f"{name}: {control.inner_text()[:30]} {box['width']:.0f}×{box['height']:.0f}")
    assert not small


def test_focus_is_never_wholly_under_the_patient_line(open_window: Callable[..., Window]) -> None:
    page = open_window(viewport={"width": 320, "height": 480}).opens_chart("ada")
    covered = []
    for _ in range(page.locator("a, button, select, input").count()):
        page.keyboard.press("Tab")
        covered += page.evaluate(
            """() => {
              const line = document.querySelector("header.identity").getBoundingClientRect();
              const focused = document.activeElement, box = focused.getBoundingClientRect();
              const seen = box.bottom > line.bottom || focused.classList.contains("skip");
              return seen && box.top < innerHeight ? [] : [focused.outerHTML.slice(0, 80)];
            }"""
        )
    assert not covered


def luminance(colour: list[int]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text: list[int], ground: list[int]) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    bright, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_has_enough_contrast(open_window: Callable[..., Window], theme: str) -> None:
    window = open_window(color_scheme=theme)
    pale: dict[str, float] = {}
    for name, page in every_screen(window):
        for element in page.query_selector_all("body *:not(script):not(iframe):not(option)"):
            if not element.evaluate("e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())"):
                continue
            ratio = contrast(*element.evaluate(COLOURS))
            if ratio < 4.5:
                pale[f"{name}: {element.inner_text()[:30]}"] = round(ratio, 2)
    assert not pale


def test_light_and_dark_are_two_pictures(open_window: Callable[..., Window]) -> None:
    light, dark = (
        of_screen(open_window(color_scheme=theme).opens_chart("ada").screenshot()) for theme in ("light", "dark")
    )
    assert light.grey.mean() > 150
    assert dark.grey.mean() < 90


def test_words_about_loading_are_gone_when_the_long_list_is_there(window: Window) -> None:
    page = window.opens_chart("max")
    page.wait_for_selector("#end-of-list")
    expect(page.get_by_text("Still loading.")).to_be_hidden()
    expect(page.get_by_text("Showing 1–50 of 500")).to_be_visible()
