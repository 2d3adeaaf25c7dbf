"""Page after page by offset: to the end, and no further than allowed."""

from typing import Any

from sightline.dicomweb.page import Page
from sightline.dicomweb.paging import PAGE, Step, steps
from sightline.errors import SourceSlow
from tests.dicomweb.records import record


def page_of(count: int, begin: int = 0, **more: Any) -> Page:
    return Page([record(f"1.2.{begin + nth}") for nth in range(count)], count, **more)


def walked(*pages: Page, most: int = 50) -> tuple[list[Step], list[int]]:
    offsets = []

    def ask(offset: int) -> Page:
        offsets.append(offset)
        return pages[len(offsets)]

    return list(steps(pages[0], ask, most)), offsets


def test_short_page_is_the_last() -> None:
    found, offsets = walked(page_of(7))

    assert (offsets, [step.last for step in found]) == ([], [True])


def test_page_as_full_as_asked_for_is_followed_by_another_question() -> None:
    found, offsets = walked(page_of(PAGE), page_of(3, PAGE))

    assert offsets == [PAGE]
    assert [(step.page.size, step.last) for step in found] == [(PAGE, False), (3, True)]


def test_page_that_may_be_full_by_the_servers_own_measure_is_followed_too() -> None:
    assert walked(page_of(100), Page())[1] == [100]
    assert walked(page_of(99))[1] == []


def test_server_that_says_that_there_are_more_is_asked_on_from_there() -> None:
    found, offsets = walked(page_of(2, more=True, additional=3), page_of(2, 2, more=True, additional=1), page_of(1, 4))

    assert offsets == [2, 4]
    assert found[-1] == Step(page_of(1, 4), last=True)


def test_results_that_were_spoken_of_and_did_not_come_are_said() -> None:
    found, _ = walked(page_of(2, more=True, additional=3), Page())

    assert found[-1].announced == 5


def test_server_that_ignores_the_limit_has_given_everything() -> None:
    assert walked(page_of(PAGE + 1))[1] == []


def test_server_that_ignores_the_offset_fails_where_it_had_said_that_there_were_more() -> None:
    found, _ = walked(page_of(2, more=True), page_of(2, more=True))

    assert found[-1].failure is not None
    assert "ignores offset" in found[-1].failure.detail
    assert walked(page_of(25), page_of(25))[0][-1] == Step(last=True)


def test_no_more_pages_are_read_than_allowed() -> None:
    found, offsets = walked(page_of(PAGE), page_of(PAGE, PAGE), page_of(1), most=2)

    assert offsets == [PAGE]
    assert (found[-1].cut, found[-1].last) == (True, True)


def test_page_that_fails_ends_the_list_with_its_reason() -> None:
    def fail(_: int) -> Page:
        raise SourceSlow("page 2")

    found = list(steps(page_of(PAGE), fail, 50))

    assert [step.last for step in found] == [False, True]
    assert found[-1].failure is not None
    assert found[-1].failure.detail == "page 2"
