"""The list in another order: all of it, from its first page, kept with the filter in the address and nowhere else."""

from collections.abc import Callable
from threading import Event
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.html_page import read
from tests.web.arriving import Arriving
from tests.web.conftest import ehr_answering, keeping_the_rest_back


def said(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def column(page: Page) -> tuple[str, str]:
    """The heading of the column that the list is sorted by, and which way."""
    (heading,) = [th for th in page.root.one("thead").all("th") if th["aria-sort"]]
    return heading.text.split()[0], heading["aria-sort"]


def test_oldest_study_stands_first_and_the_order_is_said(user: EhrUser) -> None:
    """13: by the arrow, by aria-sort, and in words above and below the list."""
    newest = user.opens_chart("ada")
    oldest = user.follows(newest, "oldest first")

    assert [row.key for row in oldest.rows] == [row.key for row in newest.rows][::-1]
    assert column(oldest) == ("Date", "ascending")
    assert "oldest first ↑" in oldest.root.one("thead").text
    assert "Sorted oldest first Sort newest first" in oldest.text
    assert "Showing 1–13 of 13 – oldest first. End of list." in oldest.text
    assert oldest.root.one("caption").spoken == "Imaging studies, oldest first"


def test_studies_of_one_type_stand_together_the_newest_of_them_first(user: EhrUser) -> None:
    page = user.follows(user.opens_chart("ada"), "by type")

    assert [row.type for row in page.rows] == sorted((row.type for row in page.rows), key=str.casefold)
    assert [row.date for row in page.rows if row.type == "CT"] == ["05-Mar-2026 14:15", "08-Jul-2025 10:10"]
    assert column(page) == ("Study", "ascending")


@pytest.mark.parametrize("order", ["by description", "by body part"])
def test_other_orders_are_by_what_the_row_says(user: EhrUser, order: str) -> None:
    page = user.follows(user.opens_chart("ada"), order)

    read_by = [row.description if "description" in order else row.details[0].split(" · ")[0] for row in page.rows]
    named = [words for words in read_by if words not in ("MR", "US")]  # two records name no body part
    assert named == sorted(named, key=str.casefold)
    assert read_by[: len(named)] == named


def test_sorting_orders_the_whole_list_and_begins_with_its_first_page(user: EhrUser) -> None:
    """14: five hundred studies, asked for on the last of ten pages."""
    newest = user.opens_chart("max")
    last = user.visits(f"{newest.url}?page=10")

    oldest = user.follows(last, "oldest first")

    assert "Page 1 of 10" in oldest.text
    assert [row.key for row in oldest.rows] == [row.key for row in last.rows][::-1]
    assert said(user.follows(oldest, "Newer").url) == {"sort": "oldest", "page": "2"}
    types = user.follows(last, "by type")
    second = user.follows(types, "Next page")
    assert max(row.type for row in types.rows) <= min(row.type for row in second.rows)
    assert said(user.follows(second, "Previous page").url) == {"sort": "type", "page": "1"}


def test_undated_study_stands_last_in_either_direction(user: EhrUser) -> None:
    """18."""
    newest = user.opens_chart("mina")
    oldest = user.follows(newest, "oldest first")

    assert newest.rows[-1].date == oldest.rows[-1].date == "Date not recorded"
    assert oldest.rows[0].date == "2018"


def test_order_and_filter_stay_together_to_a_study_and_back(user: EhrUser) -> None:
    page = user.filters(user.follows(user.opens_chart("ada"), "oldest first"), type="CT")
    here = {"sort": "oldest", "type": "CT"}
    assert said(page.url) == here
    assert "Data filtered to show: CT – 3 of 13 studies" in page.text
    assert [row.date for row in page.rows] == ["08-Jul-2025 10:10", "05-Mar-2026 14:15", "02-Apr-2026 10:45"]

    viewer = user.opens_images(page, "PET/CT chest")

    assert said(viewer.root.all("a", "strip-back")[0]["href"]) == here
    assert said(page.link("by description")) == {"sort": "description", "type": "CT"}
    assert said(page.link("Remove all filters")) == {"sort": "oldest"}
    assert said(page.link("Sort newest first")) == {"type": "CT"}


def test_order_can_be_chosen_beside_the_filter_where_there_are_no_headings(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), sort="oldest")

    assert column(page) == ("Date", "ascending")


def test_order_is_not_remembered_when_the_list_is_opened_again(user: EhrUser) -> None:
    """15."""
    page = user.opens_chart("ada")
    user.follows(page, "by type")

    assert column(user.visits(page.url)) == ("Date", "descending")


def test_order_that_is_none_is_the_usual_one(user: EhrUser) -> None:
    page = user.opens_chart("ada")

    assert column(user.visits(f"{page.url}?sort=%22%3E<b>")) == ("Date", "descending")


def test_sorted_list_is_shown_when_all_of_it_has_been_read(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    """The newest come first, and rows of them would be no beginning of another order."""
    pair = sightline_with(lambda toml: toml.replace("page_seconds = 20", "page_seconds = 0.1"))
    user, rest = EhrUser(pair), Event()
    page = user.opens_chart("max")
    oldest = user.follows(page, "oldest first")

    with (
        ehr_answering(pair, keeping_the_rest_back(rest)),
        Arriving(user, f"{page.url}?refresh=1&sort=oldest") as arriving,
    ):
        begun = arriving.until(lambda text: "is shown when all of it has been read" in text)
        assert "<tr id=" not in begun
        rest.set()
        whole = read(arriving.to_its_end())

    shown = [row["id"] for row in whole.one("table", "studies").all("tr") if row["id"]]
    assert shown == [row.key for row in oldest.rows]
