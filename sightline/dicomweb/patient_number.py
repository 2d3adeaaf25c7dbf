"""Whose record is it? The check that stands between a chart and another patient's images in a shared archive.

A number means somebody only together with who issued it, and archives match as they please (by wildcards, in any case,
by the number alone). So what comes back is looked at again, record by record.
"""

import re
from enum import Enum
from typing import Any

from msgspec import Struct

from sightline.dicomweb.qido import items, values
from sightline.errors import SourceNotAsking
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.settings import ArchiveSettings

_MATCHES_MORE = re.compile(r"[*?\\\x00-\x1f\x7f]")  # wildcards, and what stands between values (PS3.4 C.2.2.2)
_LONGEST = 64  # LO (PS3.5 6.2)
_DAY = re.compile(r"[0-9]{8}")
_OID = "urn:oid:"


class Whose(Enum):
    """What a record says of whose it is. `CONTRADICTED`: the number fits the patient, the birth date does not."""

    THIS_PATIENT = "this patient"
    OTHER_PATIENT = "another patient"
    CONTRADICTED = "contradicted"
    NOT_SAID = "not said"


class PatientNumber(Struct, frozen=True):
    """A number of the patient as an archive knows it. `system` is FHIR's name of `issuer`, `born` digits or empty.

    `study` is the UID of the one study that is asked for, empty for all.
    """

    value: str
    issuer: str
    system: str
    born: str
    study: str = ""

    def whose(self, record: dict[str, Any], archive: ArchiveSettings) -> Whose:
        """Whose record this is, by number, issuer (or its qualifiers, PS3.3 table 10-18) and birth date."""
        numbers, issuers = _texts(record, "00100020"), _texts(record, "00100021")
        if not (len(numbers) == len(values(record, "00100020")) == 1) or len(values(record, "00100021")) > 1:
            return Whose.NOT_SAID
        if not _same(numbers[0], self.value, archive):
            return Whose.OTHER_PATIENT
        universal = self._universal(record)
        if universal is False or (issuers and not _same(issuers[0], self.issuer, archive)):
            return Whose.OTHER_PATIENT
        if not (issuers or universal or archive.issuer_may_be_absent):
            return Whose.NOT_SAID
        births = [text for text in _texts(record, "00100030") if _DAY.fullmatch(text)]
        if self.born and any(not birth.startswith(self.born) for birth in births):
            return Whose.CONTRADICTED
        return Whose.THIS_PATIENT

    def _universal(self, record: dict[str, Any]) -> bool | None:
        """Whether the issuer's universal id is that of the FHIR system; None where the two cannot be compared."""
        if not self.system.startswith(_OID):
            return None
        stated = [text for item in items(record, "00100024") for text in _texts(item, "00400032")]
        isos = [text for item in items(record, "00100024") for text in _texts(item, "00400033")]
        return all(text == self.system.removeprefix(_OID) for text in stated) if stated and isos == ["ISO"] else None


def numbers_of(patient: Patient, archive: ArchiveSettings) -> tuple[PatientNumber, ...]:
    """The patient's numbers that this archive knows patients by. Raises SourceNotAsking where there is none.

    A number that the archive would read as a pattern is one of nobody: asking with it could find everybody.
    """
    issuers, born = dict(archive.issuers), patient.birth_date.replace("-", "")
    known = [number for number in patient.numbers if number.system in issuers]
    if any(not _is_plain(number.value) for number in known):
        raise SourceNotAsking(
            "a patient number with wildcards, control characters, or more than 64",
            Phrase("It was not asked: the patient's number has signs that it would take for a pattern."),
        )
    if not known:
        raise SourceNotAsking("no number of the patient in a system of this archive's issuers")
    found = (PatientNumber(number.value.strip(), issuers[number.system], number.system, born) for number in known)
    return tuple(dict.fromkeys(found))


def _is_plain(value: str) -> bool:
    return bool(value.strip()) and len(value) <= _LONGEST and not _MATCHES_MORE.search(value)


def _texts(record: dict[str, Any], tag: str) -> list[str]:
    """The attribute's texts without the padding that DICOM allows, and without what is no text."""
    stripped = (value.strip(" ") for value in values(record, tag) if type(value) is str)
    return [text for text in stripped if text]


def _same(one: str, other: str, archive: ArchiveSettings) -> bool:
    return one == other if archive.case_sensitive else one.casefold() == other.casefold()
