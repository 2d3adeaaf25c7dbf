"""The grammar of IHE RAD-106 Invoke Image Display requests, read strictly. Pure: pairs in, a request or a refusal out.

A request is patient-based or study-based (RAD-106 4.106.4.1.2). Parameters of the other kind are refused, not ignored:
a display that overlooks half a request may show more than was asked. Parameters unknown to RAD-106 are a site's own and
are passed over.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

COMMON = {"requestType", "viewerType", "diagnosticQuality", "keyImagesOnly"}
PATIENT_ONLY = {
    "patientID", "patientName", "patientBirthDate", "lowerDateTime", "upperDateTime", "mostRecentResults",
    "modalitiesInStudy",
}  # fmt: skip
STUDY_ONLY = {"studyUID", "accessionNumber"}
KNOWN = COMMON | PATIENT_ONLY | STUDY_ONLY
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


@dataclass(frozen=True, slots=True)
class StudyRequest:
    """`requestType=STUDY`: either UIDs or accession numbers, never both."""

    study_uids: tuple[str, ...] = ()
    accession_numbers: tuple[str, ...] = ()
    viewer_type: str = ""
    diagnostic_quality: bool = False
    key_images_only: bool = False


@dataclass(frozen=True, slots=True)
class PatientRequest:
    """`requestType=PATIENT`. `most_recent` 0 means all; it counts within the date range and the modalities."""

    patient: PatientIdentifier
    patient_name: str = ""
    birth_date: date | None = None
    lower: datetime | None = None
    upper: datetime | None = None
    most_recent: int = 0
    modalities: tuple[str, ...] = ()
    viewer_type: str = ""
    diagnostic_quality: bool = False
    key_images_only: bool = False


Request = StudyRequest | PatientRequest


def parse(items: Iterable[tuple[str, str]]) -> Request:
    """Read the decoded (name, value) pairs of a query in their order; Refused(400, …) for whatever is not RAD-106."""
    given = _once_each(items)
    kind = given.get("requestType")
    if kind is None:
        raise Refused(
            400, "The request does not say what to show: requestType is missing. It must be STUDY or PATIENT."
        )
    if kind not in KINDS:
        raise Refused(400, f"This display knows the request types STUDY and PATIENT, not “{kind}”.")
    return KINDS[kind](given)


def _once_each(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    canonical = {name.lower(): name for name in KNOWN}
    given: dict[str, str] = {}
    for name, value in items:
        if name not in KNOWN:
            if name.lower() in canonical:
                raise Refused(400, f"The parameter is spelled {canonical[name.lower()]}, not “{name}”.")
            continue
        if name in given:
            raise Refused(400, f"{name} is given more than once, so it is unclear what to show.")
        if not value and name != "viewerType":
            raise Refused(400, f"{name} is empty.")
        given[name] = value
    return given


def _study_request(given: dict[str, str]) -> StudyRequest:
    _refuse_strangers(given, PATIENT_ONLY, "STUDY")
    if "studyUID" in given and "accessionNumber" in given:
        raise Refused(400, "The request names a study UID and an accession number; it may name only one of the two.")
    if "studyUID" not in given and "accessionNumber" not in given:
        raise Refused(400, "The request names no study: studyUID or accessionNumber is missing.")
    return StudyRequest(
        study_uids=_listed(given, "studyUID", _uid),
        accession_numbers=_listed(given, "accessionNumber", _accession),
        viewer_type=_viewer_type(given),
        diagnostic_quality=_truth(given, "diagnosticQuality"),
        key_images_only=_truth(given, "keyImagesOnly"),
    )


def _patient_request(given: dict[str, str]) -> PatientRequest:
    _refuse_strangers(given, STUDY_ONLY, "PATIENT")
    if "patientID" not in given:
        raise Refused(400, "The request names no patient: patientID is missing.")
    lower, upper = _date_time(given, "lowerDateTime"), _date_time(given, "upperDateTime")
    if lower and upper and _comparable(lower) > _comparable(upper):
        raise Refused(400, "The period asked for ends before it begins.")
    return PatientRequest(
        patient=patient_identifier(given["patientID"]),
        patient_name=given.get("patientName", ""),
        birth_date=_birth_date(given),
        lower=lower,
        upper=upper,
        most_recent=_count(given, "mostRecentResults"),
        modalities=_listed(given, "modalitiesInStudy", _modality),
        viewer_type=_viewer_type(given),
        diagnostic_quality=_truth(given, "diagnosticQuality"),
        key_images_only=_truth(given, "keyImagesOnly"),
    )


KINDS: dict[str, Callable[[dict[str, str]], Request]] = {"STUDY": _study_request, "PATIENT": _patient_request}


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


def _refuse_strangers(given: dict[str, str], strangers: set[str], kind: str) -> None:
    for name in given:
        if name in strangers:
            raise Refused(400, f"{name} does not belong to a {kind} request.")


def _listed(given: dict[str, str], name: str, checked: Callable[[str], str]) -> tuple[str, ...]:
    if name not in given:
        return ()
    return tuple(dict.fromkeys(checked(piece) for piece in given[name].split(",")))


def _uid(text: str) -> str:
    if len(text) > 64 or not UID.fullmatch(text):
        raise Refused(400, f"“{text}” is not a DICOM UID: digits and dots, at most 64 characters, no leading zeros.")
    return text


def _accession(text: str) -> str:
    if not ACCESSION.fullmatch(text) or not text.strip():
        raise Refused(400, f"“{text}” is not an accession number: 1 to 16 characters.")
    return text.strip()


def _modality(text: str) -> str:
    if not MODALITY.fullmatch(text):
        raise Refused(400, f"“{text}” is not a modality code such as CT or MR.")
    return text


def _viewer_type(given: dict[str, str]) -> str:
    text = given.get("viewerType", "")
    if text not in VIEWER_TYPES:
        raise Refused(400, f"This display offers the viewer type IHE_BIR, not “{text}”.")
    return text


def _truth(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(400, f"{name} must be true or false, not “{text}”.")
    return text == "true"


def _count(given: dict[str, str], name: str) -> int:
    text = given.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused(400, f"{name} must be a whole number, 0 for all; not “{text}”.")
    return int(text)


def _date_time(given: dict[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    return _parsed(
        given[name], XML_DATE_TIME, f"{name} must be a date and time such as 2026-01-31T00:00:00, not “{given[name]}”."
    )


def _birth_date(given: dict[str, str]) -> date | None:
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


def _comparable(moment: datetime) -> datetime:
    """Without its zone: a request that mixes zoned and local times is compared by the clock."""
    return moment.replace(tzinfo=None)
