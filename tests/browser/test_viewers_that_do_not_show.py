"""A viewer that refuses the frame or hangs: an iframe tells nobody, so what stands around it must be enough."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from sandbox import certificates
from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display, of_screen
from tests.configured import rule
from tests.conftest import Pair, free_ports, served, started

pytestmark = pytest.mark.browser


def opened(window: Window, ehr: str) -> Page:
    """The viewer page of Ada's MR brain, as far as it gets."""
    page = window.opens_chart("ada", ehr)
    page.locator("tr", has_text="MR brain").locator("a.button").click(no_wait_after=True)
    page.wait_for_selector("iframe.frame", state="attached")
    return page


def assert_strip_stands(page: Page) -> None:
    expect(page.locator("header.identity")).to_contain_text("LINDQVIST, Ada")
    expect(page.locator("h1")).to_contain_text("MR brain")
    for name in ("Reload", "Open in new tab", "Nothing to see?"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport()
    expect(page.locator("a.strip-back").first).to_be_in_viewport()


def test_refused_frame_leaves_strip_patient_line_and_reload(window: Window) -> None:
    """31: X-Frame-Options DENY."""
    page = opened(window, "r4-refusing")
    assert_strip_stands(page)
    first = page.locator("iframe.frame").get_attribute("src")
    page.get_by_role("link", name="Reload").click()
    page.wait_for_function("old => document.querySelector('iframe.frame').getAttribute('src') !== old", arg=first)
    assert_strip_stands(page)


def test_refused_frame_really_shows_nothing_of_the_viewer(window: Window) -> None:
    page = opened(window, "r4-refusing")
    page.wait_for_load_state()
    assert frame_in(page, "iframe.frame").locator(".stage").count() == 0


def test_way_out_of_a_refused_frame_leads_to_pictures(window: Window) -> None:
    page = opened(window, "r4-refusing")
    page.get_by_role("link", name="Nothing to see?").click()
    page.wait_for_selector("section.nothing")
    expect(page.locator("header.identity")).to_contain_text("LINDQVIST, Ada")
    with window.context.expect_page() as tab:
        page.get_by_role("link", name="Open the images").click()
    picture = of_display(tab.value.main_frame)
    assert picture.levels > 60
    assert picture.contrast > 40


def test_silent_viewer_leaves_strip_patient_line_and_the_way_back(window: Window) -> None:
    page = opened(window, "r4-no-viewer-answer")
    assert_strip_stands(page)
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("table.studies")
    assert page.locator("tr", has_text="MR brain").count() == 1


def test_silent_viewer_can_be_asked_again_and_left_for_another_study(window: Window) -> None:
    page = opened(window, "r4-no-viewer-answer")
    page.get_by_role("link", name="Reload").click(no_wait_after=True)
    assert_strip_stands(page)
    page.locator("a.strip-back").first.click()
    page.locator("tr", has_text="MR shoulder").locator("a.button").click(no_wait_after=True)
    expect(page.locator("h1")).to_contain_text("MR shoulder")


@contextmanager
def with_display_that_is(what: str, folder: Path) -> Iterator[Pair]:
    """A pair whose display is down, asks for a sign-in, fails, or has a certificate that nobody vouches for."""
    (port,) = free_ports(1)
    scheme = "https" if what == "certificate" else "http"
    display, app = f"{scheme}://127.0.0.1:{port}", Flask("bad_display")
    app.add_url_rule("/IHEInvokeImageDisplay", "invoke", lambda: ("", {"401": 401, "500": 500}.get(what, 200)))
    own = certificates.ensure(folder) if what == "certificate" else None

    def change(toml: str) -> str:
        moved = re.sub(r'address = ".*/display/IHE', f'address = "{display}/IHE', toml, count=1)
        return moved + rule(viewer="display")

    running = nullcontext() if what == "down" else served(app, display, own)
    with running, started(folder, change) as pair:
        yield pair


@pytest.mark.parametrize("what", ["down", "401", "500", "certificate"])
def test_whatever_the_viewer_does_not_do_strip_and_way_out_stand(window: Window, tmp_path: Path, what: str) -> None:
    """35 too: nothing says that images are shown."""
    with with_display_that_is(what, tmp_path) as window.pair:
        page = opened(window, "r4")
        page.wait_for_load_state()
        assert_strip_stands(page)
        assert not re.search("images (are|were) (shown|loaded)", page.locator("body").inner_text())
        page.get_by_role("link", name="Nothing to see?").click()
        expect(page.get_by_role("link", name="Open the images")).to_be_in_viewport()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"


@pytest.mark.parametrize(("line", "shown"), [("", False), ("sandbox = false\n", True)])
def test_pdf_is_shown_in_a_frame_without_a_sandbox_only(window: Window, tmp_path: Path, line: str, shown: bool) -> None:
    """What `sandbox = false` is for: Chromium puts a page of its own in the place of a PDF that is sandboxed."""
    (port,) = free_ports(1)
    display, app = f"http://127.0.0.1:{port}", Flask("reports")
    app.add_url_rule("/IHEInvokeImageDisplay", "pdf", lambda: (PDF, {"Content-Type": "application/pdf"}))

    def change(toml: str) -> str:
        address = f'address = "{display}/IHEInvokeImageDisplay"\n{line}'
        return re.sub(r'address = ".*/display/IHE.*"\n', address, toml, count=1) + rule(viewer="display")

    with served(app, display), started(tmp_path, change) as window.pair:
        page = opened(window, "r4")
        page.wait_for_load_state()
        frame = page.locator("iframe.frame").element_handle().content_frame()
        assert frame
        assert frame.url.startswith(display) is shown


def visible(page: Page) -> list[bool]:
    """Whether the words behind the frame are to be seen: those of the beginning, those after ten seconds."""
    found: list[bool] = page.locator(".waiting").evaluate_all(
        "words => words.map(one => getComputedStyle(one).visibility === 'visible')"
    )
    return found


def bright_pixels(page: Page, selector: str) -> int:
    """How many bright pixels stand where these words have their place, whatever covers them."""
    place = page.locator(selector).bounding_box()
    assert place
    shot = of_screen(page.screenshot()).grey
    rows, columns = slice(int(place["y"]), int(place["y"] + place["height"])), slice(int(place["x"]), None)
    return int((shot[rows, columns] > 128).sum())


def test_silent_viewer_is_said_to_be_silent_after_ten_seconds(window: Window) -> None:
    """32: words, and two things to do."""
    page = opened(window, "r4-no-viewer-answer")
    page.wait_for_timeout(1500)
    assert visible(page) == [True, False]
    before = bright_pixels(page, ".waiting-long")
    page.wait_for_timeout(9500)
    assert visible(page) == [False, True]
    assert "has not answered for 10 seconds" in page.locator(".waiting-long").inner_text()
    assert bright_pixels(page, ".waiting-long") > 10 * before + 500
    assert_strip_stands(page)
