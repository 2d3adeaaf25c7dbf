"""The list beside the images (`open = "split"`): the page that the study stands on, as it is filtered."""

from collections.abc import Callable

from flask import Request

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.html_page import Element
from tests.searchset import imaging_study, searchset
from tests.web.conftest import Overheard, Trail

SPLIT = "viewer=display-south"


def beside(user: EhrUser, page: Page, words: str, more: str = "") -> Page:
    """The images of the row of these words, in the sandbox's viewer that has the list beside it."""
    address = page.row(words).images
    return user.visits(f"{address}{'&' if '?' in address else '?'}{SPLIT}{more}")


def list_of(viewer: Page) -> Element:
    return viewer.root.one("nav", "list-beside")


def names(viewer: Page) -> list[str]:
    return [item.words_of("bdi", "description") for item in list_of(viewer).all("li")]


def test_list_stands_beside_the_images_with_the_current_study_marked(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    viewer = beside(user, page, "MR brain")

    assert viewer.frame
    assert names(viewer) == [row.description for row in page.rows]
    (current,) = [link for link in list_of(viewer).all("a") if link["aria-current"] == "page"]
    assert current.text == "18-Nov-2025 09:21 MRI MR brain"


def test_study_without_images_says_so_there_and_is_no_link(user: EhrUser) -> None:
    viewer = beside(user, user.opens_chart("ada"), "MR brain")
    (item,) = [item for item in list_of(viewer).all("li") if "US Abdomen" in item.text]

    assert item.text == "23-Nov-2026 08:30 Ultrasound Not ready yet US Abdomen No images have arrived yet."
    assert not item.all("a")


def test_row_there_opens_its_study_with_the_list_beside_it_again(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('open = "frame"', 'open = "split"')))
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    other = user.follows(viewer, "08-Jul-2025 10:10 CT CT chest")

    assert other.heading.startswith("CT CT chest")
    assert user.asks(other.frame).status_code == 303
    assert [link.text for link in list_of(other).all("a") if link["aria-current"]] == ["08-Jul-2025 10:10 CT CT chest"]


def test_only_the_page_of_a_long_list_is_there_that_the_study_stands_on(user: EhrUser) -> None:
    second = user.visits(f"{user.opens_chart('max').url}?page=2")
    row = next(row for row in second.rows if row.images)
    viewer = user.visits(f"{row.images}&{SPLIT}")

    assert names(viewer) == [row.description for row in second.rows]
    assert "Showing 51–100 of 500 – newest first" in list_of(viewer).text
    assert len(viewer.html) < 60_000


def test_filter_is_said_there_too(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="CT")
    viewer = beside(user, page, "CT chest with contrast")

    assert names(viewer) == [row.description for row in page.rows]
    assert f"Data filtered to show: CT – {len(page.rows)} of 13 studies" in list_of(viewer).text


def test_list_that_is_not_whole_says_so_there_too(user: EhrUser, ehr_answers: Callable[..., list[Request]]) -> None:
    one, cleos = imaging_study("1.2.840.1", description="One"), imaging_study("1.2.840.2", "cleo", description="Cleo's")
    ehr_answers(lambda _: searchset(one, cleos))
    viewer = beside(user, user.opens_chart("ada"), "One")

    assert names(viewer) == ["One"]
    assert list_of(viewer).words_of("h2") == "Imaging studies incomplete"
    assert "The list is incomplete." in list_of(viewer).text


def test_record_entered_in_error_is_there_only_where_the_list_shows_it_and_is_no_link(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert "CR Hand of another person" not in beside(user, page, "MR brain").html

    viewer = beside(user, user.visits(f"{page.url}?hidden=show"), "MR brain")
    (struck,) = list_of(viewer).all("li", "struck")
    assert "This record should not exist." in struck.text
    assert not struck.all("a")


def test_list_is_on_the_trail_before_the_study_and_nobody_is_asked(
    user: EhrUser, trail: Trail, overheard: Overheard
) -> None:
    page = user.opens_chart("ada")
    asked, before = len(overheard.asked), len(trail.records)
    beside(user, page, "MR brain")

    assert not [path for path in overheard.asked[asked:] if "/ImagingStudy?" in path]
    assert [(each["action"], each["outcome"]) for each in trail.records[before:]] == [
        ("list", "success"),
        ("open", "success"),
    ]


def test_source_that_failed_is_on_the_trail_as_such_again(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada", "archive-error")
    before = len(trail.records)
    beside(user, page, "MR brain")

    assert [(each["action"], each["outcome"]) for each in trail.records[before:]] == [
        ("list", "success"),
        ("list", "SourceFailed"),
        ("open", "success"),
    ]


def test_other_viewers_have_no_list_beside_them(user: EhrUser) -> None:
    assert not user.opens_images(user.opens_chart("ada"), "MR brain").root.all("nav", "list-beside")
