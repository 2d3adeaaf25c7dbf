"""The parameters of IHE RAD-106 requests one by one (4.106.4.1.2): text in, a value or Refused(400, …) out.

Readers of `given` take the decoded parameters by name, each of which stands there once at most.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

VIEWER_TYPES = {"", "IHE_BIR"}

UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+", re.ASCII)
ACCESSION = re.compile(r"[^\\,\x00-\x1f\x7f]{1,16}")
MODALITY = re.compile(r"[A-Z0-9_]{1,16}", re.ASCII)
XML_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
XML_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Refused(Exception):
    """The display will not show this. `status` is the HTTP status, `sentence` for the person in front of the frame."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class PatientIdentifier:
    """An HL7 v2 CX with its assigning authority: `SB-1^^^Sandbox` or `SB-1^^^&2.16.840.1&ISO`."""

    number: str
    namespace: str = ""
    universal_id: str = ""
    universal_id_type: str = ""


def patient_identifier(text: str) -> PatientIdentifier:
    """Read a CX (HL7 v2.5 2.A.14): components 1 and 4 are demanded; Refused(400, …) without an assigning authority."""
    number, *rest = text.split("^")
    authority = (rest[2] if len(rest) > 2 else "").split("&")
    namespace, universal_id, universal_id_type = (*authority, "", "", "")[:3]
    if not number.strip() or len(authority) > 3:
        raise Refused(
            400, f"“{text}” is not a patient identifier with its assigning authority, such as 123^^^Hospital."
        )
    if not namespace and not (universal_id and universal_id_type):
        raise Refused(
            400, f"The patient identifier “{text}” does not say who assigned it. It must read like 123^^^Hospital."
        )
    return PatientIdentifier(number.strip(), namespace, universal_id, universal_id_type)


def listed(given: Mapping[str, str], name: str, checked: Callable[[str], str]) -> tuple[str, ...]:
    """The values of a comma-separated list, each checked and once; empty where the parameter is absent."""
    if name not in given:
        return ()
    return tuple(dict.fromkeys(checked(piece) for piece in given[name].split(",")))


def uid(text: str) -> str:
    """A DICOM UID (PS3.5 9.1)."""
    if len(text) > 64 or not UID.fullmatch(text):
        raise Refused(400, f"“{text}” is not a DICOM UID: digits and dots, at most 64 characters, no leading zeros.")
    return text


def accession(text: str) -> str:
    """An accession number (0008,0050), VR SH: 1 to 16 characters, none of them a comma here."""
    if not ACCESSION.fullmatch(text) or not text.strip():
        raise Refused(400, f"“{text}” is not an accession number: 1 to 16 characters.")
    return text.strip()


def modality(text: str) -> str:
    """A modality code (0008,0060), VR CS."""
    if not MODALITY.fullmatch(text):
        raise Refused(400, f"“{text}” is not a modality code such as CT or MR.")
    return text


def viewer_type(given: Mapping[str, str]) -> str:
    """`viewerType`: empty or IHE_BIR, the only one offered here."""
    text = given.get("viewerType", "")
    if text not in VIEWER_TYPES:
        raise Refused(400, f"This display offers the viewer type IHE_BIR, not “{text}”.")
    return text


def truth(given: Mapping[str, str], name: str) -> bool:
    """A boolean of XML Schema as RAD-106 writes it; false where absent."""
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(400, f"{name} must be true or false, not “{text}”.")
    return text == "true"


def count(given: Mapping[str, str], name: str) -> int:
    """A whole number, 0 where absent."""
    text = given.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused(400, f"{name} must be a whole number, 0 for all; not “{text}”.")
    return int(text)


def date_time(given: Mapping[str, str], name: str) -> datetime | None:
    """A dateTime of XML Schema, with or without a zone; None where absent."""
    if name not in given:
        return None
    return _parsed(
        given[name], XML_DATE_TIME, f"{name} must be a date and time such as 2026-01-31T00:00:00, not “{given[name]}”."
    )


def birth_date(given: Mapping[str, str]) -> date | None:
    """`patientBirthDate`, a date or dateTime of XML Schema; None where absent."""
    if "patientBirthDate" not in given:
        return None
    text = given["patientBirthDate"]
    pattern = XML_DATE if "T" not in text else XML_DATE_TIME
    return _parsed(text, pattern, f"patientBirthDate must be a date such as 1951-07-14, not “{text}”.").date()


def _parsed(text: str, pattern: re.Pattern[str], complaint: str) -> datetime:
    if not pattern.fullmatch(text):
        raise Refused(400, complaint)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, complaint) from None
