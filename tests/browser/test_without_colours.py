"""Who sees no colours reads the same: each state is a word, and no two of them differ by colour alone."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from tests.browser.conftest import Window
from tests.browser.pictures import of_screen
from tests.browser.screens import every_screen

pytestmark = pytest.mark.browser

# All that tells how something stands: of a study, its report, its images, a list, a field, a source, a patient.
STATES = (
    ".tag, .note, .notice > strong, .notice p > strong, .report, .no-report, .obstacle, .strip-note, .mistake, "
    ".pane-name, .identity > strong"
)
PAINTED = """elements => elements.filter(element => element.checkVisibility()).map(element => {
  const { color, backgroundColor } = getComputedStyle(element);
  const words = element.cloneNode(true);
  for (const unseen of words.querySelectorAll(".unseen")) unseen.remove();
  return [words.textContent.trim(), `${color} on ${backgroundColor}`];
})"""


def test_each_state_is_a_word_and_one_word_has_one_colour(window: Window) -> None:
    """User experience, point 52: what two colours would tell apart, two words do."""
    colours: dict[str, set[str]] = defaultdict(set)
    for name, page in every_screen(window):
        surround = "viewer" if page.locator("html.viewing").count() else "page"
        for words, painted in page.locator(STATES).evaluate_all(PAINTED):
            assert words, name
            colours[f"{words} ({surround})"].add(painted)
    assert len(colours) > 30
    assert {words: painted for words, painted in colours.items() if len(painted) > 1} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_are_read_by_an_eye_that_sees_no_colours(open_window: Callable[..., Window], theme: str) -> None:
    window = open_window(color_scheme=theme)
    page = window.opens_chart("mina")
    page.wait_for_selector("#end-of-list")
    eye = window.context.new_cdp_session(page)
    eye.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    states = page.locator(STATES).locator("visible=true")

    assert states.count() > 5
    for state in states.all()[:12]:
        seen = of_screen(state.screenshot()).grey
        assert int(seen.max()) - int(seen.min()) > 90, state.inner_text()


def test_links_are_told_from_words_by_a_line(window: Window) -> None:
    bare = []
    for name, page in every_screen(window):
        for link in page.locator("a:not(.button, .report, .skip, .list-beside a)").all():
            if "underline" not in link.evaluate("element => getComputedStyle(element).textDecorationLine"):
                bare.append(f"{name}: {link.inner_text()}")
    assert not bare
