"""Which studies of the archive a RAD-106 request means."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.archive.index import Archive
from sandbox.display.parameters import PatientIdentifier, Refused
from sandbox.display.rad106 import PatientRequest, Request, StudyRequest
from sandbox.patients import PATIENTS
from sandbox.records import PatientRecord, StudyRecord
from sandbox.zone import ZONE

NAMESPACE = "Sandbox"
UNIVERSAL_ID = ("2.16.840.1.113883.19.5", "ISO")


@dataclass(frozen=True, slots=True)
class Selection:
    """The studies to show, newest first, all of one patient; and sentences on what could not be had as asked."""

    patient: PatientRecord
    studies: tuple[StudyRecord, ...]
    notices: tuple[str, ...] = ()


def select(request: Request, archive: Archive) -> Selection:
    """The studies meant. Refused(404, …) where nothing matches, Refused(400, …) where they are of several patients."""
    if isinstance(request, StudyRequest):
        selection = _named_studies(request, archive)
    else:
        selection = _studies_of_patient(request, archive)
    if request.key_images_only:
        notice = "No key images are marked in this archive. All images are shown."
        return Selection(selection.patient, selection.studies, (*selection.notices, notice))
    return selection


def _named_studies(request: StudyRequest, archive: Archive) -> Selection:
    wanted = request.study_uids or request.accession_numbers
    by_uid = bool(request.study_uids)
    found = tuple(study for study in archive.studies if (study.uid if by_uid else study.accession) in wanted)
    if not found:
        word = "UID" if by_uid else "accession number"
        raise Refused(404, f"The archive has no study with the {word} {' or '.join(wanted)}.")
    patients = {study.patient_id for study in found}
    if len(patients) > 1:
        raise Refused(400, "The studies asked for belong to different patients. They are not shown together.")
    here = {study.uid if by_uid else study.accession for study in found}
    missing = [name for name in wanted if name not in here]
    notices = (f"{len(missing)} of {len(wanted)} studies asked for are not in this archive.",) if missing else ()
    return Selection(_patient(patients.pop()), found, notices)


def _studies_of_patient(request: PatientRequest, archive: Archive) -> Selection:
    patient = _identified(request.patient)
    if request.birth_date and len(patient.birth_date) == 10 and request.birth_date.isoformat() != patient.birth_date:
        raise Refused(404, "The patient with this identifier has another birth date than the one asked for.")
    if request.patient_name and request.patient_name.split("^")[0].casefold() != patient.family.casefold():
        raise Refused(404, "The patient with this identifier has another name than the one asked for.")
    found = tuple(study for study in archive.studies if study.patient_id == patient.id and _wanted(request, study))
    if not found:
        raise Refused(404, "The archive has no study of this patient that fits the request.")
    return Selection(patient, found[: request.most_recent or None])


def _identified(identifier: PatientIdentifier) -> PatientRecord:
    names_us = identifier.namespace in ("", NAMESPACE)
    numbers_us = (identifier.universal_id, identifier.universal_id_type) in (("", ""), UNIVERSAL_ID)
    if not (names_us and numbers_us):
        authority = identifier.namespace or identifier.universal_id
        raise Refused(404, f"This display does not know patients numbered by “{authority}”.")
    for patient in PATIENTS:
        if patient.mrn == identifier.number:
            return patient
    raise Refused(404, f"No patient has the number {identifier.number} here.")


def _patient(patient_id: str) -> PatientRecord:
    return next(patient for patient in PATIENTS if patient.id == patient_id)


def _wanted(request: PatientRequest, study: StudyRecord) -> bool:
    if request.modalities and not set(request.modalities) & set(study.modalities):
        return False
    return _not_before(study.started, request.lower) and _not_after(study.started, request.upper)


def _not_before(started: str, lower: datetime | None) -> bool:
    """A study with only a date counts as the whole day: it ends at the day's last moment."""
    return lower is None or _moment(started, "T23:59:59") >= _zoned(lower)


def _not_after(started: str, upper: datetime | None) -> bool:
    return upper is None or _moment(started, "T00:00:00") <= _zoned(upper)


def _moment(started: str, clock: str) -> datetime:
    return _zoned(datetime.fromisoformat(started if "T" in started else started + clock))


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
