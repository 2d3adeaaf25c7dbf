"""A long list by years: each has its heading, and is one click away with the number of its studies."""

import re
from collections.abc import Callable
from threading import Event
from urllib.parse import urldefrag, urljoin

from flask import Request

from tests.ehr_user import EhrUser, Page
from tests.html_page import Element, read
from tests.web.arriving import Arriving
from tests.web.conftest import keeping_the_rest_back


def headings(root: Element) -> list[str]:
    return [heading.text for heading in root.one("table", id="studies").all("th", scope="rowgroup")]


def counts(page: Page) -> dict[str, int]:
    """The years above the list, and how many studies each says it has."""
    links = page.root.one("nav", "years").all("a")
    return {year: int(count) for year, count in (link.text.rsplit(maxsplit=1) for link in links)}


def test_rows_of_a_year_stand_below_its_heading(user: EhrUser) -> None:
    user.opens_chart("max")
    page = user.opens_chart("max")

    for body in page.root.one("table", id="studies").all("tbody"):
        year = body.one("th", scope="rowgroup").text
        dates = [row.words_of("td", "date") for row in body.all("tr") if row["id"]]
        assert dates
        assert all(re.search(rf"-{year}\b", date) for date in dates)
    assert len(page.rows) == 50


def test_each_year_is_one_click_away_and_counted(user: EhrUser) -> None:
    newest = user.opens_chart("max")
    page = user.visits(newest.url)
    known = counts(page)
    assert (sum(known.values()), len(known)) == (500, 22)
    assert list(known) == sorted(known, reverse=True)

    keys = []
    for link in page.root.one("nav", "years").all("a"):
        address, anchor = urldefrag(urljoin(page.url, link["href"]))
        there = user.visits(address)
        body = there.root.one("tbody", id=anchor)
        assert body.one("th", scope="rowgroup").text == link.text.split()[0] == anchor.removeprefix("y")
        keys.append(next(row["id"] for row in body.all("tr") if row["id"]))
    assert len(set(keys)) == 22
    assert link["href"].startswith("?page=10#")


def test_year_that_began_on_the_page_before_is_continued(user: EhrUser) -> None:
    page = user.visits(f"{user.opens_chart('max').url}?page=2")

    assert headings(page.root)[0] == f"{page.rows[0].date[7:11]} continued"
    assert not page.root.one("table", id="studies").all("tbody")[0]["id"]


def test_years_of_a_filtered_list_count_what_the_filter_leaves(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("max"), type="CT", sort="oldest")

    known = counts(page)
    assert list(known) == sorted(known)
    assert f"– {sum(known.values())} of 500 studies" in page.text
    last = page.root.one("nav", "years").all("a")[-1]["href"]
    assert last.startswith("?type=CT&sort=oldest&page=")


def test_undated_studies_are_a_group_of_their_own_at_the_end(user: EhrUser) -> None:
    """18: Mina has twenty-one studies, one of them undated."""
    page = user.opens_chart("mina")

    assert headings(page.root) == ["2026", "2025", "2022", "2021", "2018", "No date"]
    assert headings(user.follows(page, "oldest first").root) == ["2018", "2021", "2022", "2025", "2026", "No date"]
    assert counts(page)["No date"] == 1


def test_list_that_is_taken_in_at_a_glance_or_not_sorted_by_date_has_no_years(user: EhrUser) -> None:
    for page in (user.opens_chart("ada"), user.follows(user.opens_chart("max"), "by type")):
        assert not page.root.all("nav", "years")
        assert headings(page.root) == []


def test_years_of_a_list_that_is_still_being_read_are_counted_at_its_end(
    user: EhrUser, ehr_answers: Callable[..., list[Request]]
) -> None:
    page, rest = user.opens_chart("max"), Event()
    ehr_answers(keeping_the_rest_back(rest))
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        begun = arriving.until(lambda text: text.count("<tr id=") >= 40)
        assert 'scope="rowgroup"' in begun
        assert 'class="years"' not in begun
        rest.set()
        whole = read(arriving.to_its_end())

    order = [element for element in whole.all() if element.tag == "tbody" or "years" in element.classes]
    assert order[-1].tag == "nav"
    assert len(order[-1].all("a")) == 22
    assert {element["id"] for element in order[:-1]} <= {link["href"].split("#")[1] for link in order[-1].all("a")}
