"""Languages with longer words than English: nothing is cut off, stands out of its place or scrolls sideways."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WAIT_MILLISECONDS, Window
from tests.conftest import Pair

pytestmark = pytest.mark.browser

PLACES = ("", "view/{}", "report/{}", "compare/{}", "study/{}", "viewers/{}")


@pytest.fixture
def opens_ada(chromium: Browser, pair: Pair) -> Iterator[Callable[[str, int], Page]]:
    contexts = []

    def open_one(code: str, width: int) -> Page:
        contexts.append(chromium.new_context(locale=code, viewport={"width": width, "height": 800}))
        contexts[-1].set_default_timeout(WAIT_MILLISECONDS)
        return Window(pair, contexts[-1], contexts[-1].new_page()).opens_chart("ada")

    yield open_one
    for context in contexts:
        context.close()


@pytest.mark.parametrize("code", ["de", "fr", "es"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_a_chart_scrolls_sideways(opens_ada: Callable[[str, int], Page], code: str, width: int) -> None:
    page = opens_ada(code, width)
    chart, key = page.url, page.locator("tbody tr:has(a.button)").first.get_attribute("id")

    for place in PLACES:
        page.goto(f"{chart}{place.format(key)}")

        assert page.locator("html").get_attribute("lang") == code
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), place


@pytest.mark.parametrize("code", ["de", "fr", "es"])
def test_buttons_stand_inside_their_table(opens_ada: Callable[[str, int], Page], code: str) -> None:
    page = opens_ada(code, 1280)
    chart, key = page.url, page.locator("tbody tr:has(a.button)").first.get_attribute("id")

    for place in ("", "compare/{}"):
        page.goto(f"{chart}{place.format(key)}")

        assert page.evaluate("""() => {
            const end = document.querySelector(".studies").getBoundingClientRect().right;
            const links = [...document.querySelectorAll(".studies .open a")];
            return links.length > 5 && links.every(link => link.getBoundingClientRect().right <= end);
        }""")
