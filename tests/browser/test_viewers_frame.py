"""The frame that a viewer stands in, and our page around it. The numbers are those of the acceptance list."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, redirect, render_template_string
from playwright.sync_api import Page, Request, expect
from werkzeug.wrappers import Response

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display, of_screen
from tests.browser.test_images_in_the_chart import FOCUS_IN_ROW
from tests.browser.test_viewers_that_do_not_show import opened
from tests.configured import rule
from tests.conftest import Pair, free_ports, served, started

pytestmark = pytest.mark.browser

PATH = "/IHEInvokeImageDisplay"
# Says what its address asks for, to the page above and, as nobody should, to that page in another's name.
POSTING = """<!doctype html><title>Posting display</title>
<button>Ready</button><button>Almost</button><button>Away</button><output></output>
<script>
  const [ready, almost, away] = document.querySelectorAll("button");
  away.onclick = () => {
    const refused = [top, top.opener].filter((page) => {
      try { page.location = "about:blank"; } catch { return true; }
    });
    document.querySelector("output").textContent = `${refused.length} of 2 refused`;
  };
  ready.onclick = () => parent.postMessage({ type: "image-display-ready", more: 1 }, "*");
  almost.onclick = () => parent.postMessage({ type: "something-else" }, "*");
</script>
<iframe src="{{ stranger }}/stranger"></iframe>"""
STRANGER = """<!doctype html><title>Stranger</title>
<button>Ready</button>
<script>
  document.querySelector("button").onclick = () => parent.parent.postMessage({ type: "image-display-ready" }, "*");
</script>"""


def other_display(stranger: str, leads_away: bool) -> Flask:
    """A display on an origin of its own: it posts what its buttons say, or leads to `stranger`, another origin."""
    app = Flask("other_display")

    @app.get(PATH)
    def invoke() -> Response | str:
        return redirect(f"{stranger}/stranger") if leads_away else render_template_string(POSTING, stranger=stranger)

    @app.get("/stranger")
    def elsewhere() -> str:
        return STRANGER

    return app


@contextmanager
def with_other_display(folder: Path, *, leads_away: bool = False, allowed: bool = False) -> Iterator[tuple[Pair, str]]:
    """A pair whose EHRs' display is that one; and the other origin, to which it may lead if that is `allowed`."""
    (port,) = free_ports(1)
    display, stranger = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
    lines = f'frame_origins = ["{stranger}"]\n' if allowed else ""

    def change(toml: str) -> str:
        moved = re.sub(r'address = ".*/display/IHE.*"\n', f'address = "{display}{PATH}"\n{lines}', toml, count=1)
        return moved + rule(viewer="display")  # the data's own words would lead to a display at the hospital

    with served(other_display(stranger, leads_away), display), started(folder, change) as pair:
        yield pair, stranger


def presses_images(page: Page, words: str) -> None:
    page.locator("tr", has_text=words).locator("a.button").click(no_wait_after=True)
    page.wait_for_selector("iframe.frame", state="attached")


def test_frames_request_leaves_within_300_milliseconds_of_the_click(window: Window) -> None:
    """28: the best of five, since the machine has other things to do."""
    page = window.opens_chart("ada")
    taken = []
    for _ in range(5):
        clicked = page.evaluate("performance.timeOrigin + performance.now()")
        with page.expect_request("**/ticket/*") as asked:
            presses_images(page, "MR brain")
        page.wait_for_load_state()
        taken.append(asked.value.timing["startTime"] - clicked)
        page.go_back()
        page.wait_for_selector("table.studies")
    assert min(taken) < 300


def test_two_studies_one_after_the_other_have_two_frames(window: Window) -> None:
    """29: nothing of the second goes through the element of the first."""
    page = window.opens_chart("ada")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/ticket/" in request.url else None)
    presses_images(page, "MR brain")
    of_display(frame_in(page, "iframe.frame"))
    page.evaluate("document.querySelector('iframe.frame').first = true")
    first = frame_in(page, "iframe.frame")
    page.locator("a.strip-back").first.click()
    presses_images(page, "MR shoulder")
    assert not page.evaluate("Boolean(document.querySelector('iframe.frame').first)")
    assert first.is_detached()
    assert len(asked) == 2
    assert asked[0].frame is first
    assert asked[1].frame is frame_in(page, "iframe.frame")


