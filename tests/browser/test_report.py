"""Reports as a person sees them: beside the images, as a PDF, printed, and one that tries to do something."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window, chooses_in_strip, frame_in

pytestmark = pytest.mark.browser

WORDS = "Nodule of 6 mm in the right upper lobe"


def row(page: Page, description: str) -> Locator:
    return page.locator("tbody tr", has_text=description).first


def opens_report(page: Page, description: str) -> None:
    row(page, description).locator("a.report").click()
    page.wait_for_selector("article.written")


def requests_of(page: Page) -> list[str]:
    """Every address that the page's window asks for from now on."""
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    return asked


def test_report_is_one_click_from_the_list_and_leads_to_its_images(window: Window) -> None:
    """Point 22."""
    page = window.opens_chart("ada")
    opens_report(page, "CT chest with contrast")
    expect(page.locator("article")).to_contain_text(WORDS)
    page.get_by_role("link", name="Images").click()
    page.wait_for_selector("iframe.frame")
    page.go_back()
    page.go_back()
    assert page.locator(":focus").get_attribute("class") == "button"
    assert not window.complaints


def test_preliminary_and_amended_stand_in_the_row_and_above_the_words(window: Window) -> None:
    """Point 11."""
    page = window.opens_chart("ada")
    expect(row(page, "Chest PA").locator("a.report")).to_contain_text("PRELIMINARY report")
    expect(row(page, "PET/CT").locator("a.report")).to_contain_text("Report – amended 03-Apr-2026")
    opens_report(page, "Chest PA")
    tag, words = page.locator("article .tag"), page.locator("article .words")
    assert tag.bounding_box()["y"] < words.bounding_box()["y"]  # type: ignore[index]
    expect(tag).to_have_text("PRELIMINARY")


def test_report_opens_beside_images_that_stay_as_they_are(window: Window) -> None:
    page = window.opens_chart("ada")
    row(page, "CT chest with contrast").locator("a.button").click()
    frame_in(page, "iframe.frame").wait_for_selector("html[data-pictures=shown]")
    asked = requests_of(page)
    link = page.get_by_role("link", name="Report beside")
    assert link.get_attribute("aria-expanded") == "false"
    link.click()
    report = frame_in(page, ".beside iframe")
    report.wait_for_selector("article.written")
    assert WORDS in report.inner_text("article")
    assert "LINDQVIST, Ada" in report.inner_text("header.identity")
    assert not [address for address in asked if "/ticket/" in address or "IHEInvokeImageDisplay" in address]
    images, column = page.locator(".stage").bounding_box(), page.locator(".beside").bounding_box()
    assert images
    assert column
    assert images["x"] + images["width"] <= column["x"] + 1
    assert images["width"] > column["width"] > 300
    link.click()
    expect(page.locator(".beside")).to_be_hidden()
    assert link.get_attribute("aria-expanded") == "false"
    assert not window.complaints


def test_report_that_nobody_opened_beside_the_images_was_not_asked_for(window: Window) -> None:
    page = window.opens_chart("ada")
    asked = requests_of(page)
    row(page, "CT chest with contrast").locator("a.button").click()
    frame_in(page, "iframe.frame").wait_for_selector("html[data-pictures=shown]")
    assert not [address for address in asked if "/report/" in address]


def test_report_stands_beside_the_images_without_javascript(open_window: Callable[..., Window]) -> None:
    page = open_window(java_script_enabled=False).opens_chart("ada")
    row(page, "CT chest with contrast").locator("a.button").click()
    page.get_by_role("link", name="Report beside").click()
    report = frame_in(page, ".beside iframe")
    report.wait_for_selector("article.written")
    assert WORDS in report.inner_text("article")
    page.get_by_role("link", name="Close report").click()
    expect(page.locator(".beside")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 768])
def test_narrow_viewer_leads_to_the_reports_own_page(open_window: Callable[..., Window], width: int) -> None:
    page = open_window(viewport={"width": width, "height": 700}).opens_chart("ada")
    row(page, "CT chest with contrast").locator("a.button").click()
    expect(page.get_by_role("link", name="Report beside")).to_be_hidden()
    chooses_in_strip(page, "Report").click()
    expect(page.locator("article")).to_contain_text(WORDS)


def test_around_a_dark_viewer_the_report_is_dark_too(open_window: Callable[..., Window]) -> None:
    """Point 39, and in the light theme as well: the surround of images is dark."""
    page = open_window(color_scheme="light").opens_chart("ada")
    row(page, "CT chest with contrast").locator("a.button").click()
    page.get_by_role("link", name="Report beside").click()
    report = frame_in(page, ".beside iframe")
    report.wait_for_selector("article.written")
    ground = report.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60


def test_pdf_is_shown_in_the_page_below_the_patient_line(window: Window) -> None:
    page = window.opens_chart("ada")
    # Chromium's reader is an extension of its own; a policy that is too narrow leaves the frame empty.
    with page.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-extension:")):
        opens_report(page, "Echocardiography")
    expect(page.locator("header.identity")).to_contain_text("LINDQVIST, Ada")


def test_pdf_of_a_report_with_words_is_shown_when_it_is_asked_for(window: Window) -> None:
    page = window.opens_chart("ada")
    opens_report(page, "CT chest with contrast")
    assert page.locator("iframe.document").count() == 0
    page.get_by_role("link", name="Show the PDF").click()
    page.wait_for_selector("iframe.document")
    with page.expect_download() as download:
        # Where the mouse is does not count: Chromium's reader, while it begins, loses a click beside it now and then.
        page.locator("article a", has_text="Download").last.dispatch_event("click")
    assert download.value.suggested_filename == "report.rtf"


def test_hostile_report_does_nothing(window: Window) -> None:
    page = window.opens_chart("ada", "fault-reports-hostile")
    asked = requests_of(page)
    opens_report(page, "Echocardiography")
    for place in (0, 1):
        page.get_by_role("link", name="Show the PDF").nth(place).click()
        page.wait_for_selector("iframe.document")
        page.wait_for_load_state("networkidle")
        page.go_back()
        page.wait_for_selector("article.written")
    title = page.title()

    assert title.startswith("Report: Ultrasound · Echocardiography")
    assert page.locator("header.identity").count() == 1
    assert page.locator("article .words [class], article .words [style], article .words form").count() == 0
    assert not [address for address in asked if "elsewhere.example" in address]
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    assert not [complaint for complaint in window.complaints if "502" not in complaint]


def test_printed_report_has_the_patient_and_no_buttons(window: Window) -> None:
    """Point 55."""
    page = window.opens_chart("ada")
    opens_report(page, "CT chest with contrast")
    page.emulate_media(media="print")
    expect(page.locator("header.identity")).to_contain_text("LINDQVIST, Ada")
    expect(page.locator("p.printed")).to_contain_text("Images are not printed.")
    for hidden in (".sign-out", ".ways-on a", ".compared a", ".source a"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("article")).to_contain_text(WORDS)
