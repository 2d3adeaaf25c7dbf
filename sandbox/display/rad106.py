"""The grammar of IHE RAD-106 Invoke Image Display requests, read strictly. Pure: pairs in, a request or a refusal out.

A request is patient-based or study-based (RAD-106 4.106.4.1.2). Parameters of the other kind are refused, not ignored:
a display that overlooks half a request may show more than was asked. Parameters unknown to RAD-106 are a site's own and
are passed over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.display import parameters
from sandbox.display.parameters import PatientIdentifier, Refused

COMMON = {"requestType", "viewerType", "diagnosticQuality", "keyImagesOnly"}
PATIENT_ONLY = {
    "patientID", "patientName", "patientBirthDate", "lowerDateTime", "upperDateTime", "mostRecentResults",
    "modalitiesInStudy",
}  # fmt: skip
STUDY_ONLY = {"studyUID", "accessionNumber"}
KNOWN = COMMON | PATIENT_ONLY | STUDY_ONLY


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
        study_uids=parameters.listed(given, "studyUID", parameters.uid),
        accession_numbers=parameters.listed(given, "accessionNumber", parameters.accession),
        viewer_type=parameters.viewer_type(given),
        diagnostic_quality=parameters.truth(given, "diagnosticQuality"),
        key_images_only=parameters.truth(given, "keyImagesOnly"),
    )


def _patient_request(given: dict[str, str]) -> PatientRequest:
    _refuse_strangers(given, STUDY_ONLY, "PATIENT")
    if "patientID" not in given:
        raise Refused(400, "The request names no patient: patientID is missing.")
    lower, upper = parameters.date_time(given, "lowerDateTime"), parameters.date_time(given, "upperDateTime")
    if lower and upper and _comparable(lower) > _comparable(upper):
        raise Refused(400, "The period asked for ends before it begins.")
    return PatientRequest(
        patient=parameters.patient_identifier(given["patientID"]),
        patient_name=given.get("patientName", ""),
        birth_date=parameters.birth_date(given),
        lower=lower,
        upper=upper,
        most_recent=parameters.count(given, "mostRecentResults"),
        modalities=parameters.listed(given, "modalitiesInStudy", parameters.modality),
        viewer_type=parameters.viewer_type(given),
        diagnostic_quality=parameters.truth(given, "diagnosticQuality"),
        key_images_only=parameters.truth(given, "keyImagesOnly"),
    )


KINDS: dict[str, Callable[[dict[str, str]], Request]] = {"STUDY": _study_request, "PATIENT": _patient_request}


def _refuse_strangers(given: dict[str, str], strangers: set[str], kind: str) -> None:
    for name in given:
        if name in strangers:
            raise Refused(400, f"{name} does not belong to a {kind} request.")


def _comparable(moment: datetime) -> datetime:
    """Without its zone: a request that mixes zoned and local times is compared by the clock."""
    return moment.replace(tzinfo=None)
