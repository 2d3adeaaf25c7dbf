"""EHR and Sightline as two sites on https, in browsers that keep a frame's cookies, keep them apart, or keep none."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Frame, Page, expect

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display
from tests.browser.two_sites import TwoSites

pytestmark = pytest.mark.browser

CHARTS = 40
# Chromium drops the oldest cookies of a site and partition beyond this, and tells nobody.
MOST_BYTES = 10_240

OpenBrowser = Callable[..., Window]


def framed(window: Window, two_sites: TwoSites, *sources: str, sandbox: str | None = None) -> list[Frame]:
    """The frames on a page of the other EHR, once Sightline's pages stand in them."""
    window.page.goto(two_sites.framing(two_sites.other_ehr, *sources, sandbox=sandbox))
    frames = [element.content_frame() for element in window.page.query_selector_all("iframe")]
    for frame in frames:
        assert frame
        frame.wait_for_selector("h1")
    return [frame for frame in frames if frame]


def opens_images(place: Page | Frame, words: str) -> Frame:
    """Presses Images in the row of these words; the viewer's frame."""
    place.locator("tr", has_text=words).locator("a.button").click()
    return frame_in(place, "iframe.frame")


def patient(place: Page | Frame) -> str:
    return place.locator("header.identity strong").first.inner_text()


@pytest.mark.parametrize(
    ("cookies", "kept"),
    [
        ("third-party blocked", "partitioned"),
        ("allowed", "partitioned plain"),
        ("none in frames", ""),
        ("none", ""),
    ],
)
def test_browser_of_these_tests_really_does_with_cookies_what_it_is_told(
    open_browser: OpenBrowser, two_sites: TwoSites, cookies: str, kept: str
) -> None:
    page = open_browser(cookies).page
    # Any other site than the EHR's will do.
    page.goto(two_sites.framing(two_sites.other_ehr, f"{two_sites.stranger}/set-cookies"))
    words = frame_in(page, "iframe").wait_for_selector("p", state="attached")
    assert words
    assert words.text_content() == kept


@pytest.mark.parametrize("cookies", ["third-party blocked", "allowed"])
def test_launch_list_and_images_work_in_the_ehrs_frame(open_browser: OpenBrowser, cookies: str) -> None:
    window = open_browser(cookies)
    sightline = window.opens_chart_in_the_ehr("ada")
    assert patient(sightline) == "LINDQVIST, Ada (Dr)"
    assert sightline.locator("tbody tr").count() == 13
    display = opens_images(sightline, "CT chest with contrast")
    assert of_display(display).levels > 60
    sightline.locator("a.strip-back").first.click()
    sightline.wait_for_selector("table.studies")
    assert not window.complaints


