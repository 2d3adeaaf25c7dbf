"""`make screenshots`: every screen at three widths, light and dark, as pictures to be looked at."""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS, Window, found_browser
from tests.browser.screens import every_screen
from tests.conftest import Pair, started

WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")
HEIGHT = 800
SIZE = "({ width: innerWidth, height: Math.min(document.documentElement.scrollHeight, 3 * innerHeight) })"


def main(folder: Path) -> int:
    """Writes `<width>-<theme>/<number>-<screen>.png` below the folder; gives the exit status."""
    with tempfile.TemporaryDirectory() as data, started(Path(data)) as pair, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found_browser(), args=list(FLAGS))
        for width, theme in product(WIDTHS, THEMES):
            _walk(browser, pair, folder / f"{width}-{theme}", width, theme)
        browser.close()
    return 0


def _walk(browser: Browser, pair: Pair, folder: Path, width: int, theme: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=theme)  # type: ignore[arg-type]
    for number, (name, page) in enumerate(every_screen(Window(pair, context, context.new_page()))):
        _picture(page, folder / f"{number:02d}-{name.replace(' ', '-').replace(',', '')}.png")
    context.close()
    print(folder, flush=True)


def _picture(page: Page, path: Path) -> None:
    """The whole page, but no more of a long list than a person would scroll through."""
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, **page.evaluate(SIZE)})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
