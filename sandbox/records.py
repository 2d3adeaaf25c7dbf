"""What the simulated hospital knows: plain values that its archive and its FHIR server share.

The archive fills them from its DICOM files; the FHIR server turns them into resources of every version.
Texts are the hospital's own; UIDs are bare (`1.2.3`), dates are FHIR dates or dateTimes of any precision.
"""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A person of the hospital. `mrn` is the number the archive has as Patient ID (0010,0020).

    `replaced_by` is the id of the record that holds instead of this one; empty where this one holds.
    """

    id: str
    mrn: str
    family: str
    given: str
    prefix: str = ""
    birth_date: str = ""
    sex: str = "unknown"
    deceased: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """One SOP instance. `frames` is the number of frames in it (1 where the object has no frames)."""

    uid: str
    sop_class: str
    number: int = 1
    frames: int = 1
    title: str = ""


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """One series. `body_site` is plain text (`Chest`); `laterality` is `L`, `R`, `B` or empty."""

    uid: str
    number: int
    modality: str
    description: str = ""
    body_site: str = ""
    laterality: str = ""
    instances: tuple[InstanceRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """One study. `status` is FHIR R4's imagingstudy-status; `has_pictures` says whether the archive holds it.

    `uid_in_fhir` is false where the record system knows the study by its accession number only.
    """

    uid: str
    patient_id: str
    accession: str = ""
    study_id: str = ""
    status: str = "available"
    started: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    referrer: str = ""
    reason: str = ""
    series: tuple[SeriesRecord, ...] = ()
    has_pictures: bool = True
    uid_in_fhir: bool = True

    @property
    def id(self) -> str:
        """The record system's own key: short, stable, and saying nothing (FHIR `id`: 64 letters, digits, `-`, `.`)."""
        return "study-" + hashlib.sha256(self.uid.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A radiology report on one study. `status` is FHIR's diagnostic-report-status; times are FHIR instants.

    `document` says where it stands as a PDF too: `inline` in the resource, as its only words in a `binary`, or nowhere.
    """

    id: str
    patient_id: str
    study_uid: str
    status: str
    title: str
    issued: str
    conclusion: str
    accession: str = ""
    performer: str = field(default="Radiology Department")
    document: str = ""
