"""A real Chromium, one for each test process; a window of its own for each test, which notes every complaint it makes.

With SKIP_BROWSER set these tests are skipped; without it and without a browser they fail.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Locator,
    Page,
    Playwright,
    sync_playwright,
)

from tests.browser.two_sites import TwoSites, public_key_hash, started_on_two_sites
from tests.conftest import Pair

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MILLISECONDS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that is marked `browser` is skipped where SKIP_BROWSER says so."""
    for item in items:
        if item.get_closest_marker("browser"):
            # Werkzeug leaves a static file to the garbage collector when it answers a real browser with 304.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))
            if os.environ.get("SKIP_BROWSER"):
                item.add_marker(pytest.mark.skip(reason="SKIP_BROWSER is set: not tested in a real browser"))


def found_browser() -> str | None:
    """The path of a Chromium or Chrome."""
    return os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser_path() -> str:
    path = found_browser()
    return path or pytest.fail(f"no browser: none of {', '.join(NAMES)} is installed, and BROWSER_PATH names none")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
    yield browser
    browser.close()


def frame_in(place: Page | Frame, selector: str) -> Frame:
    """What stands in the iframe of this selector, once the iframe is there."""
    element = place.wait_for_selector(selector)
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame


SMALL = 640
"""The width in pixels up to which the ways on wait behind More."""


def chooses_in_strip(page: Page, words: str) -> Locator:
    """The link or button of the strip above a viewer, once it is to be seen: on a small screen behind More."""
    if page.viewport_size and page.viewport_size["width"] <= SMALL:
        page.locator("button.ways-button").click()
    return page.locator(".ways").locator("a, button, summary", has_text=words).first


@dataclass
class Window:
    """One browser window of one person. `complaints` are errors of console, scripts and Content Security Policy."""

    pair: Pair
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._note)
        self.context.on("weberror", lambda error: self.complaints.append(error.error.stack or str(error.error)))

    def opens_chart_in_the_ehr(self, patient: str, ehr: str = "r4") -> Frame:
        """Opens the imaging tab of the patient's chart and gives the frame in which Sightline stands."""
        self.page.goto(f"{self.pair.hospital_url}/chart/{patient}/imaging?{urlencode({'version': ehr})}")
        return self.sightlines_frame("iframe[data-app-frame]")

    def opens_chart(self, patient: str, ehr: str = "r4") -> Page:
        """Launches Sightline in the whole window and waits for its page."""
        self.page.goto(f"{self.pair.hospital_url}/launch-only/{patient}?{urlencode({'ehr': ehr})}")
        self.page.wait_for_selector("h1")
        return self.page

    def sightlines_frame(self, selector: str) -> Frame:
        """The frame of this element of the EHR's page, once Sightline's page stands in it."""
        frame = frame_in(self.page, selector)
        frame.wait_for_selector("header.identity")
        return frame

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type} at {message.location['url']}: {message.text}")


@pytest.fixture
def open_window(chromium: Browser, pair: Pair) -> Iterator[Callable[..., Window]]:
    """Gives a function that opens a window; its arguments are those of a browser context (`viewport` and so on)."""
    contexts = []

    def open_one(**how: object) -> Window:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **how})  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MILLISECONDS)
        contexts.append(context)
        return Window(pair, context, context.new_page())

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()


@pytest.fixture(scope="session")
def two_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoSites]:
    """The pair on https, the EHR on another site."""
    with (
        pytest.MonkeyPatch.context() as environment,
        started_on_two_sites(tmp_path_factory.mktemp("two-sites"), environment) as running,
    ):
        yield running


@pytest.fixture
def open_browser(
    playwright: Playwright, browser_path: str, two_sites: TwoSites, tmp_path: Path
) -> Iterator[Callable[..., Window]]:
    """Gives a function that starts a browser for the two sites, told what to do with cookies, and opens its window."""
    contexts: list[BrowserContext] = []

    def start(cookies: str = "third-party blocked", **how: Any) -> Window:
        profile = tmp_path / f"profile-{len(contexts)}"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(two_sites.preferences(cookies)))
        trust = f"--ignore-certificate-errors-spki-list={public_key_hash(two_sites.certificates)}"
        options = {"viewport": {"width": 1280, "height": 800}, **how}
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=browser_path, args=[*FLAGS, trust], **options
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        contexts.append(context)
        return Window(two_sites.pair, context, context.pages[0])

    yield start
    for context in contexts:
        context.close()
