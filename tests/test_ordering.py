"""The whole list in another order: what is alike stands newest first, what has nothing to go by at the end."""

from zoneinfo import ZoneInfo

import pytest

from sightline.ordering import ORDERS, in_order, years
from sightline.phrase import Phrase
from sightline.study import Study

BERLIN = ZoneInfo("Europe/Berlin")

HEAD = Study("North", uid="1.2.3", started="2026-03-01", modalities=("CT",), description="head", body_sites=("Head",))
WRIST = Study("North", uid="1.2.4", started="2024-05", modalities=("DX",), description="Wrist", body_sites=("Wrist",))
HEART = Study("North", uid="1.2.5", started="2018", modalities=("US",), description="Écho", body_sites=("Heart",))
CHEST = Study("North", uid="1.2.6", started="2017-01-02T10:00:00Z", modalities=("CT", "PT"), description="Zoo")
OLD_HEAD = Study("North", uid="1.2.7", started="2016", modalities=("CT",), description="Head", body_sites=("Head",))
UNDATED = Study("North", uid="1.2.8", modalities=("MR",), body_sites=("Knee",))
ODD = Study("North", uid="1.2.9", started="yesterday", description="Abdomen")

NEWEST_FIRST = [HEAD, WRIST, HEART, CHEST, OLD_HEAD, UNDATED, ODD]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", NEWEST_FIRST),
        ("oldest", [OLD_HEAD, CHEST, HEART, WRIST, HEAD, UNDATED, ODD]),
        ("type", [HEAD, OLD_HEAD, CHEST, UNDATED, HEART, WRIST, ODD]),
        ("description", [ODD, HEART, HEAD, OLD_HEAD, WRIST, CHEST, UNDATED]),
        ("body-part", [HEAD, OLD_HEAD, HEART, UNDATED, WRIST, CHEST, ODD]),
    ],
)
def test_list_stands_in_the_order_that_is_asked_for(order: str, expected: list[Study]) -> None:
    assert in_order(NEWEST_FIRST, order, BERLIN) == expected


def test_types_are_in_the_order_of_the_words_on_the_page() -> None:
    german = {"Ultrasound": "Ultraschall", "X-ray": "Röntgen", "CT": "CT", "MRI": "MRT", "PET": "PET"}

    found = in_order([HEART, WRIST], "type", BERLIN, lambda words: german[words])

    assert found == [WRIST, HEART]


@pytest.mark.parametrize("order", ORDERS)
def test_no_order_loses_a_study(order: str) -> None:
    assert sorted(study.identity for study in in_order(NEWEST_FIRST, order, BERLIN)) == [
        study.identity for study in NEWEST_FIRST
    ]


def test_each_order_has_words_that_can_be_translated() -> None:
    assert all(isinstance(words, Phrase) for words in ORDERS.values())


def test_years_follow_each_other_and_the_undated_are_the_last() -> None:
    found = list(years(NEWEST_FIRST, "", BERLIN))

    assert [(year.year, year.first, year.count) for year in found] == [
        (2026, 0, 1),
        (2024, 1, 1),
        (2018, 2, 1),
        (2017, 3, 1),
        (2016, 4, 1),
        (None, 5, 2),
    ]
    backwards = years(in_order(NEWEST_FIRST, "oldest", BERLIN), "oldest", BERLIN)
    assert [year.year for year in backwards] == [2016, 2017, 2018, 2024, 2026, None]


def test_year_is_one_by_the_sites_clocks_so_that_none_stands_twice() -> None:
    """On the other side of the world it is still last year when the new one has begun here."""
    moments = ["2020-01-01T01:00:00+01:00", "2019-12-31T16:30:00-07:00", "2020-01-01T00:10:00+01:00", "2019-12-31"]
    studies = [Study("North", uid=f"1.2.{n}", started=moment) for n, moment in enumerate(moments)]

    assert [(year.year, year.count) for year in years(studies, "", BERLIN)] == [(2020, 3), (2019, 1)]


def test_order_that_is_not_by_date_has_no_years() -> None:
    assert list(years(NEWEST_FIRST, "type", BERLIN)) == []
