"""The main line once more in a real Firefox, which keeps cookies by rules of its own. Skipped where there is none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser import firefox
from tests.browser.firefox import Firefox
from tests.browser.two_sites import TwoSites

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not firefox.PATH, reason="NO FIREFOX: nothing was tested in Firefox (Debian: firefox-esr)"),
]

# 5 is what Firefox comes with: a frame's cookies are kept apart for each site above it ("Total Cookie Protection").
# 1 is its choice "All cross-site cookies": no frame of another site gets any.
APART, NONE_IN_FRAMES = 5, 1

Start = Callable[[int], Firefox]


@pytest.fixture
def start(two_sites: TwoSites, tmp_path: Path) -> Iterator[Start]:
    """Gives a function that starts a Firefox with this `network.cookie.cookieBehavior`."""
    with ExitStack() as until_the_end:

        def one(cookies: int) -> Firefox:
            started = until_the_end.enter_context(firefox.started(tmp_path, cookies))
            started.trusts(two_sites.certificates)
            return started

        yield one


@pytest.mark.parametrize(("cookies", "kept"), [(APART, "partitioned plain"), (NONE_IN_FRAMES, "")])
def test_firefox_of_these_tests_really_does_with_cookies_what_it_is_told(
    start: Start, two_sites: TwoSites, cookies: int, kept: str
) -> None:
    browser = start(cookies)
    browser.goes_to(two_sites.framing(two_sites.other_ehr, f"{two_sites.stranger}/set-cookies"))
    browser.looks_into("iframe")
    assert browser.text("p") == kept


def test_launch_list_images_and_side_by_side_work_in_firefoxs_frames(start: Start, two_sites: TwoSites) -> None:
    browser, hospital = start(APART), two_sites.pair.hospital_url
    browser.goes_to(f"{hospital}/chart/ada/imaging")
    browser.looks_into("iframe[data-app-frame]")
    assert browser.text("header.identity strong") == "LINDQVIST, Ada (Dr)"
    chart = browser.script("return location.href")
    browser.clicks("//tr[contains(., 'CT chest with contrast')]//a")
    browser.looks_into("iframe[data-app-frame]", "iframe.frame")
    browser.text("html[data-pictures=shown]")
    browser.goes_to(f"{hospital}/side-by-side?left=ada&right=cleo")
    for _ in range(2):
        for side, whose in ((1, "LINDQVIST, Ada (Dr)"), (2, "LINDQVIST, Cleo")):
            browser.looks_into(f".half:nth-child({side}) iframe")
            assert browser.text("header.identity strong") == whose
        browser.reloads()
    browser.goes_to(chart)
    assert browser.text("h1") == "This imaging session has ended"


def test_frame_without_cookies_leads_out_of_it_in_firefox(start: Start, two_sites: TwoSites) -> None:
    browser = start(NONE_IN_FRAMES)
    browser.goes_to(f"{two_sites.pair.hospital_url}/chart/ada/imaging")
    browser.looks_into("iframe[data-app-frame]")
    assert browser.text("h1") == "Imaging opens in its own window here"
    browser.clicks("//a[. = 'Open in its own window']")
    browser.looks_into_the_new_window()
    assert browser.text("header.identity strong") == "LINDQVIST, Ada (Dr)"
    browser.clicks("//tr[contains(., 'CT chest with contrast')]//a")
    browser.looks_into("iframe.frame")
    browser.text("html[data-pictures=shown]")
