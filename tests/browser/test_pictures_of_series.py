"""The small pictures beside the series of a study in a real browser: what one sees of them, at every moment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event

import pytest
from flask import Request, Response
from playwright.sync_api import Browser, Locator, Page, expect

from sightline.dicomweb import thumbnail
from tests.browser.conftest import Window
from tests.conftest import Pair, started
from tests.web.conftest import ehr_answering

pytestmark = pytest.mark.browser

STUDY = "Mammography, both sides"
THERE, NONE, FAILED, WAITS = range(4)
"""The four series of that study, by what becomes of their pictures here."""
SHOWN = "image => image.complete && image.naturalWidth > 2"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Nobody gives a picture up within this test."""

    def patient(toml: str) -> str:
        return toml.replace("answer_seconds = 2", "answer_seconds = 20").replace("re_seconds = 1.5", "re_seconds = 20")

    with started(tmp_path_factory.mktemp("patient"), patient) as running:
        yield running


@pytest.fixture
def until(pair: Pair) -> Iterator[Event]:
    """Four series whose pictures are there, are none, cannot be loaded, and come when this is set."""
    come = Event()
    with ExitStack() as answering:
        for number, answer in ((NONE, gone), (FAILED, broken), (WAITS, held(come))):
            for what in ("thumbnail", "instances"):
                answering.enter_context(ehr_answering(pair, answer, way_to(pair, number, what)))
        thumbnail._without_thumbnails.clear()
        yield come
        come.set()


def way_to(pair: Pair, number: int, what: str) -> str:
    studies = pair.hospital.extensions["hospital"].studies_of("ada")
    study = next(study for study in studies if study.description == STUDY)
    return f"/dicom-web/studies/{study.uid}/series/{study.series[number].uid}/{what}"


def gone(_: Request) -> Response:
    return Response(status=404)


def broken(_: Request) -> Response:
    return Response(status=500)


def held(come: Event) -> Callable[[Request], Response | None]:
    def answer(_: Request) -> None:
        come.wait(20)

    return answer


def opens(window: Window) -> list[Locator]:
    """The places of the four pictures, on the page of the study."""
    page = window.opens_chart("ada")
    page.locator("tr", has_text=STUDY).get_by_role("link", name="Details").click()
    page.wait_for_selector(".series")
    return page.locator("td.thumb").all()


def heights(page: Page) -> list[float]:
    return [row["height"] for row in (each.bounding_box() for each in page.locator(".series tbody tr").all()) if row]


@pytest.mark.parametrize("width", [320, 1280])
def test_four_states_can_be_told_apart(open_window: Callable[..., Window], until: Event, width: int) -> None:
    window = open_window(viewport={"width": width, "height": 900})
    places = opens(window)

    expect(places[NONE]).to_have_text("No picture")
    expect(places[FAILED]).to_contain_text("The picture could not be loaded.")
    expect(places[THERE].locator("img.waits")).to_have_count(0)
    assert places[THERE].locator("img").evaluate(SHOWN)
    expect(places[WAITS].locator("img.waits")).to_be_visible()
    assert not places[WAITS].locator("img").evaluate(SHOWN)

    until.set()
    expect(places[WAITS].locator("img.waits")).to_have_count(0)
    assert places[WAITS].locator("img").evaluate(SHOWN)
    assert max(heights(window.page)) - min(heights(window.page)) < 1  # whatever becomes of a picture, no row moves


def test_picture_that_could_not_be_loaded_is_asked_for_again(window: Window, pair: Pair) -> None:
    way = way_to(pair, FAILED, "thumbnail")
    with ehr_answering(pair, broken, way), ehr_answering(pair, broken, way_to(pair, FAILED, "instances")):
        place = opens(window)[FAILED]
        expect(place).to_contain_text("The picture could not be loaded.")
        place.get_by_role("button", name="Try again").click()
        expect(place).to_contain_text("The picture could not be loaded.")
    place.get_by_role("button", name="Try again").click()

    expect(place.locator("img:not(.waits)")).to_be_visible()
    assert place.locator("img").evaluate(SHOWN)


def test_pictures_on_their_way_are_given_up_when_the_page_is_left(window: Window, until: Event) -> None:
    given_up = []
    window.page.on("requestfailed", lambda request: given_up.append(request.url))
    places = opens(window)
    expect(places[NONE]).to_have_text("No picture")
    on_its_way = places[WAITS].locator("img").evaluate("image => image.src")

    window.page.get_by_role("link", name="All imaging studies").click()

    window.page.wait_for_selector("table.studies")
    assert given_up == [on_its_way]


def test_without_javascript_each_state_has_a_sign_and_the_page_a_way_to_try_again(
    chromium: Browser, pair: Pair, until: Event
) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    window = Window(pair, context, context.new_page())
    places = opens(window)
    until.set()
    window.page.wait_for_load_state("load")

    signs = [place.locator("img").evaluate("image => image.naturalWidth") for place in places]
    assert (signs[NONE], signs[FAILED]) == (1, 2)
    assert signs[THERE] > 2
    assert places[FAILED].locator("img").get_attribute("alt") == "Picture of the series: Mammogram R MLO"
    window.page.get_by_role("link", name="Try again").click()
    expect(window.page.locator("td.thumb img")).to_have_count(4)
    context.close()


def test_photos_are_seen_after_one_click_and_not_before(window: Window) -> None:
    page = window.opens_chart("ada", "r4-archives")
    page.locator("tr", has_text="Skin lesion, left forearm").get_by_role("link", name="Details").click()
    page.wait_for_selector(".series")
    expect(page.locator("td.thumb img")).to_have_count(0)

    page.get_by_role("link", name="Show photos of this series: Close-up").click()

    expect(page.locator("td.thumb img:not(.waits)")).to_have_count(1)
    assert page.locator("td.thumb img").evaluate(SHOWN)
    assert window.complaints == []