def test_cookies_of_a_frame_are_secure_partitioned_and_unseen_by_scripts(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    window = open_browser()
    sightline = window.opens_chart_in_the_ehr("ada")
    cookies = {cookie["name"]: cookie for cookie in window.context.cookies()}
    assert set(cookies) == {"__Host-kept", "__Secure-chart"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
        assert cookie["partitionKey"] == "https://localhost"
        assert cookie["domain"] == urlsplit(two_sites.pair.sightline_url).hostname
    assert cookies["__Secure-chart"]["path"] == urlsplit(sightline.url).path
    assert sightline.evaluate("document.cookie") == ""


def test_two_patients_in_two_frames_each_stay_their_own_after_reload(open_browser: OpenBrowser) -> None:
    window = open_browser()
    window.page.goto(f"{window.pair.hospital_url}/side-by-side?left=ada&right=cleo")
    left, right = (window.sightlines_frame(f".half:nth-child({side}) iframe") for side in (1, 2))
    for _ in range(2):
        assert (patient(left), patient(right)) == ("LINDQVIST, Ada (Dr)", "LINDQVIST, Cleo")
        for frame in (left, right):
            frame.evaluate("location.reload()")
            frame.wait_for_load_state("domcontentloaded")
            frame.wait_for_selector("header.identity")
    chest, head = opens_images(left, "CT chest with contrast"), opens_images(right, "CT head")
    assert of_display(chest).difference(of_display(head)) > 8
    assert (patient(left), patient(right)) == ("LINDQVIST, Ada (Dr)", "LINDQVIST, Cleo")
    assert not window.complaints


def test_forty_charts_of_one_browser_all_stay_open(open_browser: OpenBrowser, two_sites: TwoSites) -> None:
    window = open_browser()
    addresses, at_once = [], 8
    for _ in range(CHARTS // at_once):
        launches = [two_sites.launch_address("ben" if n % 2 else "cleo") for n in range(at_once)]
        addresses += [(frame.url, patient(frame)) for frame in framed(window, two_sites, *launches)]
    assert len({url for url, _ in addresses}) == CHARTS
    assert {whose for _, whose in addresses} == {"LINDQVIST, Cleo", "OKAFOR, Ben"}
    kept = [len(cookie["name"]) + len(cookie["value"]) for cookie in window.context.cookies()]
    assert sum(kept) < MOST_BYTES / 3
    for first in range(0, CHARTS, at_once):
        some = addresses[first : first + at_once]
        frames = framed(window, two_sites, *(url for url, _ in some))
        assert [(frame.url, patient(frame)) for frame in frames] == some


def test_address_of_the_frame_in_a_tab_of_its_own_shows_nothing(open_browser: OpenBrowser) -> None:
    window = open_browser()
    sightline = window.opens_chart_in_the_ehr("ada")
    viewer = sightline.locator("tr", has_text="MR brain").locator("a.button")
    for address in (sightline.url, viewer.evaluate("link => link.href")):
        tab = window.context.new_page()
        tab.goto(address)
        assert tab.locator("h1").inner_text() == "This imaging session has ended"
        assert "LINDQVIST" not in tab.content()
    assert patient(sightline) == "LINDQVIST, Ada (Dr)"


def test_frame_of_one_ehr_opens_nothing_on_the_page_of_another(open_browser: OpenBrowser, two_sites: TwoSites) -> None:
    """Each EHR's site is a partition of its own, though both may frame this chart."""
    window = open_browser()
    address = window.opens_chart_in_the_ehr("ada").url
    [elsewhere] = framed(window, two_sites, address)
    assert elsewhere.locator("h1").inner_text() == "This imaging session has ended"


def test_new_tab_out_of_the_frame_shows_the_same_patients_pictures(open_browser: OpenBrowser) -> None:
    window = open_browser()
    sightline = window.opens_chart_in_the_ehr("ada")
    opens_images(sightline, "MR brain")
    with window.context.expect_page() as opened:
        sightline.get_by_role("link", name="Open in new tab").click()
    tab = opened.value
    assert patient(tab) == "LINDQVIST, Ada (Dr)"
    assert of_display(frame_in(tab, "iframe.frame")).levels > 60
    tab.reload()
    assert patient(tab) == "LINDQVIST, Ada (Dr)"
    assert tab.evaluate("window.opener") is None


def without_cookies(window: Window) -> Frame:
    """The frame of Ada's imaging tab, which says that no cookies are kept."""
    window.page.goto(f"{window.pair.hospital_url}/chart/ada/imaging")
    frame = frame_in(window.page, "iframe[data-app-frame]")
    expect(frame.locator("h1")).to_have_text("Imaging opens in its own window here")
    return frame


def own_window(window: Window, frame: Frame) -> Page:
    with window.context.expect_page() as opened:
        frame.get_by_role("link", name="Open in its own window").click()
    opened.value.wait_for_selector("h1")
    return opened.value


def test_frame_without_cookies_leads_to_the_same_launch_in_its_own_window(open_browser: OpenBrowser) -> None:
    window = open_browser("none in frames")
    frame = without_cookies(window)
    assert "LINDQVIST" not in frame.content()
    alone = own_window(window, frame)
    assert patient(alone) == "LINDQVIST, Ada (Dr)"
    assert of_display(opens_images(alone, "CT chest with contrast")).levels > 60
    assert alone.evaluate("window.opener") is None
    # Nothing of the launch is left in the frame: neither its page nor its button opens anything again.
    again = own_window(window, frame)
    assert "was used or has expired" in again.locator("main").inner_text()
    frame.evaluate("location.reload()")
    expect(frame.locator("h1")).to_have_text("Imaging could not be opened from the chart")
    assert frame.get_by_role("link").count() == 0


def test_browser_without_any_cookies_says_so_in_the_own_window_too(open_browser: OpenBrowser) -> None:
    window = open_browser("none")
    alone = own_window(window, without_cookies(window))
    assert alone.locator("h1").inner_text() == "Imaging needs cookies"
    alone.get_by_role("link", name="Try again").click()
    alone.wait_for_selector("h1")
    assert alone.locator("h1").inner_text() == "Imaging needs cookies"
    assert len(window.context.pages) == 2


def test_button_works_without_javascript(open_browser: OpenBrowser) -> None:
    window = open_browser("none in frames", java_script_enabled=False)
    assert patient(own_window(window, without_cookies(window))) == "LINDQVIST, Ada (Dr)"


def test_frame_without_allow_popups_opens_no_window_and_keeps_the_launch(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    window = open_browser("none in frames")
    launch = two_sites.launch_address("ada")
    [frame] = framed(window, two_sites, launch, sandbox="allow-scripts allow-same-origin allow-forms")
    frame.get_by_role("link", name="Open in its own window").click()
    with pytest.raises(Error):
        window.context.wait_for_event("page", timeout=700)
    window.page.goto(launch)
    assert patient(window.page) == "LINDQVIST, Ada (Dr)"
