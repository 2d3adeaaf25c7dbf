"""Keys in the list: they go from study to study and open what the row offers, only while a study has the focus."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

AT = "[...document.querySelectorAll('tr[id]')].indexOf(document.activeElement)"


def begins(page: Page) -> list[str]:
    """Puts the focus on the first study, and gives the descriptions of all."""
    page.locator("tr[id]").first.focus()
    return page.locator("tr[id] .description").all_inner_texts()


def test_arrows_letters_home_and_end_go_from_study_to_study(window: Window) -> None:
    page = window.opens_chart("ada")
    last = len(begins(page)) - 1
    places = []
    for key in ("j", "ArrowDown", "k", "ArrowUp", "ArrowUp", "End", "ArrowDown", "Home"):
        page.keyboard.press(key)
        places.append(page.evaluate(AT))
    assert places == [1, 2, 1, 0, 0, last, last, 0]
    assert not window.complaints


def test_keys_go_through_all_years_of_a_long_list(window: Window) -> None:
    page = window.opens_chart("max")
    begins(page)
    page.keyboard.press("End")
    assert page.evaluate(AT) == 49
    expect(page.locator("tr[id]").last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("key", "shown"),
    [("Enter", "iframe.frame"), ("r", "article.written"), ("d", "dl.facts")],
    ids=["Images", "Report", "Details"],
)
def test_key_opens_what_the_row_offers(window: Window, key: str, shown: str) -> None:
    page = window.opens_chart("ada")
    begins(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    page.wait_for_selector(shown)
    assert "Chest PA" in page.locator("main").inner_text()


def test_enter_on_a_link_in_the_row_follows_that_link(window: Window) -> None:
    page = window.opens_chart("ada")
    page.locator("tr", has_text="MR brain").get_by_role("link", name="Details").press("Enter")
    page.wait_for_selector("dl.facts")


def test_study_without_images_opens_nothing(window: Window) -> None:
    page = window.opens_chart("ada")
    assert begins(page)[0] == "US Abdomen"
    address = page.url
    for key in ("Enter", "x"):
        page.keyboard.press(key)
    assert page.url == address
    expect(page.locator(".ticked")).to_be_hidden()


def test_two_ticked_studies_are_compared_and_a_third_takes_the_place_of_the_first(window: Window) -> None:
    page = window.opens_chart("ada")
    begins(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("status").get_by_text("Tick the study to compare it with.")).to_be_visible()
    for words in ("Echocardiography", "CT chest with contrast"):
        page.locator("tr", has_text=words).focus()
        page.keyboard.press("x")
    ticked = page.locator("tr:has(.tick input:checked) .description")
    assert ticked.all_inner_texts() == ["Echocardiography", "CT chest with contrast"]
    expect(page.get_by_role("link", name="Compare these two studies")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(".pane-heads, .panes")
    heads = page.locator(".pane-head").all_inner_texts()
    assert "Echocardiography" in heads[0]
    assert "CT chest with contrast" in heads[1]


def test_tick_names_its_study_and_works_by_mouse(window: Window) -> None:
    page = window.opens_chart("ada")
    page.get_by_role("checkbox", name="Compare : MRI · MR brain").check()
    page.get_by_role("checkbox", name="Compare : CT · CT chest with contrast").check()
    expect(page.get_by_role("link", name="Compare these two studies")).to_be_in_viewport(ratio=1)
    page.get_by_role("checkbox", name="Compare : MRI · MR brain").uncheck()
    expect(page.get_by_role("link", name="Compare these two studies")).to_be_hidden()


def test_slash_leads_to_the_text_and_letters_typed_there_are_letters(window: Window) -> None:
    page = window.opens_chart("ada")
    begins(page)
    page.keyboard.press("/")
    page.keyboard.type("jrdx?/k")
    expect(page.locator("input[type=search]")).to_be_focused()
    expect(page.locator("input[type=search]")).to_have_value("jrdx?/k")
    expect(page.locator("#keys")).to_be_hidden()


@pytest.mark.parametrize("place", ["a.skip", "select[name=type]", ".source a", "thead a", ".tick input"])
def test_no_key_acts_outside_the_studies_or_in_a_field(window: Window, place: str) -> None:
    """51."""
    page = window.opens_chart("ada")
    address = page.url
    page.locator(place).first.focus()
    for key in ("r", "d", "x", "?"):
        page.keyboard.press(key)
    assert page.url == address
    expect(page.locator("#keys")).to_be_hidden()
    assert page.locator(".tick input:checked").count() == 0


def test_key_with_control_or_alt_is_the_browsers(window: Window) -> None:
    page = window.opens_chart("ada")
    begins(page)
    page.keyboard.press("Alt+j")
    assert page.evaluate(AT) == 0


def test_help_is_one_key_or_one_button_away_and_gives_the_focus_back(window: Window) -> None:
    page = window.opens_chart("ada")
    begins(page)
    page.keyboard.press("?")
    help_ = page.locator("#keys")
    expect(help_.get_by_role("button", name="Close")).to_be_focused()
    expect(help_).to_contain_text("Next or previous study")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    assert page.evaluate(AT) == 0
    page.get_by_role("button", name="Keys").click()
    expect(help_).to_be_visible()


def test_keys_that_are_switched_off_do_nothing_and_stay_off_in_the_chart(window: Window) -> None:
    """51: the address says so, so that it holds without any storage."""
    page = window.opens_chart("ada")
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("link", name="Switch these keys off").click()
    page.wait_for_url("**keys=off*")
    page.select_option("select[name=type]", "CT")
    page.wait_for_selector("p.filtered")
    page.locator("tr", has_text="CT chest with contrast").locator("a.button").click()
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("table.studies")
    assert "keys=off" in page.url
    link = page.locator("tr[id] a.more").first
    for key in ("j", "r", "x", "?", "End"):
        link.press(key)
    expect(link).to_be_focused()
    expect(page.locator("#keys")).to_be_hidden()
    assert page.locator("tr[tabindex]").count() == 0
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("link", name="Switch these keys on").click()
    page.wait_for_selector("tr[tabindex]")


def test_study_that_has_the_focus_is_to_be_seen_at_every_width(open_window: Callable[..., Window]) -> None:
    for width in (320, 1280):
        page = open_window(viewport={"width": width, "height": 480}).opens_chart("ada")
        begins(page)
        for _ in range(6):
            page.keyboard.press("j")
            line = page.locator("header.identity").bounding_box()
            row = page.locator("tr[id]:focus").bounding_box()
            assert line
            assert row
            assert line["y"] + line["height"] <= row["y"] < 480


def test_without_javascript_nothing_offers_keys_or_ticks(open_window: Callable[..., Window]) -> None:
    page = open_window(java_script_enabled=False).opens_chart("ada")
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    expect(page.locator("#keys")).to_be_hidden()
    assert page.locator(".tick").count() == 0
