"""What a Bundle says of itself: a number that is one, a next page that has an address."""

from typing import Any

import pytest
from hypothesis import given

from sightline.errors import SourceError, SourceFailed, SourceUnreadable
from sightline.fhir.searchset import Link, bundle, next_page, total
from tests import any_json


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ((), (None, True)),
        ((None, None), (None, True)),
        ((0, 7), (0, True)),
        ((None, "7"), (7, True)),
        ((3.0,), (None, False)),
        (("3 ",), (None, False)),
        ((10**9,), (None, False)),
        ((True,), (None, False)),
    ],
)
def test_total_that_is_no_number_is_not_taken_for_none(stated: tuple[Any, ...], expected: tuple[Any, bool]) -> None:
    assert total(*stated) == expected


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (None, (False, None)),
        ([], (False, None)),
        ([Link("self", "s"), Link("next", "n")], (True, "n")),
        ([Link(rel="NEXT", href="n")], (True, "n")),
        ({"relation": "next", "url": "n"}, (True, "n")),
        ([Link("next")], (True, None)),
        ([Link("self", "s"), Link(url="n")], (True, None)),
        ([7, Link("next", "n")], (True, "n")),
        ([7], (True, None)),
        ({"next": "n"}, (True, None)),
        ([Link("self", "s"), Link("alternate", "a")], (False, None)),
    ],
)
def test_link_that_does_not_say_where_it_leads_may_lead_on(links: Any, expected: tuple[bool, str | None]) -> None:
    assert next_page(links) == expected


@given(any_json.values)
def test_any_links_are_read(links: Any) -> None:
    follows, address = next_page(links)

    assert follows or address is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>", SourceUnreadable),
        (b"[]", SourceUnreadable),
        (b'{"resourceType":"Patient"}', SourceUnreadable),
        (b'{"resourceType":"Bundle","resourceType":"Bundle"}', SourceUnreadable),
        (b'{"resourceType":"OperationOutcome","issue":[]}', SourceFailed),
    ],
)
def test_what_is_no_bundle_is_no_answer(body: bytes, error: type[SourceError]) -> None:
    with pytest.raises(error):
        bundle(body, "a question")


def test_bundle_is_given_as_it_stands() -> None:
    assert bundle(b'{"resourceType":"Bundle","total":1}', "a question") == {"resourceType": "Bundle", "total": 1}