def test_one_back_leads_to_the_list_after_three_studies(window: Window) -> None:
    """30: with its filter, at the row of the last one, however often each was asked for again."""
    page = window.opens_chart("ada")
    page.select_option("select[name=type]", "MRI")
    page.wait_for_selector("p.filtered")
    for words in ("MR brain", "MR shoulder", "MR brain"):
        presses_images(page, words)
        of_display(frame_in(page, "iframe.frame"))
        ticket = page.locator("iframe.frame").get_attribute("src")
        page.get_by_role("link", name="Reload").click()
        page.wait_for_function("old => document.querySelector('iframe.frame')?.getAttribute('src') !== old", arg=ticket)
        of_display(frame_in(page, "iframe.frame"))
        if words == "MR shoulder":
            page.locator("a.strip-back").first.click()
            page.wait_for_selector("table.studies")
            continue
        page.go_back()
        page.wait_for_selector("table.studies")
        page.wait_for_function(FOCUS_IN_ROW, arg=page.locator("tr", has_text=words).get_attribute("id"))
    assert page.locator("p.filtered").count() == 1


def goes_on(page: Page, word: str = "Next") -> str:
    """Follows Next or Previous to another study; gives the key of that one, whose frame is a fresh element."""
    page.evaluate("document.querySelector('iframe.frame').first = true")
    page.locator(".neighbours a", has_text=word).click()
    page.wait_for_function("document.querySelector('iframe.frame')?.first === undefined")
    of_display(frame_in(page, "iframe.frame"))
    return page.url.split("/view/")[1].split("?")[0]


def test_one_back_leads_to_the_list_after_going_on_through_three_studies(window: Window) -> None:
    """29 and 30: to the row of the one that was left, which is not the one that was opened from the list."""
    page = window.opens_chart("ada")
    page.select_option("select[name=type]", "CT")
    page.wait_for_selector("p.filtered")
    presses_images(page, "PET/CT")
    steps = page.evaluate("history.length")
    goes_on(page)
    second = goes_on(page)
    assert page.evaluate("history.length") == steps
    page.go_back()
    page.wait_for_selector("p.filtered")
    page.wait_for_function(FOCUS_IN_ROW, arg=second)
    assert page.locator("tr:target").get_attribute("id") == second
    page.go_forward()
    page.wait_for_selector("iframe.frame")
    assert second in page.url
    first = goes_on(page, "Previous")
    page.locator("a.strip-back").first.click()
    page.wait_for_function(FOCUS_IN_ROW, arg=first)
    assert not window.complaints


def test_next_and_previous_work_without_javascript(open_window: Callable[..., Window]) -> None:
    page = open_window(java_script_enabled=False).opens_chart("ada")
    presses_images(page, "MR brain")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("h1")).to_contain_text("CT chest")
    frame_in(page, "iframe.frame").wait_for_selector("canvas")
    page.locator("a.strip-back").first.click()
    page.wait_for_selector("table.studies")


def seen_words(page: Page, milliseconds: int) -> list[bool]:
    """Whether the words of the beginning and those of the end are to be seen so long after the page came."""
    found: list[bool] = page.locator(".waiting").evaluate_all(
        """(words, at) => words.map(one => {
          for (const animation of one.getAnimations()) { animation.pause(); animation.currentTime = at; }
          return getComputedStyle(one).visibility === "visible";
        })""",
        milliseconds,
    )
    return found


def assert_words_come_in_time(page: Page) -> None:
    seen = {after: seen_words(page, after) for after in (0, 290, 450, 9_800, 10_050)}
    assert seen == {
        0: [False, False],
        290: [False, False],
        450: [True, False],
        9_800: [True, False],
        10_050: [False, True],
    }


def test_words_come_after_300_milliseconds_and_others_after_ten_seconds(window: Window) -> None:
    """32, and rule 2 of section 3.2: nothing, then who is waited for, then that it was in vain."""
    assert_words_come_in_time(opened(window, "r4-no-viewer-answer"))


