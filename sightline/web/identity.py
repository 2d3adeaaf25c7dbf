"""The patient line: who this chart is about, in the words of NHS CUI's patient banner."""

import time
from datetime import date, datetime

from flask import Flask
from markupsafe import Markup, escape
from msgspec import Struct

from sightline import dates
from sightline.patient import Patient
from sightline.phrase import Phrase, counted, meaning
from sightline.web import languages
from sightline.web.parts import parts

_FEMALE, _MALE = Phrase("Female"), Phrase("Male")
_SEX = {
    "female": _FEMALE,
    "male": _MALE,
    "other": meaning("sex", "Other"),
    "unknown": Phrase("Unknown"),
    "f": _FEMALE,
    "m": _MALE,
}


class Identity(Struct, frozen=True):
    """The line's words, each empty where there is nothing to say."""

    name: str
    born: dates.ShownDate | None
    age: str
    sex: str
    label: str
    number: str
    died: str


def register(app: Flask) -> None:
    """Gives templates the filters `identity`, `moment` (seconds since the epoch), `date`, `fhir_date`, and `now()`."""
    for filters in (identity, moment, date_twice, fhir_date):
        app.add_template_filter(filters, filters.__name__.removesuffix("_twice"))
    app.add_template_global(time.time, "now")


def identity(patient: Patient) -> Identity:
    """The line of `patient`."""
    zone, language = parts().settings.time_zone, languages.current()
    died = dates.shown(patient.deceased, zone, language.calendar)
    died_words = Phrase("Died %(date)s", date=died.short) if died else Phrase("Died")
    return Identity(
        name=language.say(patient.formal_name),
        born=dates.shown(patient.birth_date, zone, language.calendar),
        age="" if patient.deceased else language.say(_age(patient.birth_date, datetime.now(zone).date())),
        sex=language.say(_SEX.get(patient.sex, "")),
        label=language.say(patient.identifier_label or Phrase("Identifier")),
        number=patient.identifier,
        died=language.say(died_words) if patient.deceased else "",
    )


def moment(seconds: float) -> dates.ShownDate:
    """A moment of our own clock, in the site's zone."""
    return dates.of_clock(seconds, parts().settings.time_zone, languages.current().calendar)


def date_twice(shown: dates.ShownDate) -> Markup:
    """A date twice: to look at, and in words for screen readers, which read "Mar" badly."""
    machine, short, spoken = map(escape, (shown.machine, shown.short, shown.spoken))
    return Markup(  # noqa: S704 - each part is escaped above
        f'<time datetime="{machine}"><span aria-hidden="true">{short}</span><span class="unseen">{spoken}</span></time>'
    )


def fhir_date(text: str) -> Markup:
    """A date as it stood in FHIR; one that cannot be read is said to be so."""
    shown = dates.shown(text, parts().settings.time_zone, languages.current().calendar)
    return (
        date_twice(shown) if shown else escape(languages.say(Phrase("(date not readable: %(date)s)", date=text[:40])))
    )


def _age(birth_date: str, today: date) -> str:
    """`81y`, for a birth date with its day; no age is made up from a year."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return ""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return counted("%(number)sy", "%(number)sy", years) if years >= 0 else ""
