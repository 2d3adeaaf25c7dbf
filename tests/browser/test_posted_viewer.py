"""A viewer that is asked by a form: nothing of the patient stands in an address, and the frame is as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from flask import Flask, redirect
from playwright.sync_api import Request, expect
from werkzeug.wrappers import Response

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display, of_screen
from tests.browser.test_images_in_the_chart import FOCUS_IN_ROW
from tests.browser.test_viewers_that_do_not_show import opened
from tests.conftest import Pair, free_ports, served, started

pytestmark = pytest.mark.browser

PATH = "/IHEInvokeImageDisplay"


@contextmanager
def with_posted_display(
    folder: Path, display: Callable[[str], Response | str], allowed: bool = True
) -> Iterator[tuple[Pair, str]]:
    """A pair whose guarded display is this one, which is told the origin that it may lead to, if that is `allowed`."""
    (port,) = free_ports(1)
    here, elsewhere = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
    app = Flask("posted_display")
    app.add_url_rule(PATH, "display", lambda: display(elsewhere), methods=["POST"])
    app.add_url_rule("/elsewhere", "elsewhere", lambda: "<!doctype html><p>Elsewhere")
    lines = f'frame_origins = ["{elsewhere}"]\n' if allowed else ""

    def change(toml: str) -> str:
        own = 'open = "frame"\nviewer_type = "IHE_BIR"\nmethod = "post"\n'
        hospital = toml.partition('iss = "')[2].partition("/fhir/")[0]
        moved = toml.replace(f"{hospital}/display-guarded{PATH}", f"{here}{PATH}")
        assert own in moved
        return moved.replace(own, own + lines)

    with served(app, here), started(folder, change) as pair:
        yield pair, elsewhere


def test_guarded_display_shows_pictures_and_no_address_names_the_study(window: Window) -> None:
    asked: list[Request] = []
    window.page.on("request", lambda request: asked.append(request))
    sightline = window.opens_chart_in_the_ehr("ada", "r4-guarded")
    sightline.locator("tr", has_text="CT chest with contrast").locator("a.button").click()
    picture = of_display(frame_in(sightline, "iframe.frame"))
    assert picture.levels > 60
    (invoked,) = [each for each in asked if PATH in each.url]
    assert (invoked.method, invoked.url) == ("POST", f"{window.pair.hospital_url}/display-guarded{PATH}")
    assert "referer" not in invoked.all_headers()
    expect(sightline.locator(".waiting")).to_have_count(0)
    assert not window.complaints


def test_two_frames_are_each_asked_by_a_form_of_their_own(window: Window) -> None:
    page = opened(window, "r4-guarded")
    page.get_by_role("link", name="Compare").click()
    page.locator("a.button").first.click()
    page.get_by_role("link", name="Two frames").click()
    page.wait_for_selector(".panes")
    pictures = [of_display(frame_in(page, f"section.pane:nth-of-type({nth}) iframe.frame")) for nth in (1, 2)]
    assert min(picture.levels for picture in pictures) > 60


def test_without_javascript_a_button_shows_the_pictures(open_window: Callable[..., Window]) -> None:
    page = opened(open_window(java_script_enabled=False), "r4-guarded")
    frame = page.frame_locator("iframe.frame")
    frame.get_by_role("button", name="Show the images").click()
    frame.locator("canvas").first.wait_for()


def test_one_back_leads_to_the_list_after_a_form(window: Window) -> None:
    """30: what posts itself adds no step of its own."""
    page = opened(window, "r4-guarded")
    of_display(frame_in(page, "iframe.frame"))
    page.get_by_role("link", name="Reload").click()
    of_display(frame_in(page, "iframe.frame"))
    page.go_back()
    page.wait_for_selector("table.studies")
    page.wait_for_function(FOCUS_IN_ROW, arg=page.locator("tr", has_text="MR brain").get_attribute("id"))


def test_tab_of_its_own_is_asked_by_a_form_too(window: Window) -> None:
    page = opened(window, "r4-guarded")
    page.get_by_role("link", name="Nothing to see?").click()
    with window.context.expect_page() as tab:
        page.get_by_role("link", name="Open the images").click()
    assert of_display(tab.value.main_frame).levels > 60
    assert "?" not in tab.value.url


def test_form_follows_its_viewer_to_an_origin_that_the_settings_allow(window: Window, tmp_path: Path) -> None:
    with with_posted_display(tmp_path, lambda elsewhere: redirect(f"{elsewhere}/elsewhere", 303)) as (window.pair, _):
        page = opened(window, "r4-guarded")
        expect(page.frame_locator("iframe.frame").get_by_text("Elsewhere")).to_be_visible()
        assert not window.complaints


def test_form_follows_its_viewer_nowhere_else(window: Window, tmp_path: Path) -> None:
    """33: and the address that was kept out is named, as it is for every other viewer."""

    def leads_away(elsewhere: str) -> Response:
        return redirect(f"{elsewhere}/elsewhere", 303)

    with with_posted_display(tmp_path, leads_away, allowed=False) as (window.pair, elsewhere):
        page = opened(window, "r4-guarded")
        message = page.get_by_role("alert").filter(has_text="Sightline's settings kept")
        expect(message).to_contain_text(f"kept {elsewhere} out of this page")
        assert "Elsewhere" not in page.frame_locator("iframe.frame").locator("body").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_while_a_posted_viewer_does_not_answer_the_words_are_seen_on_a_dark_ground(
    open_window: Callable[..., Window], tmp_path: Path, theme: str
) -> None:
    """32 and 39: the page that posts itself covers nothing and is not white."""

    asked, may_answer = Event(), Event()

    def silent(_: str) -> str:
        asked.set()
        may_answer.wait(30)
        return ""

    window = open_window(color_scheme=theme)
    with with_posted_display(tmp_path, silent) as (window.pair, _):
        page = opened(window, "r4-guarded")
        assert asked.wait(10)
        page.wait_for_timeout(500)
        box = page.locator("iframe.frame").bounding_box()
        shot = of_screen(page.screenshot()).grey
        may_answer.set()
        assert box
        inside = shot[int(box["y"]) + 2 : int(box["y"] + box["height"]) - 2]
        assert (inside > 128).mean() < 0.01
