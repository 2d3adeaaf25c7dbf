"""The page of one study in a real browser: its numbers can be copied, with or without a clipboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


def identifiers_of(window: Window) -> Page:
    page = window.opens_chart("ada")
    page.locator("tr", has_text="PET/CT").get_by_role("link", name="Details").click()
    page.get_by_text("Identifiers").click()
    return page


def test_number_is_copied_with_one_click(window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = identifiers_of(window)

    page.get_by_role("button", name="Copy Accession number").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "A-20260402-01"
    assert window.complaints == []


def test_number_is_selected_where_the_page_may_not_write_to_the_clipboard(window: Window) -> None:
    page = identifiers_of(window)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")

    page.get_by_role("button", name="Copy Accession number").click()

    expect(page.get_by_role("button", name="Selected")).to_be_visible()
    assert page.evaluate("String(getSelection())") == "A-20260402-01"
