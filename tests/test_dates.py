"""Dates of every precision: what is there is shown, what is not there is not invented."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from sightline.dates import ShownDate, instant, shown

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [UTC, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Kiritimati")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019", ShownDate("2019", "2019", "2019")),
        ("2019-03", ShownDate("Mar-2019", "March 2019", "2019-03")),
        ("2019-03-05", ShownDate("05-Mar-2019", "5 March 2019", "2019-03-05")),
        ("20190305", ShownDate("05-Mar-2019", "5 March 2019", "2019-03-05")),
        ("2026-03-05T14:05", ShownDate("05-Mar-2026 14:05", "5 March 2026, 14:05", "2026-03-05T14:05")),
        ("2026-03-05T14:05:10", ShownDate("05-Mar-2026 14:05", "5 March 2026, 14:05", "2026-03-05T14:05")),
        (
            "2026-03-05T14:05:10.1+01:00",
            ShownDate("05-Mar-2026 14:05", "5 March 2026, 14:05", "2026-03-05T14:05+01:00"),
        ),
        ("2026-05-31T00:00:00+02:00", ShownDate("31-May-2026 00:00", "31 May 2026, 00:00", "2026-05-31T00:00+02:00")),
    ],
)
def test_date_is_shown_as_precisely_as_it_was_recorded(text: str, expected: ShownDate) -> None:
    assert shown(text, BERLIN) == expected


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("2026-03-05T14:05:10Z", "05-Mar-2026 14:05 (UTC+00:00)"),
        ("2026-03-05T14:05:10+03:00", "05-Mar-2026 14:05 (UTC+03:00)"),
        ("2026-03-05T14:05:10-03:30", "05-Mar-2026 14:05 (UTC-03:30)"),
        ("2026-07-05T14:05:10+01:00", "05-Jul-2026 14:05 (UTC+01:00)"),  # in summer Berlin is at +02:00
        ("2026-07-05T14:05:10+02:00", "05-Jul-2026 14:05"),
    ],
)
def test_offset_other_than_the_sites_stands_beside_the_time(text: str, short: str) -> None:
    found = shown(text, BERLIN)

    assert found is not None
    assert found.short == short
    assert found.spoken.endswith(short[12:])


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "2019-13",
        "2019-02-30",
        "2019-3-5",
        "19",
        "201903",
        "2019-03-05 14:05",
        "2019-03-05T",
        "2019-03-05T25:00",
        "2019-03-05T14:05:10+99:00",
        "05.03.2019",
        "٢٠١٩",
        "0000",
        "0001-01-01",
        "9999-12-31",
        "99999",
        "2019-03-05\n",
    ],
)
def test_text_that_is_no_date_is_neither_shown_nor_sorted(text: str | None) -> None:
    assert shown(text, BERLIN) is None
    assert instant(text, BERLIN) is None


def test_studies_of_different_precision_sort_by_the_beginning_of_what_is_known() -> None:
    in_order = ["2018-12-31", "2019", "2019-03", "2019-03-05T14:05:10Z", "20190306", "2019-03-07T00:00"]

    shuffled = [in_order[place] for place in (3, 0, 5, 2, 4, 1)]

    assert sorted(shuffled, key=lambda text: instant(text, BERLIN) or 0) == in_order


def test_time_without_a_zone_counts_as_the_sites() -> None:
    assert instant("2026-03-05T14:05", BERLIN) == instant("2026-03-05T14:05+01:00", UTC)
    assert instant("2026-03-05", BERLIN) == instant("2026-03-05T00:00+01:00", UTC)


def test_time_with_a_zone_stands_where_it_was_whatever_the_site() -> None:
    expected = datetime(2026, 3, 5, 13, 5, tzinfo=UTC).timestamp()

    assert {instant("2026-03-05T14:05:00+01:00", zone) for zone in ZONES} == {expected}


@given(st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30)), st.sampled_from(ZONES), st.sampled_from([4, 7, 10, 16]))
@settings(deadline=None)
def test_every_date_of_every_precision_is_shown_in_every_zone(moment: datetime, zone: ZoneInfo, length: int) -> None:
    text = moment.isoformat()[:length]

    found = shown(text, zone)

    assert found is not None
    assert found.machine == text
    assert found.short.count("-") == {4: 0, 7: 1, 10: 2, 16: 2}[length]
    assert (":" in found.short) == (length == 16)
    assert instant(text, zone) is not None


@given(st.one_of(st.text(), st.text("0123456789-:T+Z. W")), st.sampled_from(ZONES))
@settings(deadline=None)
def test_reading_a_date_never_raises(text: str, zone: ZoneInfo) -> None:
    assert (shown(text, zone) is None) == (instant(text, zone) is None)
