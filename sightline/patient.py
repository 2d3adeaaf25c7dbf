"""The patient whose chart is open: what identifies a person on the screen."""

import re

from msgspec import Struct

from sightline.phrase import Phrase

_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def is_fhir_id(text: str) -> bool:
    """Whether `text` is an id by FHIR's grammar (R4 datatypes, `id`): nothing that could change an address."""
    return bool(_FHIR_ID.fullmatch(text)) and text.strip(".") != ""


class PatientNumber(Struct, frozen=True):
    """A number of the patient, and whose number it is: FHIR's `Identifier.system`, empty where the record says none."""

    system: str
    value: str


class Patient(Struct, frozen=True):
    """One person. `birth_date` and `deceased` are FHIR dates as recorded; `deceased` is "yes" where only that is known.

    `identifier` is the number people know the patient by, `identifier_label` what the hospital calls it. `numbers` are
    all that are in use, that one first.
    """

    id: str
    family: str = ""
    given: str = ""
    prefix: str = ""
    full_text: str = ""
    birth_date: str = ""
    sex: str = ""
    identifier: str = ""
    identifier_label: str = ""
    deceased: str = ""
    numbers: tuple[PatientNumber, ...] = ()

    def number_in(self, system: str) -> PatientNumber | None:
        """The patient's number in this system; with an empty one, the number that people know the patient by."""
        return next((number for number in self.numbers if system in ("", number.system)), None)

    @property
    def formal_name(self) -> str:
        """`FAMILY, Given (Title)` (NHS CUI Patient Name), whole however long; a name that is only a text stays so."""
        if not self.family and not self.given:
            return self.full_text or Phrase("Name not recorded")
        name = ", ".join(part for part in (self.family.upper(), self.given) if part)
        return f"{name} ({self.prefix})" if self.prefix else name
