"""List and report on paper, read from the PDF that Chromium prints: whose they are and which page, on every page."""

import io
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

NOT_ON_PAPER = ("Details", "Viewers", "Sign out", "Refresh", "Remove all filters", "All images of this patient")
AS_OF = re.compile(r"As of (\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d), for (.+?)\. Images are not printed\.")
DATES = re.compile(r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d(?!, for)")
CONTENTS = re.compile(r"\d+ series, \d+ images?")


def printed(page: Page, paper: str = "A4") -> list[str]:
    """The words of each page of paper, spaces squeezed and ligatures undone."""
    pdf = PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=True)))
    return [" ".join(unicodedata.normalize("NFKC", sheet.extract_text()).split()) for sheet in pdf.pages]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_long_list_has_patient_page_number_and_moment_on_each_page(window: Window, paper: str) -> None:
    """User experience, point 55."""
    page = window.opens_chart("max")
    page.wait_for_selector("#end-of-list")
    before = datetime.now(ZoneInfo("Europe/Berlin"))
    sheets = printed(page, paper)

    assert len(sheets) >= 3
    for number, words in enumerate(sheets, start=1):
        assert words.count("ACHTERBERG, Maximilian") == 1
        for part in ("Born 09-Jan-1944", "MRN SB-1004", f"{number} / {len(sheets)}"):
            assert part in words, words
        moment = AS_OF.search(words)
        assert moment, words
        assert abs(datetime.strptime(moment[1], "%d-%b-%Y %H:%M") - before.replace(tzinfo=None)).total_seconds() < 180
        for control in NOT_ON_PAPER:
            assert control not in words


def test_no_row_is_cut_in_two(window: Window) -> None:
    page = window.opens_chart("max")
    page.wait_for_selector("#end-of-list")
    rows = page.locator(".studies tr[id]").count()
    sheets = printed(page)

    assert sum(len(CONTENTS.findall(words)) for words in sheets) == rows
    for words in sheets:
        assert len(DATES.findall(words.split("Contents")[-1])) == len(CONTENTS.findall(words))


def test_filtered_list_says_on_paper_that_it_is_filtered(window: Window) -> None:
    page = window.opens_chart("ada")
    page.goto(f"{page.url}?type=CT")

    words = printed(page)[0]

    assert "Data filtered to show: CT" in words
    assert re.search(r"\d of \d+ studies", words)
    assert "PET/CT chest" in words or "CT chest with contrast" in words


def test_state_of_a_report_stands_on_paper_as_words(window: Window) -> None:
    words = printed(window.opens_chart("ada"))[0]

    for state in ("PRELIMINARY report", "Report – amended 03-Apr-2026", "Report withdrawn", "No report found"):
        assert state.replace(" ", "") in words.replace(" ", "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_report_on_paper_has_its_patient_and_is_black_on_white(open_window: Callable[..., Window], theme: str) -> None:
    page = open_window(color_scheme=theme).opens_chart("ada")
    page.locator("tr", has_text="CT chest with contrast").locator("a.report").click()
    page.wait_for_selector("article.written")
    words = printed(page)

    assert "LINDQVIST, Ada (Dr)" in words[0]
    assert f"1 / {len(words)}" in words[0]
    assert AS_OF.search(words[0])
    assert "Sign out" not in " ".join(words)
    page.emulate_media(media="print", color_scheme=theme)  # type: ignore[arg-type]
    for element in page.locator(".identity strong, .identity .label, h1, h2, .detail, .words").all():
        assert element.evaluate("element => getComputedStyle(element).color") == "rgb(0, 0, 0)"


def test_images_are_not_printed_but_whose_they_are_is(window: Window) -> None:
    page = window.opens_chart("ada")
    page.locator("tr", has_text="MR brain").locator("a.button").click()
    page.wait_for_selector(".waiting", state="detached")
    (words,) = printed(page)

    assert "LINDQVIST, Ada (Dr)" in words
    assert "MR brain" in words
    assert "Images are not printed." in words
    assert "Reload" not in words