def test_viewer_that_does_not_say_that_it_is_ready_is_waited_for_as_long(window: Window, tmp_path: Path) -> None:
    """32 and 34: though its page is there."""
    with with_other_display(tmp_path) as (window.pair, _):
        page = opened(window, "r4")
        expect(page.frame_locator("iframe.frame").get_by_role("button", name="Almost")).to_be_visible()
        assert_words_come_in_time(page)
        expect(page.get_by_text("has not said for 10 seconds that it is ready")).to_be_visible()


def test_address_that_the_settings_do_not_allow_is_named_with_the_setting(window: Window, tmp_path: Path) -> None:
    """33: what the browser keeps out of the frame by our own policy."""
    with with_other_display(tmp_path, leads_away=True) as (window.pair, stranger):
        page = opened(window, "r4")
        message = page.get_by_role("alert").filter(has_text="Sightline's settings kept")
        expect(message).to_contain_text(f"kept {stranger} out of this page")
        expect(message).to_contain_text("frame_origins of [[viewer]] “display”")
        assert page.locator(".waiting:visible").count() == 0
        expect(page.get_by_role("link", name="Nothing to see?")).to_be_in_viewport()


def test_address_that_the_settings_allow_besides_stands_in_the_frame(window: Window, tmp_path: Path) -> None:
    """33: the setting that is named does it; no words of ours stand beside it then."""
    with with_other_display(tmp_path, leads_away=True, allowed=True) as (window.pair, _):
        page = opened(window, "r4")
        expect(page.frame_locator("iframe.frame").get_by_role("button", name="Ready")).to_be_visible()
        expect(page.locator(".forbidden")).to_be_hidden()
        assert not window.complaints


def test_page_that_the_viewer_led_to_does_not_speak_for_it(window: Window, tmp_path: Path) -> None:
    """34: it stands in the viewer's frame, and is of another origin."""
    with with_other_display(tmp_path, leads_away=True, allowed=True) as (window.pair, _):
        page = opened(window, "r4")
        page.frame_locator("iframe.frame").get_by_role("button", name="Ready").click()
        page.wait_for_timeout(300)
        expect(page.get_by_text("Asking Image display")).to_be_visible()


def test_only_the_viewers_own_message_clears_the_words(window: Window, tmp_path: Path) -> None:
    """34: neither another origin's message nor another message does."""
    with with_other_display(tmp_path) as (window.pair, _):
        page = opened(window, "r4")
        viewer = page.frame_locator("iframe.frame")
        words = page.get_by_text("Asking Image display")
        expect(words).to_be_visible()
        for button in (
            viewer.frame_locator("iframe").get_by_role("button", name="Ready"),
            viewer.get_by_role("button", name="Almost"),
        ):
            button.click()
            page.wait_for_timeout(200)
            expect(words).to_be_visible()
        page.evaluate("postMessage({ type: 'image-display-ready' }, '*')")
        page.wait_for_timeout(200)
        expect(words).to_be_visible()
        viewer.get_by_role("button", name="Ready").click()
        expect(words).to_have_count(0)


def test_words_about_waiting_never_cover_the_viewer(window: Window, tmp_path: Path) -> None:
    """34: what a viewer shows before it says that it is ready may be its sign-in."""
    with with_other_display(tmp_path) as (window.pair, _):
        page = opened(window, "r4")
        words = page.get_by_text("Asking Image display").bounding_box()
        frame = page.locator("iframe.frame").bounding_box()
        assert words
        assert frame
        assert words["y"] + words["height"] <= frame["y"]


def test_sandboxs_display_says_when_it_is_ready(window: Window) -> None:
    """34 and 35: the words go, and nothing is claimed in their place."""
    page = opened(window, "r4")
    of_display(frame_in(page, "iframe.frame"))
    expect(page.locator(".waiting")).to_have_count(0)
    assert not re.search(r"images? (are|is|were) (shown|loaded|displayed)|ready", page.locator("body").inner_text())


def test_words_stay_behind_the_pictures_without_javascript(open_window: Callable[..., Window]) -> None:
    """34: without a script nobody hears the viewer, so its words must not stand in the way."""
    page = opened(open_window(java_script_enabled=False), "r4")
    frame_in(page, "iframe.frame").wait_for_selector("canvas")
    stage, frame = (page.locator(selector).bounding_box() for selector in (".stage", "iframe.frame"))
    assert stage == frame


