"""The part of Ada's list that somebody wants to look at."""

from zoneinfo import ZoneInfo

import pytest

from sightline.dates import instant
from sightline.filtering import PERIODS, Filter, body_parts_of, types_of
from sightline.study import Study

BERLIN = ZoneInfo("Europe/Berlin")
NOW = instant("2026-03-05T12:00", BERLIN) or 0.0

HEAD = Study("North", uid="1.2.3", started="2026-03-01", modalities=("CT",), description="CT Head", accession="A77")
WRIST = Study("North", uid="1.2.4", started="2024-05-06", modalities=("DX",), body_sites=("Wrist",), sides=("L",))
HEART = Study("North", uid="1.2.5", started="2018", modalities=("US", "SR"), description="Écho cœur STRASSE")
UNDATED = Study("North", uid="1.2.6", modalities=("MR",), description="MR Knee")
ALL = [HEAD, WRIST, HEART, UNDATED]


def kept(**wanted: str) -> list[Study]:
    return [study for study in ALL if Filter(**wanted).keeps(study, NOW, BERLIN)]


def test_filter_that_asks_for_nothing_keeps_everything() -> None:
    assert not Filter().is_on
    assert kept() == ALL


@pytest.mark.parametrize(
    ("word", "expected"), [("CT", [HEAD]), ("X-ray", [WRIST]), ("Ultrasound", [HEART]), ("DX", []), ("SR", [])]
)
def test_type_is_asked_for_in_plain_words(word: str, expected: list[Study]) -> None:
    assert kept(type=word) == expected


@pytest.mark.parametrize(
    ("period", "expected"), [("30d", [HEAD]), ("1y", [HEAD]), ("3y", [HEAD, WRIST]), ("10y", [HEAD, WRIST, HEART])]
)
def test_period_reaches_back_from_now_and_holds_no_undated_study(period: str, expected: list[Study]) -> None:
    assert kept(period=period) == expected


@pytest.mark.parametrize("period", PERIODS)
def test_study_at_the_edge_of_a_period_is_in_it(period: str) -> None:
    edge = NOW - PERIODS[period][1] * 86_400

    assert Filter(period=period).keeps(HEAD, (instant("2026-03-01", BERLIN) or 0) + NOW - edge, BERLIN)
    assert not Filter(period=period).keeps(HEAD, (instant("2026-03-01", BERLIN) or 0) + NOW - edge + 1, BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("head", [HEAD]),
        ("HEAD ct", [HEAD]),
        ("a77", [HEAD]),
        ("mar-2026", [HEAD]),
        ("left", [WRIST]),
        ("wrist x-ray", [WRIST]),
        ("dx", [WRIST]),
        ("ÉCHO", [HEART]),
        ("straße", [HEART]),
        ("mri", [UNDATED]),
        ("ct knee", []),
        ("  ", ALL),
    ],
)
def test_every_word_must_occur_somewhere_in_what_the_row_says(text: str, expected: list[Study]) -> None:
    assert kept(text=text) == expected


def test_all_parts_of_a_filter_hold_together() -> None:
    assert kept(type="CT", period="30d", text="head") == [HEAD]
    assert kept(type="MRI", period="10y") == []


@pytest.mark.parametrize(("part", "expected"), [("Wrist", [WRIST]), ("WRIST", [WRIST]), ("Wri", []), ("Knee", [])])
def test_body_part_is_one_that_the_record_names(part: str, expected: list[Study]) -> None:
    assert kept(body_part=part) == expected


def test_body_parts_on_offer_are_those_that_occur_each_once() -> None:
    archives = Study("Archive", uid="1.2.9", body_sites=("WRIST", "ABDOMEN", "élbow"))

    assert body_parts_of([*ALL, archives]) == ["ABDOMEN", "Wrist", "élbow"]
    assert body_parts_of([HEAD]) == []


def test_filter_is_said_as_a_person_would_say_it() -> None:
    assert Filter("CT", "1y", body_part="Chest").words == "CT, Chest, last year"
    assert Filter("CT", "1y", "head").words == "CT, last year, “head”"
    assert Filter(text="head").words == "“head”"
    assert Filter().words == ""


def test_types_on_offer_are_those_that_occur_in_alphabetical_order() -> None:
    assert types_of(ALL) == ["CT", "MRI", "Ultrasound", "X-ray"]
    assert types_of([]) == []
