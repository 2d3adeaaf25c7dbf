"""The main job in a real browser: from the patient's chart in the EHR to pictures that can be seen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import Picture, of_display

pytestmark = pytest.mark.browser


FOCUS_IN_ROW = "key => document.activeElement.closest('tr')?.id === key"


def display_of(sightline: Frame) -> Frame:
    """The frame of the hospital's display below Sightline's strip."""
    return frame_in(sightline, "iframe.frame")


def images_of(window: Window, patient: str, words: str, ehr: str = "r4") -> tuple[Frame, Picture]:
    """Opens the chart in the EHR, presses Images in the row of these words, and looks at the picture."""
    sightline = window.opens_chart_in_the_ehr(patient, ehr)
    sightline.locator("tr", has_text=words).locator("a.button").click()
    sightline.wait_for_selector("iframe.frame")
    return sightline, of_display(display_of(sightline))


def test_ct_x_ray_and_echo_are_seen_inside_the_chart_and_differ(window: Window) -> None:
    pictures = {}
    for words in ("CT chest with contrast", "Lower leg AP", "Echocardiography"):
        sightline, picture = images_of(window, "ada", words)
        assert "LINDQVIST, Ada" in sightline.locator("header.identity").inner_text()
        assert words in sightline.locator("h1").inner_text()
        assert picture.levels > 60, f"{words}: {picture.levels} grey levels"
        assert picture.contrast > 40, f"{words}: contrast {picture.contrast:.0f}"
        pictures[words] = picture
    ct, x_ray, echo = pictures.values()
    assert min(ct.difference(x_ray), ct.difference(echo), x_ray.difference(echo)) > 8
    assert not window.complaints


def test_cine_of_the_heart_moves_when_it_is_played(window: Window) -> None:
    sightline, still = images_of(window, "ada", "Echocardiography")
    display = display_of(sightline)
    display.locator("button[data-action=play]").click()
    display.wait_for_function("() => Number(document.querySelector('[data-position]').value) > 5")
    display.locator("button[data-action=play]").click()
    assert of_display(display).difference(still) > 0.5


def test_same_ct_looks_the_same_in_dstu2_and_r5(open_window: Callable[..., Window]) -> None:
    (_, old), (_, new) = (images_of(open_window(), "ada", "CT chest with contrast", ehr) for ehr in ("dstu2", "r5"))
    assert old.difference(new) < 1


def test_two_patients_side_by_side_each_stay_their_own(window: Window) -> None:
    window.page.goto(f"{window.pair.hospital_url}/side-by-side?left=ada&right=cleo")

    def patients() -> list[str]:
        halves = [window.sightlines_frame(f".half:nth-child({side}) iframe") for side in (1, 2)]
        return [half.locator("header.identity strong").first.inner_text() for half in halves]

    both = ["LINDQVIST, Ada (Dr)", "LINDQVIST, Cleo"]
    assert patients() == both
    left, right = (window.sightlines_frame(f".half:nth-child({side}) iframe") for side in (1, 2))
    left.locator("tr", has_text="CT chest with contrast").locator("a.button").click()
    left.wait_for_selector("iframe.frame")
    right.locator("tr", has_text="CT head").locator("a.button").click()
    right.wait_for_selector("iframe.frame")
    chest, head = of_display(display_of(left)), of_display(display_of(right))
    assert chest.difference(head) > 8
    assert "Ada" in display_of(left).title()
    assert "Cleo" in display_of(right).title()
    assert patients() == both
    for frame in (left, right):
        frame.evaluate("location.reload()")
        frame.wait_for_load_state("domcontentloaded")
    assert patients() == both
    left.locator("a.strip-back").first.click()
    left.wait_for_selector("table.studies")
    assert patients() == both
    assert "CT head" not in left.locator("table.studies").inner_text()
    window.page.reload()
    assert patients() == both
    assert not window.complaints


def test_reload_in_the_strip_shows_the_pictures_again_in_a_fresh_frame(window: Window) -> None:
    sightline, before = images_of(window, "ada", "MR brain")
    ticket = sightline.locator("iframe.frame").get_attribute("src")
    sightline.get_by_role("link", name="Reload").click()
    sightline.wait_for_function("old => document.querySelector('iframe.frame').getAttribute('src') !== old", arg=ticket)
    assert of_display(display_of(sightline)).difference(before) < 2


def test_back_leads_to_the_list_after_each_of_three_studies(window: Window) -> None:
    page = window.opens_chart("ada")
    page.select_option("select[name=type]", "MRI")
    page.wait_for_selector("p.filtered")
    list_address = page.url
    for words in ("MR brain", "MR shoulder", "MR brain"):
        page.locator("tr", has_text=words).locator("a.button").click()
        of_display(frame_in(page, "iframe.frame"))
        page.go_back()
        page.wait_for_selector("table.studies")
        assert page.url.partition("#")[0] == list_address
        assert page.locator("p.filtered").count() == 1
        page.wait_for_function(FOCUS_IN_ROW, arg=page.locator("tr", has_text=words).get_attribute("id"))


def test_way_back_in_the_strip_leads_to_the_row_one_came_from(window: Window) -> None:
    page = window.opens_chart("ada")
    key = page.locator("tr", has_text="MR shoulder").get_attribute("id")
    page.locator("tr", has_text="MR shoulder").locator("a.button").click()
    page.wait_for_selector("iframe.frame")
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("table.studies")
    page.wait_for_function(FOCUS_IN_ROW, arg=key)
    assert page.url.endswith(f"#{key}")


def test_focus_lands_on_the_viewers_heading_and_tab_goes_on_from_there(window: Window) -> None:
    page = window.opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    page.wait_for_selector("iframe.frame")
    page.wait_for_function("document.activeElement.localName === 'h1'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.title") == "CT · CT chest with contrast · 05-Mar-2026 14:15"


def test_new_tab_has_the_patients_line_and_the_pictures(window: Window) -> None:
    """36: our own page, which cannot reach back."""
    page = window.opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    page.wait_for_selector("iframe.frame")
    with window.context.expect_page() as opened:
        page.get_by_role("link", name="Open in new tab").click()
    tab = opened.value
    assert "LINDQVIST, Ada" in tab.locator("header.identity").inner_text()
    assert of_display(frame_in(tab, "iframe.frame")).levels > 60
    assert tab.evaluate("window.opener") is None