def test_own_window_is_one_for_all_studies_of_a_chart(window: Window) -> None:
    """36: a second screen keeps its window, whose page is ours."""
    sightline = window.opens_chart_in_the_ehr("ada")
    with window.context.expect_page() as first:
        sightline.locator("tr", has_text="MR brain").locator("a.button").click()
        sightline.get_by_role("link", name="Open in own window").click()
    screen = first.value
    expect(screen.locator("h1")).to_contain_text("MR brain")
    sightline.locator("a.strip-back").first.click()
    sightline.locator("tr", has_text="MR shoulder").locator("a.button").click()
    before = len(window.context.pages)
    sightline.get_by_role("link", name="Open in own window").click()
    expect(screen.locator("h1")).to_contain_text("MR shoulder")
    expect(screen.locator("header.identity")).to_contain_text("LINDQVIST, Ada")
    assert of_display(frame_in(screen, "iframe.frame")).levels > 60
    expect(screen.get_by_role("link", name="own window")).to_have_count(0)
    assert len(window.context.pages) == before
    assert not window.complaints


def test_windows_of_two_patients_are_two(window: Window) -> None:
    """36: no patient's images come into a window that another patient's were put into."""
    screens = []
    for patient, words in (("ada", "MR brain"), ("cleo", "CT head")):
        sightline = window.opens_chart_in_the_ehr(patient)
        with window.context.expect_page() as screen:
            sightline.locator("tr", has_text=words).locator("a.button").click()
            sightline.get_by_role("link", name="Open in own window").click()
        screens.append(screen.value)
    for screen, name in zip(screens, ("LINDQVIST, Ada", "LINDQVIST, Cleo"), strict=True):
        expect(screen.locator("header.identity")).to_contain_text(name)


def test_viewer_in_the_own_window_leads_neither_it_nor_the_chart_away(window: Window, tmp_path: Path) -> None:
    """36: the window knows who opened it, and the viewer in it may not use that."""
    with with_other_display(tmp_path) as (window.pair, _):
        sightline = window.opens_chart_in_the_ehr("ada")
        with window.context.expect_page() as opening:
            sightline.locator("tr", has_text="MR brain").locator("a.button").click()
            sightline.get_by_role("link", name="Open in own window").click()
        screen = opening.value
        viewer = screen.frame_locator("iframe.frame")
        viewer.get_by_role("button", name="Away").click()
        expect(viewer.locator("output")).to_have_text("2 of 2 refused")
        for page in (screen, sightline):
            expect(page.locator("h1")).to_contain_text("MR brain")


def test_tab_goes_through_strip_and_frame_to_the_way_back(window: Window) -> None:
    """37 and 38: from the heading, in the order of what is seen, into the frame and out of it."""
    page = opened(window, "r4")
    of_display(frame_in(page, "iframe.frame"))
    page.wait_for_function("document.activeElement.localName === 'h1'")
    stops: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.title || document.activeElement.textContent")
        stops += [stop] if stop not in stops[-1:] else []
        if stop == "Back to the list":
            break
    assert stops == [
        "CT · CT chest with contrast · 05-Mar-2026 14:15",
        "CT · CT chest · 08-Jul-2025 10:10",
        "Report beside",
        "Compare with a prior",
        "Reload",
        "Open in new tab",
        "Open in own window",
        "Nothing to see?",
        "All images",
        "Other viewers",
        "Details",
        "Sign out",
        "Images: MRI · MR brain · 18-Nov-2025 09:21",
        "Back to the list",
    ]
    page.keyboard.press("Enter")
    page.wait_for_selector("table.studies")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_around_a_frame_that_shows_nothing_yet_no_surface_is_white(
    open_window: Callable[..., Window], theme: str
) -> None:
    """39: at once, and for as long as nothing has come."""
    page = opened(open_window(color_scheme=theme), "r4-no-viewer-answer")
    for _ in range(4):
        frame = page.locator("iframe.frame").bounding_box()
        assert frame
        shot = of_screen(page.screenshot()).grey
        inside = shot[int(frame["y"]) + 2 : int(frame["y"] + frame["height"]) - 2]
        # Words are bright; what they stand on is not.
        assert (inside > 128).mean() < 0.01
        assert shot.mean() < 60
        page.wait_for_timeout(300)
