"""Previous and Next above a study's images: through the list as it is filtered, past what cannot be opened."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Request

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.invoking_ehr import InvokingUser, of_patient
from tests.searchset import imaging_study, searchset
from tests.web.conftest import Overheard, Trail

NONE_BEFORE = "Previous: no study before this one in the list can be opened"
NONE_AFTER = "Next: no study after this one in the list can be opened"


def on_from(page: Page, word: str) -> str:
    """What Previous or Next says to a screen reader; empty where it is not there."""
    ways = [way for nav in page.root.all("nav", "neighbours") for way in nav.all("a") + nav.all("span", "no-neighbour")]
    return next((way.spoken.replace(" :", ":") for way in ways if way.text == word), "")


def opened(user: EhrUser, page: Page, place: int = 0) -> Page:
    """The images of the first row that has any, or of the one at this place among those."""
    return user.visits([row for row in page.rows if row.images][place].images)


def to_open(page: Page) -> list[str]:
    return [row.description for row in page.rows if row.images]


def walked(user: EhrUser, page: Page, word: str = "Next") -> list[str]:
    """The descriptions of the studies that one comes to, from this one until there is no way on."""
    seen = [page.root.one("h1").all("bdi")[0].text]
    while page.has_link(word):
        page = user.follows(page, word)
        assert page.frame
        seen.append(page.root.one("h1").all("bdi")[0].text)
    return seen


def test_next_and_previous_go_through_the_list_past_what_cannot_be_opened(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert len(to_open(page)) < len(page.rows)

    assert walked(user, opened(user, page)) == to_open(page)
    assert walked(user, opened(user, page, -1), "Previous") == to_open(page)[::-1]


def test_each_says_which_study_it_leads_to(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert on_from(viewer, "Previous") == "Previous: CT · CT chest with contrast · 05-Mar-2026 14:15"
    assert on_from(viewer, "Next") == "Next: CT · CT chest · 08-Jul-2025 10:10"
    link = next(link for link in viewer.root.all("a") if link.text == "Next")
    assert link["title"] == "CT · CT chest · 08-Jul-2025 10:10"


def test_at_an_end_of_the_list_the_other_way_keeps_its_place_and_the_end_is_said(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    first, last = opened(user, page), opened(user, page, -1)
    assert (on_from(first, "Previous"), first.has_link("Previous")) == (NONE_BEFORE, False)
    assert (on_from(last, "Next"), last.has_link("Next")) == (NONE_AFTER, False)


def test_filter_holds_for_previous_and_next_too(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="MRI")
    viewer = opened(user, page)

    assert walked(user, viewer) == to_open(page)
    assert on_from(viewer, "Previous") == NONE_BEFORE
    second = user.follows(viewer, "Next")
    assert second.link("Back to the list").endswith(f"?type=MRI#{page.row(to_open(page)[1]).key}")


def test_study_that_the_filter_leaves_out_has_neither(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    aside = user.visits(f"{viewer.url}?type=CT")
    assert aside.frame
    assert not aside.root.all("nav", "neighbours")


def test_next_leads_from_one_page_of_the_list_to_the_other_and_back_to_its_row_there(user: EhrUser) -> None:
    page = user.opens_chart("max")
    second_page = user.visits(f"{page.url}?page=2")
    last = opened(user, page, -1)

    on = user.follows(last, "Next")
    expected = next(row for row in second_page.rows if row.images)
    assert on.link("Back to the list") == f"{page.url}?page=2#{expected.key}"
    assert user.follows(on, "Previous").link("Back to the list") == last.link("Back to the list")


def test_records_that_are_shown_struck_through_are_passed_over(user: EhrUser) -> None:
    page = user.visits(f"{user.opens_chart('ada').url}?hidden=show")
    assert any(row.struck for row in page.rows)
    assert walked(user, opened(user, page)) == to_open(page)


def test_no_way_leads_to_another_patients_study_or_to_one_that_hers_contests(
    user: EhrUser, ehr_answers: Callable[..., list[Request]]
) -> None:
    adas = [imaging_study(f"1.2.840.{number}", description=f"Study {number}") for number in (1, 2, 3)]
    cleos = [imaging_study("1.2.840.2", "cleo"), imaging_study("1.2.840.9", "cleo", description="Cleo's")]
    ehr_answers(lambda _: searchset(*adas, *cleos))
    assert walked(user, user.opens_images(user.opens_chart("ada"), "Study 1")) == ["Study 1", "Study 3"]


def test_only_study_has_no_ways_on(user: EhrUser, ehr_answers: Callable[..., list[Request]]) -> None:
    ehr_answers(lambda _: searchset(imaging_study("1.2.840.1", description="Alone")))
    assert not user.opens_images(user.opens_chart("ada"), "Alone").root.all("nav", "neighbours")


def test_part_of_the_list_that_the_ehr_asked_for_is_not_left(pair: Pair) -> None:
    user = InvokingUser(pair)
    page = user.follows_link("r4-open", **of_patient(modalitiesInStudy="CT"))
    assert len(to_open(page)) > 1
    assert walked(user, opened(user, page)) == to_open(page)

    everything = user.follows(page, "Show all")
    assert len(to_open(everything)) > len(to_open(page))
    assert walked(user, opened(user, everything)) == to_open(everything)


def test_each_study_on_the_way_is_on_the_trail_before_its_frame_is_sent_and_nobody_is_asked_again(
    user: EhrUser, trail: Trail, overheard: Overheard
) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    asked = len(overheard.asked)
    on = user.follows(viewer, "Next")
    opened = [record["accession"] for record in trail.records if record["action"] == "open"]
    assert len(opened) == 2
    assert len(overheard.asked) == asked
    assert user.asks(on.frame).status_code == 303


@pytest.mark.parametrize("key", ["previous", "next"])
def test_report_that_the_address_puts_beside_the_images_goes_along(user: EhrUser, key: str) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    beside = user.visits(f"{viewer.url}?report=beside")
    assert urlsplit(beside.link(key.title())).query == "report=beside"
    assert urlsplit(urljoin(viewer.url, viewer.link(key.title()))).query == ""
