"""Every screen that a person can meet, walked through in one window."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.conftest import Window, chooses_in_strip

SEARCHES = {
    "hits": {"family": "Lindqvist", "given": "Ad"},
    "nobody found": {"identifier": "SB-9999"},
    "not searched": {"family": "L", "birth_date": "1951-07-14"},
}


def every_screen(window: Window) -> Iterator[tuple[str, Page]]:
    """One after the other, each with its name."""
    page = window.page
    page.goto(window.pair.sightline_url)
    yield "start", page
    for patient, ehr in (("ada", "r4"), ("mina", "r4"), ("max", "r4"), ("ben", "r4"), ("ada", "fault-hostile")):
        yield f"list of {patient} at {ehr}", window.opens_chart(patient, ehr)
    window.opens_chart("max")
    page.goto(f"{page.url}?sort=oldest&type=CT")
    yield "list that is filtered and sorted", page
    page.get_by_role("button", name="Keys").click()
    yield "keys in the list", page
    page.keyboard.press("Escape")
    yield "list made of reports", window.opens_chart("ada", "r4-reports-only")
    yield from _reports(window)
    yield "error", window.opens_chart("ada", "fault-error")
    page.goto(f"{window.pair.sightline_url}/launch")
    yield "refused launch", page
    for alone in (False, True):
        shows_that_cookies_are_not_kept(window, alone)
        yield f"cookies not kept, {'alone' if alone else 'framed'}", page
    page.set_extra_http_headers({})
    yield from _pictures(window)
    window.opens_chart("ada")
    page.locator("tr", has_text="PET/CT").get_by_role("link", name="Details").click()
    page.get_by_text("Identifiers").click()
    yield "details", page
    page.get_by_role("link", name="Images").click()
    page.wait_for_selector("iframe.frame")
    page.wait_for_selector(".waiting", state="detached")
    yield "viewer", page
    chooses_in_strip(page, "Details").click()
    yield "viewer, and why it was chosen", page
    page.locator(".ways").get_by_role("link", name="All images").click()
    page.wait_for_selector("h1:text('All images')")
    page.wait_for_selector(".waiting", state="detached")
    yield "all images", page
    page.locator("a.strip-back").click()
    page.locator("tr", has_text="PET/CT").get_by_role("link", name="Viewers").click()
    page.wait_for_selector(".verdicts")
    yield "viewers to choose from", page
    page.get_by_role("link", name="Open in Image display of the South Clinic").click()
    page.wait_for_selector("iframe.frame")
    page.wait_for_selector(".waiting", state="detached")
    yield "viewer with the list beside it", page
    page.go_back()
    page.wait_for_selector(".verdicts")
    page.goto(f"{page.url.replace('/viewers/', '/view/').split('?')[0]}?viewer=nobody")
    page.wait_for_selector("section.nothing h1")
    yield "viewer that is not set up", page
    page.get_by_role("link", name="Imaging studies of this patient").click()
    page.locator("tr", has_text="PET/CT").get_by_role("link", name="Images").click()
    page.wait_for_selector("iframe.frame")
    page.goto(f"{page.url}{'&' if '?' in page.url else '?'}report=beside")
    page.wait_for_selector(".beside iframe", state="attached")
    page.wait_for_selector(".waiting", state="detached")
    yield "viewer with its report", page
    chooses_in_strip(page, "Compare").click()
    page.wait_for_selector("table.studies")
    yield "choice of a prior", page
    page.locator("a.button").first.click()
    page.wait_for_selector(".pane-heads")
    page.wait_for_selector(".waiting", state="detached")
    yield "two studies in one viewer", page
    chooses_in_strip(page, "Two frames").click()
    page.wait_for_selector(".panes")
    page.wait_for_selector(".waiting", state="detached")
    yield "two studies in two frames", page
    page.get_by_role("link", name="Nothing to see?").first.click()
    page.wait_for_selector("section.nothing")
    yield "viewer in a tab", page
    chooses_in_strip(page, "Sign out").click()
    page.wait_for_selector("section.nothing h1")
    yield "signed out", page
    invoked = f"{window.pair.sightline_url}/invoke/r4-open/IHEInvokeImageDisplay?requestType=PATIENT"
    page.goto(invoked)
    yield "refused invocation", page
    page.goto(f"{invoked}&patientID=SB-1001%5E%5E%5EFJORDVIEW&modalitiesInStudy=CT&viewerType=ACME&patientName=Okafor")
    yield "whose images are asked for", page
    page.get_by_role("button", name="Open images").click()
    page.wait_for_selector("table.studies")
    yield "part of a list that is asked for", page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-open")
    yield "search", page
    for name, fields in SEARCHES.items():
        for field in ("identifier", "family", "given", "birth_date"):
            page.fill(f"#{field}", fields.get(field, ""))
        page.get_by_role("button", name="Search").click()
        page.wait_for_selector(".hits, .nothing, .notice")
        yield name, page
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector("section.nothing h1")
    yield "signed out of the search", page


def _pictures(window: Window) -> Iterator[tuple[str, Page]]:
    """Pages of studies with photos that are hidden and shown, and with what is no picture."""
    page = window.opens_chart("ada", "r4-archives")
    page.locator("tr", has_text="left forearm").get_by_role("link", name="Details").click()
    page.get_by_role("link", name="Show photos of this series: Overview").click()
    page.wait_for_selector("img.picture:not(.waits)")
    yield "details with photos", page
    window.opens_chart("nora").locator("tr", has_text="CT Head").get_by_role("link", name="Details").click()
    page.wait_for_selector(".series")
    yield "details without pictures", page


def _reports(window: Window) -> Iterator[tuple[str, Page]]:
    page = window.page
    for ehr, study in (("r4", "Chest PA"), ("r4", "Echocardiography"), ("fault-reports-hostile", "Echocardiography")):
        window.opens_chart("ada", ehr).locator("tr", has_text=study).first.locator("a.report").click()
        page.wait_for_selector("article.written")
        yield f"report on {study} at {ehr}", page
    window.opens_chart("ada", "fault-reports-error").locator("a.report").first.click()
    page.wait_for_selector("section.nothing")
    yield "report that could not be asked for", page


def shows_that_cookies_are_not_kept(window: Window, alone: bool) -> None:
    """The page of a browser that lost its cookies between a launch and its check, as in a frame or in a window."""
    bounce = f"{window.pair.hospital_url}/launch-only/ada"
    for _ in range(2):
        bounce = window.page.request.get(bounce, max_redirects=0).headers["location"]
        window.context.clear_cookies()
    window.page.set_extra_http_headers({} if alone else {"Sec-Fetch-Dest": "iframe"})
    window.page.goto(f"{window.pair.sightline_url}{bounce}")
    window.page.locator("summary").click()
