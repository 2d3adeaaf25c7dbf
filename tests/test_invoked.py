"""The part of a patient's studies that an EHR asks for: the period first, then the newest of it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sightline.invoked import Invoked
from sightline.study import Study

BERLIN = ZoneInfo("Europe/Berlin")
NEWEST_FIRST = [
    Study("EHR", uid="1.5", started="2026-03-05T14:05:00+01:00", modalities=("CT",)),
    Study("EHR", uid="1.4", started="2026-03-05", modalities=("MR", "SR")),
    Study("EHR", uid="1.3", started="2026-03", modalities=("CT",)),
    Study("EHR", uid="1.2", started="2019", modalities=("CR",)),
    Study("EHR", uid="1.1", modalities=("CT",)),
]


def kept(**asked: object) -> str:
    """The last parts of the UIDs that stay."""
    return "".join((study.uid or "")[-1] for study in Invoked(**asked).keeps(NEWEST_FIRST, BERLIN))  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("asked", "uids"),
    [
        ({}, "54321"),
        ({"most_recent": 0}, "54321"),
        ({"most_recent": 2}, "54"),
        ({"most_recent": 99}, "54321"),
        ({"modalities": ("CT",)}, "531"),
        ({"modalities": ("SR", "CR")}, "42"),
        ({"modalities": ("CT",), "most_recent": 2}, "53"),
        ({"upper": at("2026-01-01T00:00:00"), "most_recent": 1}, "2"),
        ({"lower": at("2026-03-05T14:05:00")}, "543"),
        ({"lower": at("2026-03-05T14:05:01")}, "43"),
        ({"lower": at("2026-03-05T13:05:00+00:00")}, "543"),
        ({"lower": at("2026-03-06T00:00:00")}, "3"),
        ({"upper": at("2026-03-05T14:05:00")}, "5432"),
        ({"upper": at("2026-03-05T14:04:59")}, "432"),
        ({"lower": at("2020-01-02T00:00:00"), "upper": at("2026-02-28T23:59:59")}, ""),
        ({"lower": at("2019-06-01T00:00:00"), "upper": at("2019-06-01T00:00:00")}, "2"),
    ],
)
def test_period_comes_first_then_modality_then_the_newest(asked: dict[str, object], uids: str) -> None:
    assert kept(**asked) == uids


def test_study_without_a_date_is_in_no_period_and_else_among_all() -> None:
    assert "1" not in kept(lower=datetime(1900, 1, 1, tzinfo=UTC))
    assert "1" in kept(modalities=("CT",))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Invoked(), ""),
        (Invoked(most_recent=1, modalities=("CT", "MR")), "the newest, CT or MR"),
        (Invoked(most_recent=3), "the newest 3"),
        (
            Invoked(lower=at("2025-01-01T00:00:00"), upper=at("2025-12-31T23:59:00")),
            "from 01-Jan-2025 00:00 until 31-Dec-2025 23:59",
        ),
    ],
)
def test_part_is_said_in_words(asked: Invoked, words: str) -> None:
    assert asked.words(BERLIN) == words
    assert asked.narrows is bool(words)


def test_what_is_not_done_is_said_a_sentence_each() -> None:
    everything = Invoked(viewer_type="ACME_3D", diagnostic_quality=True, key_images_only=True, other_name=True)

    assert Invoked().notes == ()
    assert [note.split(";")[0] for note in everything.notes] == [
        "The EHR asked for this patient’s number under another name. Check who this is.",
        "The EHR asked for a viewer of type “ACME_3D”, not known here",
    ]
    assert [words.split(".")[0] for words in everything.waiting_wishes] == [
        "The EHR asked for key images only",
        "The EHR asked for diagnostic quality",
    ]
    assert Invoked().waiting_wishes == ()
