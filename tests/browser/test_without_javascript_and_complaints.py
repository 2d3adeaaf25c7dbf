"""What works with JavaScript off, and that the browser has nothing to complain of with it on."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Window, frame_in

pytestmark = pytest.mark.browser


def test_list_filter_and_opening_work_without_javascript(open_window: Callable[..., Window]) -> None:
    window = open_window(java_script_enabled=False)
    page = window.opens_chart("ada")
    assert page.locator("tbody tr").count() == 13
    page.locator("select[name=type]").select_option("CT")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_selector("p.filtered")
    assert page.locator("tbody tr").count() == 3
    page.locator("tr", has_text="CT chest with contrast").locator("a.button").click()
    frame = frame_in(page, "iframe.frame")
    frame.wait_for_selector("nav.rail button.series")
    assert "/display/IHEInvokeImageDisplay?requestType=STUDY&studyUID=" in frame.url
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("p.filtered")
    assert page.locator("tbody tr").count() == 3


def test_long_list_turns_its_pages_without_javascript(open_window: Callable[..., Window]) -> None:
    page = open_window(java_script_enabled=False).opens_chart("max")
    first = page.locator("tr[id]").first.get_attribute("id")
    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**page=2*")
    assert page.locator("tr[id]").count() == 50
    assert page.locator("tr[id]").first.get_attribute("id") != first


def test_browser_complains_of_nothing_on_the_whole_walk(window: Window) -> None:
    page = window.page
    page.goto(window.pair.sightline_url)
    frame = window.opens_chart_in_the_ehr("ada")
    frame.select_option("select[name=type]", "CT")
    frame.wait_for_selector("p.filtered")
    frame.get_by_role("link", name="Remove all filters").click()
    frame.wait_for_selector("tr:nth-child(13)")
    frame.get_by_role("link", name="Show").click()
    frame.wait_for_selector("tr.struck")
    frame.locator("tr", has_text="MR brain").locator("a.button").click()
    frame_in(frame, "iframe.frame").wait_for_selector("html[data-pictures=shown]")
    for patient, ehr in (("max", "r4"), ("mina", "r4"), ("ben", "r4"), ("ada", "fault-hostile"), ("cleo", "dstu1")):
        window.opens_chart(patient, ehr)
    assert page.title() == "Imaging studies"
    assert not window.complaints


def test_hostile_texts_run_nothing_in_the_browser(window: Window) -> None:
    page = window.opens_chart("ada", "fault-hostile")
    assert page.title() == "Imaging studies"
    page.locator("tr", has_text="<img src=x").locator("a.button").click()
    page.wait_for_selector("iframe.frame")
    assert page.title().startswith("Images: X-ray · <img src=x onerror=")
    assert page.locator("h1 img").count() == 0
    assert not window.complaints


def test_filter_applies_at_once_when_a_type_is_chosen(window: Window) -> None:
    page = window.opens_chart("ada")
    page.select_option("select[name=type]", "Ultrasound")
    page.wait_for_selector("p.filtered")
    assert {row.inner_text() for row in page.locator("tbody .type").all()} == {"Ultrasound"}


def test_storage_that_is_forbidden_breaks_nothing(window: Window) -> None:
    window.context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    frame = window.opens_chart_in_the_ehr("ada")
    frame.locator("tr", has_text="MR brain").locator("a.button").click()
    frame.wait_for_selector("iframe.frame")
    own = [words for words in window.complaints if window.pair.sightline_url in words]
    assert not own
