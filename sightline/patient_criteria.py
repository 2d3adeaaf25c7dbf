"""What a person knows of the patient they look for, and whether that is enough to ask a hospital's register.

A register is not for leafing through: an identifier, or two other criteria, must be there before anything is asked.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = 100
_OLDEST_YEARS = 150
_TYPED = re.compile(r"(\d{4})[-/. ](\d\d?)[-/. ](\d\d?)", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_WORDS = {"family": "family name", "given": "given name", "birth_date": "birth date", "identifier": "number"}


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked for: `birth_date` is a whole FHIR date (`1951-07-14`); what is not known is empty."""

    family: str = ""
    given: str = ""
    birth_date: str = ""
    identifier: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of them are given: what an audit trail may know of a search."""
        return tuple(kind for kind in _WORDS if getattr(self, kind))

    @property
    def words(self) -> str:
        """`family name “Lindqvist”, birth date 1951-07-14`, for the person who asked."""
        said = {kind: getattr(self, kind) for kind in self.kinds}
        return ", ".join(
            f"{_WORDS[kind]} {value}" if kind == "birth_date" else f"{_WORDS[kind]} “{value}”"
            for kind, value in said.items()
        )


def whole_date(text: str) -> str:
    """A date as people type it, year first, in FHIR's form: `1951 07 14`, `1951/7/14`, `19510714`; any other as it is.

    A date with the year at its end is read in two ways on two sides of an ocean, and so in none here.
    """
    found = _TYPED.fullmatch(text) or _DIGITS.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else text


def mistakes(criteria: Criteria, today: date) -> dict[str, str]:
    """Why the register is not asked this: a sentence for each field, "" for the question as a whole; else empty."""
    found = {}
    for kind in ("family", "given"):
        name = getattr(criteria, kind)
        if name and not _is_name(name):
            found[kind] = f"Write at least two letters of the {_WORDS[kind]}."
    if criteria.birth_date and not _is_birth_date(criteria.birth_date, today):
        found["birth_date"] = "Write the birth date as year-month-day, such as 1951-07-14."
    if criteria.identifier and not any(map(str.isalnum, criteria.identifier)):
        found["identifier"] = "Write the number with its letters and digits."
    if not criteria.identifier and len(criteria.kinds) < 2:
        found[""] = "Write the patient’s number, or at least two of family name, given name and birth date."
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
