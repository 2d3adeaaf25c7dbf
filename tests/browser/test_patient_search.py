"""Looking a patient up in a real browser: in a window of its own, in the EHR's frame, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Window, frame_in

pytestmark = pytest.mark.browser


def signs_in(place: Page | Frame) -> None:
    place.fill("input[name=user]", "nordahl")
    place.fill("input[name=password]", "fjord")
    place.get_by_role("button", name="Sign in").click()
    place.wait_for_selector("h1:has-text('Find a patient')")


def opens_ada(place: Page | Frame) -> None:
    place.get_by_label("Family name").fill("Lindqvist")
    place.get_by_label("Birth date").fill("1951-07-14")
    place.get_by_role("button", name="Search").click()
    place.get_by_role("button", name="Imaging of LINDQVIST, Ada (Dr), MRN SB-1001").click()
    place.wait_for_selector("header.identity:has-text('SB-1001')")


def test_patient_is_found_opened_and_left_for_another(window: Window) -> None:
    page = window.page
    page.goto(window.pair.sightline_url)
    page.get_by_role("link", name="Fjordview register (Backend Services)").click()
    signs_in(page)
    opens_ada(page)
    assert "Lindqvist" not in page.url
    page.locator("tr", has_text="PET/CT").locator("a.button").click()
    page.wait_for_selector("iframe.frame")
    page.go_back()
    page.get_by_role("link", name="Another patient").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Find a patient")
    assert page.locator("header.identity").count() == 0
    assert window.complaints == []


def test_search_works_with_the_keyboard_alone(window: Window) -> None:
    page = window.page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-open")
    page.get_by_label("Number").focus()
    page.keyboard.type("SB-1001")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Imaging of LINDQVIST")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("header.identity:has-text('SB-1001')")


def test_search_works_without_javascript(open_window: Callable[..., Window]) -> None:
    window = open_window(java_script_enabled=False)
    page = window.page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-basic")
    signs_in(page)
    opens_ada(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed out")


def test_in_the_ehrs_frame_the_person_signs_in_here_or_in_a_new_tab(window: Window) -> None:
    window.page.goto(f"{window.pair.hospital_url}/chart/ada/imaging?ehr=r4-bearer")
    frame = frame_in(window.page, "iframe[data-app-frame]")
    frame.wait_for_selector("h1:has-text('Sign in to look a patient up')")
    with window.context.expect_page() as opened:
        frame.get_by_role("link", name="Sign in in a new tab").click()
    signs_in(opened.value)
    opened.value.close()
    frame.get_by_role("link", name="Sign in here").click()
    frame.wait_for_selector("h1:has-text('Find a patient')")
    opens_ada(frame)
    assert window.complaints == []


def test_mistake_is_told_at_its_field(window: Window) -> None:
    page = window.page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-open")
    page.get_by_label("Family name").fill("L")
    page.get_by_label("Given name").fill("Ada")
    page.get_by_role("button", name="Search").click()
    field = page.get_by_label("Family name")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Write at least two letters of the family name.")
    expect(page.get_by_role("alert")).to_contain_text("Not searched.")
