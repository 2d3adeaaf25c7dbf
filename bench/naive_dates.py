"""Dates as the list says them: `05-Mar-2026 14:05` to look at, `5 March 2026, 14:05` to hear, months in four languages.

The months come from Sightline's own catalogues, since Babel's short ones are others (`März`, `sept.`); what stands
around them is Python's. `format_datetime` would cost a little more.
"""

from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import get_locale, gettext, ngettext

ZONE = ZoneInfo("Europe/Berlin")
_SHORT_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = "January February March April May June July August September October November December"


class Shown(NamedTuple):
    """One date: to look at, to hear, and for `<time>`."""

    short: str
    spoken: str
    machine: str


def shown_day(day: date) -> Shown:
    """A day without a time."""
    short_month, month = _months(str(get_locale()))[day.month - 1]
    spoken = gettext("%(day)s %(month)s %(year)s", day=day.day, month=month, year=day.year)
    return Shown(day.strftime(f"%d-{short_month}-%Y"), spoken, day.strftime("%Y-%m-%d"))


def shown(moment: datetime) -> Shown:
    """A moment by the clock of its own offset, which is said where it is not the site's."""
    day, clock = shown_day(moment), moment.strftime("%H:%M")
    if moment.utcoffset() != moment.astimezone(ZONE).utcoffset():
        clock += f" ({moment.tzname()})"
    return Shown(f"{day.short} {clock}", f"{day.spoken}, {clock}", moment.isoformat(timespec="minutes"))


@cache
def _months(language: str) -> list[tuple[str, str]]:
    """The months of the request's language, whose code is given: short and whole."""
    return list(zip(gettext(_SHORT_MONTHS).split(), gettext(_MONTHS).split(), strict=True))


def age(birth_date: date) -> str:
    """`81y`, in whole years by the site's calendar."""
    today = datetime.now(ZONE).date()
    years = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    said: str = ngettext("%(number)sy", "%(number)sy", years, number=years)
    return said
