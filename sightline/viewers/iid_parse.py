"""Reads IHE Invoke Image Display requests (RAD-106, 4.106.4.1.2), strictly: a display that overlooks half a request may
show more than was asked. What `iid_build.build` writes in its usual spelling is read back as it was.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl

from sightline.settings.viewer_kinds import RAD_106
from sightline.viewers import cx
from sightline.viewers.iid_request import LONGEST, Invocation, Malformed, PatientInvocation, Rule, StudyInvocation

_XML_DATE, _DICOM_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), re.compile(r"\d{8}", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KINDS = {name: kind for kind, names in RAD_106.items() for name in names}
_SPELLINGS = {name.lower(): name for name in _KINDS}

Given = dict[str, str]
Day = TypeVar("Day", date, datetime)


class Lenient(StrEnum):
    """Callers' known deviations, each forgiven only to a caller that is known for it.

    CI-SIS (France, DRIMbox): `Accessionnumber` is spelled so, and stands beside the `studyUID` of the same study.
    dcm4chee-arc: the `&` of an assigning authority is not escaped; birth dates are DICOM's `YYYYMMDD`.
    """

    CI_SIS = "ci-sis"
    DCM4CHEE = "dcm4chee"


def parse(query: str, lenient: frozenset[Lenient] = frozenset()) -> Invocation:
    """The request in a query string. Raises Malformed; parameters unknown to RAD-106 are a site's own."""
    if len(query) > LONGEST:
        raise Malformed(Rule.SIZE, f"{len(query)} characters")
    given = _once_each(_rejoined(query) if Lenient.DCM4CHEE in lenient else query, lenient)
    kind = given.get("requestType")
    if kind not in ("STUDY", "PATIENT"):
        raise Malformed(Rule.REQUEST_TYPE, "it is missing" if kind is None else "it is neither")
    for name in given:
        if _KINDS[name] not in ("common", kind):
            raise Malformed(Rule.BELONGING, f"{name} in a {kind} request")
    return _study(given, lenient) if kind == "STUDY" else _patient(given, lenient)


def _rejoined(query: str) -> str:
    """dcm4chee-arc encodes the address as a whole: `patientID=1^^^&1.2.3&ISO` falls apart at each `&`."""
    pieces: list[str] = []
    for piece in query.split("&"):
        if pieces and "=" not in piece and pieces[-1].startswith("patientID="):
            pieces[-1] += f"%26{piece}"
        else:
            pieces.append(piece)
    return "&".join(pieces)


def _once_each(query: str, lenient: frozenset[Lenient]) -> Given:
    """RAD-106's own parameters by name, each of which has a value and stands there once."""
    given: Given = {}
    for name, value in _decoded(query):
        if name not in _KINDS:
            spelled = _SPELLINGS.get(name.lower(), "")
            if spelled and not (name == "Accessionnumber" and Lenient.CI_SIS in lenient):
                raise Malformed(Rule.SPELLING, f"{spelled} is spelled otherwise")
            name = spelled
        if name in given:
            raise Malformed(Rule.ONCE, f"{name} stands there twice")
        if name and not value and name != "viewerType":
            raise Malformed(Rule.VALUE, f"{name} is empty")
        if name:
            given[name] = value
    return given


def _decoded(query: str) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Malformed(Rule.ENCODING, "not UTF-8") from None
    if _BROKEN_PERCENT.search(query) or not all(value.isprintable() for pair in pairs for value in pair):
        raise Malformed(Rule.ENCODING, "a lone % or a control character")
    return pairs


def _study(given: Given, lenient: frozenset[Lenient]) -> StudyInvocation:
    if "studyUID" in given and "accessionNumber" in given and Lenient.CI_SIS not in lenient:
        raise Malformed(Rule.STUDY_KEY, "both are there")
    return StudyInvocation(_list(given, "studyUID"), _list(given, "accessionNumber"), *_common(given))


def _patient(given: Given, lenient: frozenset[Lenient]) -> PatientInvocation:
    if "patientID" not in given:
        raise Malformed(Rule.PATIENT_ID, "it is missing")
    try:
        patient = cx.parse(given["patientID"])
    except cx.NotCx as cause:
        raise Malformed(Rule.PATIENT_ID, str(cause)) from cause
    return PatientInvocation(
        patient,
        given.get("patientName", ""),
        _birth_date(given, lenient),
        _moment(given, "lowerDateTime"),
        _moment(given, "upperDateTime"),
        _count(given, "mostRecentResults"),
        _list(given, "modalitiesInStudy"),
        *_common(given),
    )


def _common(given: Given) -> tuple[str, bool | None, bool | None]:
    return given.get("viewerType", ""), _truth(given, "diagnosticQuality"), _truth(given, "keyImagesOnly")


def _list(given: Given, name: str) -> tuple[str, ...]:
    values = tuple(given[name].split(",")) if name in given else ()
    if not all(values):
        raise Malformed(Rule.LIST, f"{name} has an empty item")
    return values


def _truth(given: Given, name: str) -> bool | None:
    if given.get(name, "true") not in ("true", "false"):
        raise Malformed(Rule.TRUTH, f"{name} is neither")
    return given[name] == "true" if name in given else None


def _count(given: Given, name: str) -> int | None:
    text = given.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed(Rule.COUNT)
    return int(text) if name in given else None


def _birth_date(given: Given, lenient: frozenset[Lenient]) -> date | None:
    text = given.get("patientBirthDate", "")
    if "T" in text:
        moment = _moment(given, "patientBirthDate")
        return moment.date() if moment else None
    may_be_dicoms = Lenient.DCM4CHEE in lenient and _DICOM_DATE.fullmatch(text)
    if text and not (_XML_DATE.fullmatch(text) or may_be_dicoms):
        raise Malformed(Rule.DATE_TIME, "patientBirthDate")
    return _read(date.fromisoformat, given, "patientBirthDate")


def _moment(given: Given, name: str) -> datetime | None:
    if name in given and not _DATE_TIME.fullmatch(given[name]):
        raise Malformed(Rule.DATE_TIME, name)
    return _read(datetime.fromisoformat, given, name)


def _read(reader: Callable[[str], Day], given: Given, name: str) -> Day | None:
    try:
        return reader(given[name]) if name in given else None
    except ValueError:
        raise Malformed(Rule.DATE_TIME, f"{name} is no day of the calendar") from None
