"""The list while sources still think, in a real browser: whose chart it is stands there at once, and no row moves."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Request, Response
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Window
from tests.conftest import Pair, started
from tests.web.conftest import ehr_answering

pytestmark = pytest.mark.browser

EHR, PHOTOS = "/archives/fhir/r4/ImagingStudy", "/photos/dicom-web/studies"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A page begins at once, and shows after a moment what has come; nobody is given up within this test."""

    def at_once(toml: str) -> str:
        short = toml.replace("page_seconds = 20", "page_seconds = 0.3\nrows_seconds = 0.6")
        return short.replace("answer_seconds = 2", "answer_seconds = 20")

    with started(tmp_path_factory.mktemp("impatient"), at_once) as running:
        yield running


@pytest.fixture(params=[1280, 320])
def page(chromium: Browser, impatient: Pair, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": request.param, "height": 900})
    window = Window(impatient, context, context.new_page())
    yield window.opens_chart("ada", "r4-archives")
    assert window.complaints == []
    context.close()


def held(until: Event) -> Callable[[Request], Response | None]:
    def answer(_: Request) -> None:
        until.wait(20)

    return answer


def refreshes(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?refresh=1", wait_until="commit")


def test_patients_line_and_who_is_asked_stand_there_while_the_ehr_thinks(page: Page, impatient: Pair) -> None:
    come = Event()
    with ehr_answering(impatient, held(come), EHR), ehr_answering(impatient, held(come), PHOTOS):
        refreshes(page)
        expect(page.locator("header.identity")).to_contain_text("LINDQVIST, Ada")
        expect(page.get_by_role("status")).to_contain_text("Asking 3 sources")
        expect(page.locator("tbody tr")).to_have_count(11)  # the radiology archive has answered
        come.set()
        expect(page.get_by_text("End of list.")).to_be_visible()


def test_no_row_moves_when_the_last_source_has_been_heard(page: Page, impatient: Pair) -> None:
    come = Event()
    with ehr_answering(impatient, held(come), PHOTOS):
        refreshes(page)
        first = page.locator("#studies tbody tr").first
        expect(page.locator(".held .while")).to_be_visible()
        expect(page.locator("#studies tbody tr")).to_have_count(14)
        before = first.bounding_box()
        come.set()
        expect(page.get_by_role("heading", name="Came after these")).to_be_visible()
        expect(page.locator(".held .after")).to_be_visible()

        assert first.bounding_box() == before


def test_list_in_order_is_one_link_away(page: Page, impatient: Pair) -> None:
    come = Event()
    with ehr_answering(impatient, held(come), PHOTOS):
        refreshes(page)
        expect(page.locator(".held .while")).to_be_visible()
        come.set()
        page.get_by_role("link", name="Show the list in order").click()

    expect(page.locator("tbody tr").nth(4)).to_contain_text("Skin lesion, left forearm")
    expect(page.get_by_text("Came after these")).to_have_count(0)
