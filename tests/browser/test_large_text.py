"""Text of twice the size, and the spacing that WCAG 2.2 lets a person ask for (1.4.4, 1.4.12): nothing is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Window
from tests.browser.screens import every_screen

pytestmark = pytest.mark.browser

WANTS = {
    "text of twice the size": "html { font-size: 200% !important }",
    "WCAG 1.4.12": """
        * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
        p { margin-block-end: 2em !important }""",
}

# What is cut off at an edge of its own or of the window, and which controls lie one over the other. What scrolls in a
# place of its own is not cut; what is there for screen readers alone is as small as it is meant to be.
LOST = """() => {
  const lost = [];
  const name = (element) => `${element.localName}.${element.className} “${element.textContent.trim().slice(0, 40)}”`;
  const above = (element) => element ? [element, ...above(element.parentElement)] : [];
  const style = (element) => getComputedStyle(element);
  const scrolls = (element) => ["auto", "scroll"].includes(style(element).overflowX);
  const isForSpeech = (element) => element.matches(".skip, [aria-hidden=true]") || style(element).clipPath !== "none";
  const isSeen = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !above(element).some(isForSpeech);
  const clips = (element) => style(element).overflowX !== "visible" || element.matches("button, .button, .report");
  const overflows = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
    clientWidth && (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1);

  const seen = [...document.querySelectorAll("body *")].filter(isSeen);
  if (document.scrollingElement.scrollWidth > innerWidth) lost.push("the page scrolls sideways");
  for (const element of seen) {
    const isCut = clips(element) && overflows(element) && !scrolls(element) && !element.matches("input");
    if (isCut) lost.push(`cut: ${name(element)}`);
    const { width, left, right } = element.getBoundingClientRect();
    const leaves = width && (left < -1 || right > innerWidth + 1);
    if (leaves && !above(element.parentElement).some(scrolls)) lost.push(`outside: ${name(element)}`);
  }

  const onTop = document.querySelector(":popover-open") ?? document;
  const controls = seen.filter((element) => onTop.contains(element)
    && element.matches("a, button, select, summary, input:not([type=radio])"));
  const meet = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
  const cover = (one, other) =>
    [...one.getClientRects()].some((box) => [...other.getClientRects()].some((its) => meet(box, its)));
  controls.forEach((one, place) => controls.slice(place + 1).forEach((other) => {
    if (cover(one, other)) lost.push(`${name(one)} over ${name(other)}`);
  }));
  return lost;
}"""


def lost_on(page: Page, wants: str) -> list[str]:
    """What a person who reads the page in this way does not get to see."""
    style = page.add_style_tag(content=wants)
    lost: list[str] = page.evaluate(LOST)
    style.evaluate("element => element.remove()")
    return lost


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_lost_in_large_or_widely_spaced_text(open_window: Callable[..., Window], width: int) -> None:
    """User experience, point 53. The style is the person's own, which no page's policy forbids."""
    window = open_window(viewport={"width": width, "height": 800}, bypass_csp=True)
    lost = {
        f"{name}, {how}": found
        for name, page in every_screen(window)
        for how, wants in WANTS.items()
        if (found := lost_on(page, wants))
    }
    assert not lost


@pytest.mark.parametrize(
    "fault",
    [
        ".identity-name { display: block; inline-size: 4rem; overflow: hidden; white-space: nowrap }",
        "td.open a { margin-inline-start: -3rem }",
        "h1 { flex: none; inline-size: 90rem }",
    ],
)
def test_what_is_lost_is_found(open_window: Callable[..., Window], fault: str) -> None:
    page = open_window(viewport={"width": 768, "height": 800}, bypass_csp=True).opens_chart("ada")

    assert lost_on(page, "p {}") == []
    assert lost_on(page, fault)
