"""The patient line: who this chart is about, in the words of NHS CUI's patient banner."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Flask
from markupsafe import Markup, escape

from sightline import dates
from sightline.patient import Patient
from sightline.web.parts import parts

_SEX = {"female": "Female", "male": "Male", "other": "Other", "unknown": "Unknown", "f": "Female", "m": "Male"}


@dataclass(frozen=True, slots=True)
class Identity:
    """The line's words, each empty where there is nothing to say."""

    name: str
    born: dates.ShownDate | None
    age: str
    sex: str
    label: str
    number: str
    died: str


def register(app: Flask) -> None:
    """Gives templates the filters `identity` (of a Patient), `moment` (of seconds since the epoch) and `date`."""
    for filters in (identity, moment, date_twice):
        app.add_template_filter(filters, filters.__name__.removesuffix("_twice"))


def identity(patient: Patient) -> Identity:
    """The line of `patient`."""
    zone = parts().settings.time_zone
    died = dates.shown(patient.deceased, zone)
    return Identity(
        name=patient.formal_name,
        born=dates.shown(patient.birth_date, zone),
        age="" if patient.deceased else _age(patient.birth_date, datetime.now(zone).date()),
        sex=_SEX.get(patient.sex, ""),
        label=patient.identifier_label,
        number=patient.identifier,
        died=(f"Died {died.short}" if died else "Died") if patient.deceased else "",
    )


def moment(seconds: float) -> dates.ShownDate | None:
    """A moment of our own clock, in the site's zone."""
    zone = parts().settings.time_zone
    return dates.shown(datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat(), zone)


def date_twice(shown: dates.ShownDate) -> Markup:
    """A date twice: to look at, and in words for screen readers, which read "Mar" badly."""
    machine, short, spoken = map(escape, (shown.machine, shown.short, shown.spoken))
    return Markup(  # noqa: S704 - each part is escaped above
        f'<time datetime="{machine}"><span aria-hidden="true">{short}</span><span class="unseen">{spoken}</span></time>'
    )


def _age(birth_date: str, today: date) -> str:
    """`81y`, for a birth date with its day; no age is made up from a year."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return ""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{years}y" if years >= 0 else ""
