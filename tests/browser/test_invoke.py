"""An EHR that cannot launch, in a real browser: from a link in its chart, by a sign-in in the frame, to pictures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display

pytestmark = pytest.mark.browser


def follows(window: Window, words: str, ehr: str, study: str = "") -> Frame:
    """Follows the link of these words in Ada's chart, that of a study where one is named; gives the frame."""
    window.page.goto(f"{window.pair.hospital_url}/chart-without-launch/ada?ehr={ehr}")
    place = window.page.locator("main")
    if study:
        window.page.get_by_text("Studies of this chart").click()
        place = window.page.locator("li", has_text=study)
    place.get_by_role("link", name=words).click()
    return frame_in(window.page, "iframe[name=images]")


def test_study_of_the_chart_is_seen_after_a_sign_in_in_the_frame(window: Window) -> None:
    frame = follows(window, "by its UID", "r4-backend", "CT chest with contrast")
    frame.get_by_role("link", name="Sign in here").click()
    signs_in_there(frame)
    frame.wait_for_selector("iframe.frame")
    assert "LINDQVIST, Ada" in frame.locator("header.identity").inner_text()
    assert "CT chest with contrast" in frame.locator("h1").inner_text()
    picture = of_display(frame_in(frame, "iframe.frame"))
    assert picture.levels > 60
    assert picture.contrast > 40
    assert "SB-1001" not in frame.url
    assert window.complaints == []


def test_sign_in_in_a_new_tab_goes_on_to_what_was_asked_for(window: Window) -> None:
    frame = follows(window, "All images of the patient", "r4-backend")
    with window.context.expect_page() as opened:
        frame.get_by_role("link", name="Sign in in a new tab").click()
    signs_in_there(opened.value)
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Imaging studies")
    assert "LINDQVIST, Ada" in opened.value.locator("header.identity").inner_text()


def test_accession_number_leads_to_the_images_without_javascript(open_window: Callable[..., Window]) -> None:
    window = open_window(java_script_enabled=False)
    frame = follows(window, "by its accession number", "r4-open", "CT chest with contrast")
    frame.wait_for_selector("h1:has-text('CT chest with contrast')")
    assert "LINDQVIST, Ada" in frame.locator("header.identity").inner_text()


def test_link_from_anywhere_else_asks_with_the_keyboard_at_hand(window: Window) -> None:
    path = "/invoke/r4-open/IHEInvokeImageDisplay"
    window.page.goto(f"{window.pair.sightline_url}{path}?requestType=PATIENT&patientID=SB-1001%5E%5E%5EFJORDVIEW")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Open the images of this patient?")
    window.page.get_by_role("button", name="Open images of LINDQVIST, Ada (Dr), MRN SB-1001").press("Enter")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Imaging studies")
    assert window.complaints == []


def signs_in_there(place: Page | Frame) -> None:
    """Fills in the hospital's sign-in; what follows is not the search for a patient."""
    place.fill("input[name=user]", "nordahl")
    place.fill("input[name=password]", "fjord")
    place.get_by_role("button", name="Sign in").click()


def test_frame_on_another_site_keeps_cookies_of_its_own_and_shows_the_images(
    open_browser: Callable[..., Window],
) -> None:
    frame = follows(open_browser(), "by its UID", "r4-open", "MR brain")
    frame.wait_for_selector("iframe.frame")
    assert "LINDQVIST, Ada" in frame.locator("header.identity").inner_text()
    assert of_display(frame_in(frame, "iframe.frame")).levels > 60


def test_frame_without_cookies_goes_on_in_a_window_of_its_own(open_browser: Callable[..., Window]) -> None:
    window = open_browser("none in frames")
    frame = follows(window, "All images of the patient", "r4-open")
    with window.context.expect_page() as opened:
        frame.get_by_role("link", name="Open in its own window").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Imaging studies")
    assert "LINDQVIST, Ada" in opened.value.locator("header.identity").inner_text()
