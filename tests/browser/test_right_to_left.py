"""A page in a language that is written from the right: the layout is mirrored, names and numbers are not."""

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WAIT_MILLISECONDS, Window
from tests.conftest import Pair, started
from translations import pseudo

pytestmark = pytest.mark.browser

WIDTHS = [320, 768, 1280]


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    code = pseudo.MIRRORED.replace("_", "-")
    with started(tmp_path_factory.mktemp("mirrored"), settled=lambda all: replace(all, languages=(code,))) as running:
        yield running


@pytest.fixture
def open_at(chromium: Browser, mirrored: Pair) -> Iterator[Callable[[int], Window]]:
    contexts = []

    def open_one(width: int) -> Window:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}))
        contexts[-1].set_default_timeout(WAIT_MILLISECONDS)
        return Window(mirrored, contexts[-1], contexts[-1].new_page())

    yield open_one
    for context in contexts:
        context.close()


def finds_ada(window: Window) -> Page:
    page = window.page
    page.goto(f"{window.pair.sightline_url}/sign-in/r4-open")
    page.fill("#identifier", "SB-1001")
    page.click(".criteria button")
    page.wait_for_selector("table.hits")
    return page


def middle(page: Page, selector: str) -> float:
    """How far from the left edge the element's middle is, as a part of the page's width."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return (box["x"] + box["width"] / 2) / page.evaluate("document.documentElement.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_or_scrolls_sideways(open_at: Callable[[int], Window], width: int) -> None:
    page = finds_ada(open_at(width))

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_what_begins_a_line_is_at_the_right_and_what_ends_it_at_the_left(open_at: Callable[[int], Window]) -> None:
    page = finds_ada(open_at(1280))

    assert middle(page, "h1") > 0.5 > middle(page, ".sign-out")
    assert middle(page, ".hits th[scope=row]") > middle(page, ".hits td.open")


def test_patient_line_begins_at_the_right_with_a_name_that_is_read_from_the_left(
    open_at: Callable[[int], Window],
) -> None:
    page = open_at(1280).opens_chart("ada")

    name = page.locator(".identity-name bdi")
    assert middle(page, ".identity-name") > 0.5
    assert name.inner_text() == "LINDQVIST, Ada (Dr)"
    assert name.evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_date_with_a_latin_month_is_read_from_the_left_all_the_same(open_at: Callable[[int], Window]) -> None:
    page = open_at(1280).opens_chart("ada")

    day, year = page.evaluate("""() => {
        const text = document.querySelector(".identity time > span").firstChild;
        text.data = "05-Mar-2026";
        return [[0, 2], [7, 11]].map(([from, to]) => {
            const range = document.createRange();
            range.setStart(text, from);
            range.setEnd(text, to);
            return range.getBoundingClientRect().left;
        });
    }""")

    assert day < year


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_chart_scroll_nowhere_sideways(open_at: Callable[[int], Window], width: int) -> None:
    page = open_at(width).opens_chart("ada")
    chart = page.url
    key = page.locator("tbody tr:has(a.button)").first.get_attribute("id")

    for place in ("", f"view/{key}", f"report/{key}", f"compare/{key}", f"study/{key}", f"viewers/{key}"):
        page.goto(f"{chart}{place}")

        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), place
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_list_begins_at_the_right_with_the_date_and_ends_at_the_left_with_the_way_to_the_images(
    open_at: Callable[[int], Window],
) -> None:
    page = open_at(1280).opens_chart("ada")

    assert middle(page, ".studies td.date") > middle(page, ".studies th[scope=row]") > middle(page, ".studies td.open")
    assert page.locator("bdi.description").first.evaluate("element => getComputedStyle(element).direction") == "ltr"
