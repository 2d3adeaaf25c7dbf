"""What Sightline is measured against is the same page: of the same studies both say the same, word for word."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from app import create_app
from bench import naive
from bench.running import open_chart
from bench.studies import bundle, study
from sightline.settings import load
from tests.far_side import Asked, FarSide, Reply, as_json
from tests.html_page import Element, read

Pages = Callable[[list[dict[str, Any]], str, str], tuple[Element, Element]]

TWENTY = [study(20_000 - number) for number in range(20)]
"""The list that P6 measures."""
LEFT = {"system": "http://snomed.info/sct", "code": "7771000", "display": "Left"}
RIGHT = {"system": "http://snomed.info/sct", "code": "24028007", "display": "Right"}


def changed(number: int, **more: Any) -> dict[str, Any]:
    """A study of the bench in which something else stands; None takes an element away."""
    return {name: value for name, value in (study(number) | more).items() if value is not None}


def on_sides(number: int, *sides: dict[str, str]) -> dict[str, Any]:
    found = study(number)
    return found | {"series": [one | {"laterality": side} for one, side in zip(found["series"], sides, strict=True)]}


THIRTY = [
    changed(20_000, status="unknown", description=None, procedureCode=None, reasonCode=None, series=None),
    on_sides(19_999, LEFT, LEFT),
    on_sides(19_998, LEFT, RIGHT),
    changed(19_997, status="entered-in-error"),
    changed(19_996, numberOfInstances=0),
    changed(19_995, numberOfSeries=1, numberOfInstances=1, status="cancelled"),
    changed(19_993, status="registered"),
    changed(19_994, numberOfSeries=None, numberOfInstances=None, series=None),
    *(study(19_990 - 40 * number) for number in range(22)),
    changed(19_000, started=None),
]
"""All that a row, a notice and the years can say: three years, sides, statuses, and what is not recorded."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Gives a function that asks Sightline and naive for the list of these studies, by this query, in this language."""
    held: list[dict[str, Any]] = []

    def answer(asked: Asked) -> Reply:
        first = int(asked.query.get("_offset", "0"))
        following = (
            f"{far.url}{asked.path}?patient=ada&_count=50&_offset={first + 50}" if first + 50 < len(held) else ""
        )
        return as_json(bundle(held[first : first + 50], following))

    with FarSide(answer) as far, pytest.MonkeyPatch.context() as patch:
        patch.setenv("UPSTREAM", far.url)
        folder = tmp_path_factory.mktemp("bench")
        environment, path, cookie = open_chart(folder, 8000, far.url)
        settings = load(folder / "sightline.toml", environment)
        patient = replace(settings, limits=replace(settings.limits, page_seconds=20))  # no page that begins half
        ours = create_app(patient).test_client(use_cookies=False)
        obvious = naive.application.test_client()
        obvious.get("/launch")

        def asked(studies: list[dict[str, Any]], query: str, language: str) -> tuple[Element, Element]:
            held[:] = studies
            wanted = {"Accept-Language": language}
            return (
                _page(ours, f"{path}&{query}", wanted | {"Cookie": cookie}),
                _page(obvious, f"/?refresh=1&{query}", wanted),
            )

        yield asked


def _page(client: FlaskClient, address: str, headers: dict[str, str]) -> Element:
    """The page, without the minute in which it was asked for."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    root = read(answer.text)
    for paragraph in root.all("p"):
        for moment in paragraph.all("time"):
            moment.children.clear()
    return root


def facts(row: Element) -> dict[str, Any]:
    """What one study's row says, and how many links it has."""
    date = row.one("td", "date")
    return {
        "date": [(time["datetime"], time.text, time.spoken) for time in date.all("time")] or date.text,
        "type": row.one("span", "type").text,
        "description": row.one("bdi", "description").text,
        "side": row.words_of("strong", "side"),
        "status": row.words_of("span", "tag"),
        "detail": row.words_of("span", "detail"),
        "counts": row.one("span", "contents").text,
        "links": [(link.text, link.spoken, _query(link)) for link in row.all("a")],
        "struck": "struck" in row.classes,
    }


def _query(link: Element) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link["href"]).query, keep_blank_values=True)


def rows(page: Element) -> list[dict[str, Any]]:
    return [facts(row) for row in page.all("tr") if row["id"]]


def headings(page: Element) -> list[tuple[str, str, str]]:
    return [(each.tag, each.text, each["aria-sort"]) for tag in ("h1", "h2", "th") for each in page.all(tag)]


def choices(page: Element) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Each list to choose from: its name, and each option's value, words, and whether it is chosen."""
    return [
        (select["name"], [(o["value"] or o.text, o.text, "selected" in o.attributes) for o in select.all("option")])
        for select in page.all("select")
    ]


def links(page: Element) -> list[tuple[str, dict[str, list[str]], str]]:
    return [(link.spoken, _query(link), urlsplit(link["href"]).fragment) for link in page.all("a") if link["href"][:1]]


def assert_same(ours: Element, obvious: Element) -> None:
    assert rows(ours) == rows(obvious)
    assert headings(ours) == headings(obvious)
    assert choices(ours) == choices(obvious)
    for page in (ours, obvious):  # they name a study differently, and Sightline's links lead from where they stand
        for row in page.all("tr"):
            row.attributes.pop("id", None)
    assert links(ours) == links(obvious)
    assert ours.one("body").text == obvious.one("body").text
    assert ours.one("body").spoken == obvious.one("body").spoken
    assert _unread(ours) == _unread(obvious)


def _unread(page: Element) -> list[list[str]]:
    """The words that wait in the page until its script shows them."""
    return [[part.text for part in each.all() if part.text] for each in page.all("template")]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_naive_says_of_the_measured_list_what_sightline_says_in_every_language(pages: Pages, language: str) -> None:
    ours, obvious = pages(TWENTY, "", language)

    assert len(rows(ours)) == 20
    assert ours.one("html")["lang"] == obvious.one("html")["lang"] == language
    assert_same(ours, obvious)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "type=CT",
        "body_part=Chest",
        "period=1y",
        "text=wrist+views",
        "text=nowhere",
        "sort=oldest",
        "sort=type",
        "sort=description",
        "sort=body-part&type=X-ray",
        "hidden=show",
        "keys=off&period=3y",
    ],
)
def test_naive_filters_and_sorts_as_sightline_does(pages: Pages, query: str) -> None:
    ours, obvious = pages(THIRTY, query, "de")

    assert rows(ours) or "nowhere" in query or "period" in query  # one day all these studies are old
    assert_same(ours, obvious)


@pytest.mark.parametrize("number", [1, 2])
def test_naive_shows_the_same_pages_of_a_list_of_several(pages: Pages, number: int) -> None:
    sixty = [study(20_000 - 20 * number) for number in range(60)]

    ours, obvious = pages(sixty, f"sort=oldest&page={number}", "en")

    assert len(rows(ours)) == (50, 10)[number - 1]
    assert_same(ours, obvious)


def test_naive_says_that_there_is_nothing_as_sightline_does(pages: Pages) -> None:
    assert_same(*pages([], "", "fr"))
