"""With every phrase in invented letters, whatever is still read in plain ones was never given to a translator.

What came from outside stands in <bdi>, or has dir="auto" where no element can stand in it, so that it keeps its
direction, or in <code>; all else is ours.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from sightline.errors import SightlineError
from sightline.web import error_pages
from tests.conftest import Pair, started
from tests.ehr_user import EhrUser, Page
from tests.html_page import Element, read
from tests.register_user import RegisterUser
from tests.web.test_details import address_of
from tests.web.test_error_pages import every_error
from translations import pseudo

PLAIN = re.compile(r"[A-Za-z]{2,}")
NAMES = ("Sightline", "csrf")
SPOKEN = ("aria-label", "title", "placeholder", "alt")
FROM_OUTSIDE = ("bdi", "code", "script", "style", "noscript")


@pytest.fixture(scope="module")
def accented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    code = pseudo.ACCENTED.replace("_", "-")
    with started(tmp_path_factory.mktemp("accented"), settled=lambda all: replace(all, languages=(code,))) as running:
        yield running


def untranslated(page: Element) -> list[str]:
    """The plain words of ours in the page, for the eye and for the ear.

    In a title and in an attribute no element can stand: there, what stands elsewhere in <bdi> is from outside too.
    """
    outside = sorted({element.text for element in page.all("bdi")} - {""}, key=len, reverse=True)
    return [word for text in _ours(page, outside) for word in PLAIN.findall(text) if word not in NAMES]


def _ours(element: Element, outside: list[str]) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield _without(outside, child) if element.tag == "title" else child
        elif child.tag not in FROM_OUTSIDE and child["dir"] != "auto":
            yield from _ours(child, outside)
            yield from (_without(outside, child[name]) for name in SPOKEN)


def _without(outside: list[str], text: str) -> str:
    for words in outside:
        text = text.replace(words, "")
    return text


def begun_in_a_frame(user: EhrUser) -> Page:
    user.browser.headers["Sec-Fetch-Dest"] = "iframe"
    return user.visits("/sign-in/r4-bearer")


def without_cookies(user: EhrUser) -> Page:
    bounce = user.asks(user.launch_address("ada")).headers["Location"]
    user.browser.cookies.clear()
    return user.visits(bounce)


def without_cookies_even_alone(user: EhrUser) -> Page:
    user.browser.headers["Sec-Fetch-Dest"] = "document"
    return without_cookies(user)


def idle(user: EhrUser) -> Page:
    return user.visits(f"{user.opens_chart('ada').url}still-there")


def searched(**criteria: str) -> Callable[[RegisterUser], Page]:
    return lambda user: user.searches(user.signs_in(), **criteria)


def in_chart(place: str = "", patient: str = "ada") -> Callable[[RegisterUser], Page]:
    return lambda user: user.visits(f"{user.opens_chart(patient).url}{place}")


def of_study(way: str) -> Callable[[RegisterUser], Page]:
    """The page of this way for the first study that can be opened."""

    def shown(user: RegisterUser) -> Page:
        listed = user.opens_chart("ada")
        row = next(row for row in listed.rows if row.images)
        return user.visits(f"{listed.url}{way.format(row.key)}")

    return shown


def two_compared(user: RegisterUser) -> Page:
    listed = user.opens_chart("ada")
    one, other = [row.key for row in listed.rows if row.images][:2]
    return user.visits(f"{listed.url}compare/{one}/{other}")


def details(words: str, patient: str = "ada", ehr: str = "r4") -> Callable[[RegisterUser], Page]:
    return lambda user: user.visits(address_of(user.opens_chart(patient, ehr), words))


PAGES: dict[str, Callable[[RegisterUser], Page]] = {
    "start": lambda user: user.visits("/"),
    "no such page": lambda user: user.visits("/nothing"),
    "launch without its parameters": lambda user: user.visits("/launch?iss=x"),
    "closed chart": lambda user: user.visits("/s/nobodys/"),
    "no cookies in the frame": without_cookies,
    "no cookies at all": without_cookies_even_alone,
    "signed out": lambda user: user.visits("/signed-out"),
    "signed out of the register": lambda user: user.visits("/sign-in/r4-bearer/out"),
    "sign-in in a frame": begun_in_a_frame,
    "still there?": idle,
    "search": lambda user: user.signs_in(),
    "search that asks too little": searched(family="L"),
    "search with mistakes": searched(family="L", birth_date="x", identifier="-", given="?"),
    "search with hits": searched(identifier="SB-1001"),
    "search with many hits": searched(family="Lindqvist", given="A"),
    "search without hits": searched(family="Nobody", birth_date="1951-07-14"),
    "list": in_chart(),
    "list with what is hidden": in_chart("?hidden=show"),
    "list, filtered": in_chart("?type=CT&period=3y"),
    "list, filtered to nothing": in_chart("?text=nothing"),
    "list of two pages": in_chart(patient="max"),
    "list by years": in_chart("?page=2", patient="max"),
    "list without keys": in_chart("?keys=off"),
    "list in another order": in_chart("?sort=type", patient="max"),
    "list without studies": in_chart(patient="ben"),
    "viewer": of_study("view/{}"),
    "viewer, with its report beside": of_study("view/{}?report=beside"),
    "viewer, with the list beside": of_study("view/{}?viewer=display-south&type=CT"),
    "viewer, alone": of_study("view/{}?alone=1"),
    "all images": in_chart("all-images"),
    "viewers to choose from": of_study("viewers/{}"),
    "viewers for all images": in_chart("all-images/viewers"),
    "report": of_study("report/{}"),
    "priors": of_study("compare/{}"),
    "two compared": two_compared,
    "details": of_study("study/{}"),
    "details with photos": details("left forearm", ehr="r4-archives"),
    "details of what is no picture": details("CT Head", patient="nora"),
}


@pytest.mark.parametrize("page", PAGES)
def test_page_says_nothing_that_no_translator_saw(accented: Pair, page: str) -> None:
    found = PAGES[page](RegisterUser(accented))

    assert untranslated(found.root) == []


@pytest.mark.parametrize("error", [*every_error()], ids=lambda error: error.__name__)
def test_error_says_nothing_that_no_translator_saw(accented: Pair, error: type[SightlineError]) -> None:
    with accented.sightline.test_request_context():
        page, _ = error_pages.shown(error("a fact for the log"))

    assert untranslated(read(page)) == []


def test_patient_line_says_nothing_that_no_translator_saw(accented: Pair) -> None:
    for patient in ("ada", "nora", "mina"):
        page = EhrUser(accented).opens_chart(patient)

        assert untranslated(page.root.one("header", "identity")) == []


def test_page_with_one_plain_word_is_found() -> None:
    page = "<p>Ƨíǵñ <bdi>Ada</bdi> <b title='Close'>óúŧ</b> of <code>x-y</code> here</p>"

    assert untranslated(read(page)) == ["Close", "of", "here"]
