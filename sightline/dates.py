"""FHIR dates of any precision: `2019`, `2019-03`, `2019-03-05`, `2019-03-05T14:05:10+01:00`; and DICOM's `20190305`.

What is not there is not invented: no day for a month, no midnight for a day, no zone for a time without one.
Clinical dates are shown as NHS CUI D+Ta asks: month in letters, year in four digits, 24 hours, one form everywhere.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct

from sightline.phrase import Phrase

_MONTHS = Phrase("January February March April May June July August September October November December")
_SHORT_MONTHS = Phrase("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
_DAY_IN_WORDS = Phrase("%(day)s %(month)s %(year)s")
_MONTH_IN_WORDS = Phrase("%(month)s %(year)s")
_TWO_DIGITS = tuple(f"{number:02d}" for number in range(60))
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DICOM_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


class ShownDate(Struct, frozen=True, gc=False):
    """One date: `short` to look at (`05-Mar-2026 14:05`), `spoken` for screen readers, `machine` for `<time>`."""

    short: str
    spoken: str
    machine: str


class Calendar(Struct, frozen=True, gc=False, eq=False):
    """The months of one language, short ones and whole ones, and the order in which it says a day and a month."""

    short_months: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    month: str


def calendar(say: Callable[[str], str]) -> Calendar:
    """The calendar of the language that `say` speaks. The form to look at, 05-Mar-2026, is the same in all of them."""
    short, whole = tuple(say(_SHORT_MONTHS).split()), tuple(say(_MONTHS).split())
    return Calendar(short, whole, say(_DAY_IN_WORDS), say(_MONTH_IN_WORDS))


ENGLISH = calendar(str)


def instant(text: str | None, zone: tzinfo) -> float | None:
    """Where the date stands in time, in seconds, for sorting only; None where it cannot be read.

    A part that is not given counts as its beginning; a time without a zone counts as the site's.
    """
    moment = _moment(text)
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (OverflowError, ValueError):
        return None


def shown(text: str | None, zone: tzinfo, calendar: Calendar = ENGLISH) -> ShownDate | None:
    """The date as people read it, in the offset it was recorded in; an offset that is not the site's is added.

    The months are those of `calendar`; nothing else of it depends on a language or a country.
    """
    moment = _moment(text)
    if moment is None or text is None:
        return None
    if len(text) == 4:
        return ShownDate(text, text, text)
    if len(text) == 7:
        return _month_in_words(moment, calendar)
    day = _day_in_words(moment.date(), calendar)
    if "T" not in text:
        return day
    return _at(moment, day, zone)


def of_clock(seconds: float, zone: tzinfo, calendar: Calendar = ENGLISH) -> ShownDate:
    """A moment of our own clock, in seconds since the epoch, as people in that zone read it."""
    moment = datetime.fromtimestamp(seconds, zone)
    return _at(moment, _day_in_words(moment.date(), calendar), zone)


def _at(moment: datetime, day: ShownDate, zone: tzinfo) -> ShownDate:
    """The day with its time."""
    short, spoken, machine = day.short, day.spoken, day.machine
    clock, offset = f"{_TWO_DIGITS[moment.hour]}:{_TWO_DIGITS[moment.minute]}", moment.utcoffset()
    if offset is None:
        return ShownDate(f"{short} {clock}", f"{spoken}, {clock}", f"{machine}T{clock}")
    zone_words = _zone_words(offset)
    other = "" if offset == moment.astimezone(zone).utcoffset() else f" (UTC{zone_words})"
    return ShownDate(f"{short} {clock}{other}", f"{spoken}, {clock}{other}", f"{machine}T{clock}{zone_words}")


def _month_in_words(day: date, calendar: Calendar) -> ShownDate:
    year, number = f"{day.year:04d}", day.month - 1
    spoken = calendar.month % {"month": calendar.months[number], "year": year}
    return ShownDate(f"{calendar.short_months[number]}-{year}", spoken, f"{year}-{_TWO_DIGITS[day.month]}")


@lru_cache(1024)
def _day_in_words(day: date, calendar: Calendar) -> ShownDate:
    """Kept, as days of the calendar, of which lists have the same again and again; nobody's name stands beside them."""
    year, number = f"{day.year:04d}", day.month - 1
    spoken = calendar.day % {"day": day.day, "month": calendar.months[number], "year": year}
    short = f"{_TWO_DIGITS[day.day]}-{calendar.short_months[number]}-{year}"
    return ShownDate(short, spoken, f"{year}-{_TWO_DIGITS[day.month]}-{_TWO_DIGITS[day.day]}")


@lru_cache(64)
def _zone_words(offset: timedelta) -> str:
    """`+01:00`."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _moment(text: str | None) -> datetime | None:
    """The parts of the date as a datetime, naive where no zone is given."""
    if not text or not text.isascii():
        return None
    try:
        moment = datetime.fromisoformat(text) if text[10:11] == "T" else _day(text)
    except ValueError:
        return None
    # The first and last years of the calendar cannot be moved between zones.
    return moment if moment and 1 < moment.year < 9999 else None


def _day(text: str) -> datetime | None:
    parts = _DATE.fullmatch(text) or _DICOM_DATE.fullmatch(text)
    return datetime(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)) if parts else None
