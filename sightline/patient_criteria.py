"""What a person knows of the patient they look for, and whether that is enough to ask a hospital's register.

A register is not for leafing through: an identifier, or two other criteria, must be there before anything is asked.
"""

import re
from datetime import date, timedelta

from msgspec import Struct

from sightline.phrase import Phrase

LONGEST = 100
_OLDEST_YEARS = 150
_TYPED = re.compile(r"(\d{4})[-/. ](\d\d?)[-/. ](\d\d?)", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_KINDS = ("family", "given", "birth_date", "identifier")
_TOO_SHORT = {
    "family": Phrase("Write at least two letters of the family name."),
    "given": Phrase("Write at least two letters of the given name."),
}


class Criteria(Struct, frozen=True):
    """What is asked for: `birth_date` is a whole FHIR date (`1951-07-14`); what is not known is empty."""

    family: str = ""
    given: str = ""
    birth_date: str = ""
    identifier: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of them are given: what an audit trail may know of a search."""
        return tuple(kind for kind in _KINDS if getattr(self, kind))

    @property
    def words(self) -> tuple[Phrase, ...]:
        """Each of them (`family name “Lindqvist”`, `birth date 1951-07-14`), for the person who asked."""
        said = {
            "family": Phrase("family name “%(name)s”", name=self.family),
            "given": Phrase("given name “%(name)s”", name=self.given),
            "birth_date": Phrase("birth date %(date)s", date=self.birth_date),
            "identifier": Phrase("number “%(number)s”", number=self.identifier),
        }
        return tuple(said[kind] for kind in self.kinds)


def whole_date(text: str) -> str:
    """A date as people type it, year first, in FHIR's form: `1951 07 14`, `1951/7/14`, `19510714`; any other as it is.

    A date with the year at its end is read in two ways on two sides of an ocean, and so in none here.
    """
    found = _TYPED.fullmatch(text) or _DIGITS.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def mistakes(criteria: Criteria, today: date) -> dict[str, Phrase]:
    """Why the register is not asked this: a sentence for each field, "" for the question as a whole; else empty."""
    found = {}
    for kind in ("family", "given"):
        name = getattr(criteria, kind)
        if name and not _is_name(name):
            found[kind] = _TOO_SHORT[kind]
    if criteria.birth_date and not _is_birth_date(criteria.birth_date, today):
        found["birth_date"] = Phrase("Write the birth date as year-month-day, such as 1951-07-14.")
    if criteria.identifier and not any(map(str.isalnum, criteria.identifier)):
        found["identifier"] = Phrase("Write the number with its letters and digits.")
    if not criteria.identifier and len(criteria.kinds) < 2:
        found[""] = Phrase("Write the patient’s number, or at least two of family name, given name and birth date.")
    return found


def _is_name(text: str) -> bool:
    """One sign is a whole name in some scripts, but a tenth of the register in Latin letters."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) >= 2 or (len(letters) == 1 and not letters[0].isascii())


def _is_birth_date(text: str, today: date) -> bool:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return False
    # Tomorrow: a child is born while the clocks of hospital and server stand on two days.
    return len(text) == 10 and today.year - _OLDEST_YEARS <= born.year and born <= today + timedelta(days=1)
