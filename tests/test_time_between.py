"""How far apart two studies are, in words that are as exact as their dates and no more."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from sightline.dates import instant
from sightline.time_between import earlier

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("2025-07-08T10:10:00+02:00", "2026-03-05T14:15:00+01:00", "7 months earlier"),
        ("2025-07-05", "2026-03-05", "8 months earlier"),
        ("20250705", "2026-03-05", "8 months earlier"),
        ("2026-03-04", "2026-03-05", "1 day earlier"),
        ("2026-02-20", "2026-03-05", "13 days earlier"),
        ("2026-02-19", "2026-03-05", "2 weeks earlier"),
        ("2026-01-06", "2026-03-05", "8 weeks earlier"),
        ("2026-01-05", "2026-03-05", "2 months earlier"),
        ("2024-03-06", "2026-03-05", "23 months earlier"),
        ("2024-03-05", "2026-03-05", "2 years earlier"),
        ("2014-05-06", "2026-03-05T14:15:00+01:00", "11 years earlier"),
        ("2026-03-05T08:00", "2026-03-05T14:15", "earlier on the same day"),
        ("2026-03-04T23:30:00Z", "2026-03-05T14:15:00+01:00", "earlier on the same day"),
    ],
)
def test_whole_dates_are_so_many_days_weeks_months_or_years_apart(one: str, other: str, words: str) -> None:
    assert earlier(one, other, BERLIN) == words
    assert earlier(other, one, BERLIN) == ""


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("2026-02", "2026-03-05", "the month before"),
        ("2025-12", "2026-03", "about 3 months earlier"),
        ("2021-12-01", "2026-03", "about 4 years earlier"),
        ("2025", "2026-03-05", "the year before"),
        ("2019-12-31", "2026", "about 7 years earlier"),
        ("2019", "2026", "about 7 years earlier"),
    ],
)
def test_date_without_its_day_or_month_is_about_so_far_apart(one: str, other: str, words: str) -> None:
    assert earlier(one, other, BERLIN) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026", "2026-03-05"),
        ("2026-03", "2026-03-05"),
        ("2026-03-05", "2026-03-05T14:15:00+01:00"),
        ("2026-03-05", "2026-03-05"),
        ("2026-03-05T14:15:00+01:00", "2026-03-05T13:15:00Z"),
        (None, "2026-03-05"),
        ("yesterday", "2026-03-05"),
        ("", None),
    ],
)
def test_dates_that_do_not_tell_which_is_earlier_are_not_told_apart(one: str | None, other: str | None) -> None:
    assert earlier(one, other, BERLIN) == earlier(other, one, BERLIN) == ""


DATES = st.one_of(
    st.dates().map(str),
    st.dates().map(lambda day: str(day)[:7]),
    st.dates().map(lambda day: str(day)[:4]),
    st.datetimes(timezones=st.sampled_from([UTC, BERLIN])).map(lambda moment: moment.isoformat()),
    st.text(max_size=12),
)


@settings(max_examples=300)
@given(DATES, DATES)
def test_of_any_two_dates_at_most_one_is_earlier_and_never_the_one_that_begins_later(one: str, other: str) -> None:
    first, second = earlier(one, other, BERLIN), earlier(other, one, BERLIN)

    assert not (first and second)
    if first:
        assert instant(one, BERLIN) < instant(other, BERLIN)  # type: ignore[operator]
