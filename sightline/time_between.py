"""How far apart two FHIR dates of any precision are, in words: `8 months earlier`, `about 2 years earlier`.

Nothing is said more exactly than both are recorded, and nothing is called earlier that only may be.
"""

from datetime import date, datetime, timedelta, tzinfo

from msgspec import Struct

from sightline import dates
from sightline.phrase import Phrase, counted

_WEEKS_FROM_DAYS, _MONTHS_FROM, _YEARS_FROM_MONTHS = 14, 2, 24


class _Span(Struct, frozen=True, gc=False):
    """All the time that a date may mean, `end` not included, and whether its month and its day are recorded."""

    start: datetime
    end: datetime
    month: bool
    day: bool


def earlier(one: str | None, other: str | None, zone: tzinfo) -> str:
    """How much earlier `one` is than `other`; empty where it is not, or where the dates do not tell.

    A date without a time, and a time without a zone, are the site's own: `zone`.
    """
    first, second = _span(one, zone), _span(other, zone)
    if first is None or second is None or first.end > second.start:
        return ""
    if first.day and second.day:
        return _by_days(first.start.date(), second.start.date())
    if first.month and second.month:
        months = _months(first.start, second.start)
        return Phrase("the month before") if months == 1 else _about(months)
    years = second.start.year - first.start.year
    return Phrase("the year before") if years == 1 else _about(years * 12)


def _by_days(first: date, second: date) -> Phrase:
    days, months = (second - first).days, _months(first, second) - (second.day < first.day)
    if days == 0:
        return Phrase("earlier on the same day")
    if days < _WEEKS_FROM_DAYS:
        return counted("%(number)s day earlier", "%(number)s days earlier", days)
    if months < _MONTHS_FROM:
        return counted("%(number)s week earlier", "%(number)s weeks earlier", days // 7)
    if months < _YEARS_FROM_MONTHS:
        return counted("%(number)s month earlier", "%(number)s months earlier", months)
    return counted("%(number)s year earlier", "%(number)s years earlier", months // 12)


def _about(months: int) -> Phrase:
    if months < _YEARS_FROM_MONTHS:
        return counted("about %(number)s month earlier", "about %(number)s months earlier", months)
    return counted("about %(number)s year earlier", "about %(number)s years earlier", months // 12)


def _months(first: date, second: date) -> int:
    """How often the calendar's month changes between the two."""
    return (second.year - first.year) * 12 + second.month - first.month


def _span(text: str | None, zone: tzinfo) -> _Span | None:
    seconds = dates.instant(text, zone)
    if seconds is None or text is None:
        return None
    start = datetime.fromtimestamp(seconds, zone)
    if "T" in text:
        return _Span(start, start + timedelta(minutes=1), True, True)
    if len(text) == len("2019"):
        return _Span(start, start.replace(year=start.year + 1), False, False)
    if len(text) == len("2019-03"):
        return _Span(start, (start + timedelta(days=31)).replace(day=1), True, False)
    return _Span(start, start + timedelta(days=1), True, True)
