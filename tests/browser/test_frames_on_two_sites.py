"""Who may frame Sightline, what the EHR's frame needs, what the viewer's frame may not, and what Back brings back."""

import pytest
from flask import Flask, Response, request, request_finished
from playwright.sync_api import Error, Page

from tests.browser.conftest import Window, frame_in
from tests.browser.pictures import of_display
from tests.browser.test_cookies_in_the_frame import OpenBrowser, framed, opens_images, patient
from tests.browser.two_sites import DOCUMENTED_SANDBOX, TwoSites

pytestmark = pytest.mark.browser


def is_refused(page: Page) -> bool:
    """Whether the page's only frame shows Chromium's own error page instead of what was framed."""
    page.wait_for_load_state()
    return frame_in(page, "iframe").url.startswith("chrome-error:")


def test_page_of_a_stranger_that_frames_us_shows_nothing(open_browser: OpenBrowser, two_sites: TwoSites) -> None:
    page = open_browser("allowed").page
    for address in (two_sites.launch_address("ada"), f"{two_sites.pair.sightline_url}/"):
        page.goto(two_sites.framing(two_sites.stranger, address))
        assert is_refused(page)


def test_chart_framed_by_a_stranger_inside_the_ehrs_page_shows_nothing(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    """`frame-ancestors` is held against every ancestor."""
    page = open_browser("allowed").page
    inner = two_sites.framing(two_sites.stranger, two_sites.launch_address("ada"))
    page.goto(two_sites.framing(two_sites.other_ehr, inner))
    inside = frame_in(frame_in(page, "iframe"), "iframe")
    page.wait_for_load_state()
    assert inside.url.startswith("chrome-error:")


def test_chart_of_one_ehr_is_refused_to_another_and_its_error_page_is_not(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    window = open_browser()
    [own] = framed(window, two_sites, two_sites.launch_address("ada", "r4"))
    assert patient(own) == "LINDQVIST, Ada (Dr)"
    window.page.goto(two_sites.framing(two_sites.other_ehr, two_sites.launch_address("ada", "r5")))
    assert is_refused(window.page)
    # A launch that fails has no chart yet, and says so to every EHR.
    for address in ("/launch?iss=https://elsewhere.example/fhir&launch=x", "/nothing/here", "/s/none/"):
        [error] = framed(window, two_sites, f"{two_sites.pair.sightline_url}{address}")
        assert error.locator("p.reference").count() == 1


def test_frame_with_the_documented_sandbox_shows_list_pictures_and_the_new_tab(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    window = open_browser()
    [sightline] = framed(window, two_sites, two_sites.launch_address("ada"), sandbox=DOCUMENTED_SANDBOX)
    sightline.select_option("select[name=type]", "MRI")
    sightline.wait_for_selector("p.filtered")
    assert of_display(opens_images(sightline, "MR brain")).levels > 60
    with window.context.expect_page() as opened:
        sightline.get_by_role("link", name="Open in new tab").click()
    assert of_display(frame_in(opened.value, "iframe.frame")).levels > 60


def test_frame_without_allow_same_origin_still_shows_the_list_to_the_right_patient_only(
    open_browser: OpenBrowser, two_sites: TwoSites
) -> None:
    window = open_browser()
    launches = [two_sites.launch_address(whose) for whose in ("ada", "cleo")]
    both = framed(window, two_sites, *launches, sandbox="allow-scripts allow-forms")
    assert [patient(frame) for frame in both] == ["LINDQVIST, Ada (Dr)", "LINDQVIST, Cleo"]


def test_viewer_cannot_take_the_ehrs_page_away(open_browser: OpenBrowser, two_sites: TwoSites) -> None:
    """Even after a click in it, by which browsers let a frame without `sandbox` go wherever it likes."""
    window = open_browser()
    display = opens_images(window.opens_chart_in_the_ehr("ada"), "MR brain")
    of_display(display)
    display.locator("canvas").click()
    before = window.page.url
    with pytest.raises(Error, match="does not have permission to navigate"):
        display.evaluate(f"() => {{ top.location = {two_sites.stranger!r} }}")
    window.page.wait_for_timeout(300)
    assert window.page.url == before


def test_viewer_can_open_a_window_that_is_free_of_the_sandbox(open_browser: OpenBrowser) -> None:
    window = open_browser()
    display = opens_images(window.opens_chart_in_the_ehr("ada"), "MR brain")
    of_display(display)
    display.locator("canvas").click()
    with window.context.expect_page() as opened:
        display.evaluate("() => { window.open(location.href) }")
    assert of_display(opened.value.main_frame).levels > 60
    assert opened.value.evaluate("() => { localStorage.setItem('x', '1'); return localStorage.getItem('x') }") == "1"


def goes_back(page: Page) -> None:
    """As the browser's button does. What its cache brings back loads nothing, so there is nothing else to wait for."""
    page.evaluate("setTimeout(() => history.back(), 0)")
    page.wait_for_timeout(1000)


def closes(two_sites: TwoSites, chart_address: str) -> None:
    """The chart ends on the server, as it does after its time; the browser is not told."""
    two_sites.pair.sightline.extensions["sightline"].store.delete(f"chart:{chart_address.split('/')[4]}")


@pytest.fixture
def caching(open_browser: OpenBrowser) -> Window:
    """A window whose back/forward cache is on, as it is in everybody's browser."""
    return open_browser(ignore_default_args=["--disable-back-forward-cache"])


def test_browser_of_these_tests_really_has_a_back_forward_cache(caching: Window, two_sites: TwoSites) -> None:
    page = caching.page
    page.goto(two_sites.framing(two_sites.stranger))
    page.evaluate("window.left = 'here'")
    page.goto(two_sites.framing(two_sites.other_ehr))
    goes_back(page)
    assert page.evaluate("window.left") == "here"


def test_back_does_not_bring_a_closed_chart_back(caching: Window, two_sites: TwoSites) -> None:
    page = caching.page
    page.goto(two_sites.launch_address("ada"))
    assert patient(page) == "LINDQVIST, Ada (Dr)"
    address = page.url
    page.goto(two_sites.framing(two_sites.stranger))
    closes(two_sites, address)
    goes_back(page)
    assert page.url == address
    assert page.locator("h1").inner_text() == "This imaging session has ended"
    assert "LINDQVIST" not in page.content()


def test_back_to_an_open_chart_shows_it_again(caching: Window, two_sites: TwoSites) -> None:
    page = caching.page
    page.goto(two_sites.launch_address("ada"))
    page.goto(two_sites.framing(two_sites.stranger))
    goes_back(page)
    assert patient(page) == "LINDQVIST, Ada (Dr)"
    assert page.locator("h1").is_visible()


def test_back_to_the_ehrs_page_does_not_bring_a_closed_chart_back_in_its_frame(
    caching: Window, two_sites: TwoSites
) -> None:
    page = caching.page
    [sightline] = framed(caching, two_sites, two_sites.launch_address("ada"))
    address = sightline.url
    page.goto(two_sites.framing(two_sites.stranger))
    closes(two_sites, address)
    answers: list[tuple[str, int]] = []

    def hear(_: Flask, response: Response, **__: object) -> None:
        answers.append((request.path, response.status_code))

    with request_finished.connected_to(hear, two_sites.pair.sightline):
        goes_back(page)
    # Playwright loses sight of a frame that comes out of the cache: the server tells what it was shown.
    assert [status for path, status in answers if path in address] == [401]


@pytest.mark.parametrize("images", [False, True], ids=["list", "viewer"])
def test_page_that_is_left_is_empty_at_once(caching: Window, two_sites: TwoSites, images: bool) -> None:
    page = caching.page
    page.goto(two_sites.launch_address("ada"))
    if images:
        opens_images(page, "MR brain")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert page.locator("body").is_hidden()
    assert not page.evaluate("document.documentElement.getBoundingClientRect().height")
