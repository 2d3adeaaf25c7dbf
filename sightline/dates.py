"""FHIR dates of any precision: `2019`, `2019-03`, `2019-03-05`, `2019-03-05T14:05:10+01:00`; and DICOM's `20190305`.

What is not there is not invented: no day for a month, no midnight for a day, no zone for a time without one.
Clinical dates are shown as NHS CUI D+Ta asks: month in letters, year in four digits, 24 hours, one form everywhere.
"""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TWO_DIGITS = tuple(f"{number:02d}" for number in range(60))
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DICOM_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)


class ShownDate(Struct, frozen=True, gc=False):
    """One date: `short` to look at (`05-Mar-2026 14:05`), `spoken` for screen readers, `machine` for `<time>`."""

    short: str
    spoken: str
    machine: str


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


def shown(text: str | None, zone: tzinfo) -> ShownDate | None:
    """The date as people read it, in the offset it was recorded in; an offset that is not the site's is added."""
    moment = _moment(text)
    if moment is None or text is None:
        return None
    year, month, day = f"{moment.year:04d}", _MONTHS[moment.month - 1], _TWO_DIGITS[moment.day]
    if len(text) == 4:
        return ShownDate(year, year, year)
    if len(text) == 7:
        return ShownDate(f"{month[:3]}-{year}", f"{month} {year}", text)
    short, spoken = f"{day}-{month[:3]}-{year}", f"{moment.day} {month} {year}"
    machine = f"{year}-{_TWO_DIGITS[moment.month]}-{day}"
    if "T" not in text:
        return ShownDate(short, spoken, machine)
    clock, offset = f"{_TWO_DIGITS[moment.hour]}:{_TWO_DIGITS[moment.minute]}", moment.utcoffset()
    if offset is None:
        return ShownDate(f"{short} {clock}", f"{spoken}, {clock}", f"{machine}T{clock}")
    zone_words = _zone_words(offset)
    other = "" if offset == moment.astimezone(zone).utcoffset() else f" (UTC{zone_words})"
    return ShownDate(f"{short} {clock}{other}", f"{spoken}, {clock}{other}", f"{machine}T{clock}{zone_words}")


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
