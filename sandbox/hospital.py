"""The hospital as one value: its archive's studies, those without pictures, and the reports, looked up by patient."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sandbox.metadata_only import ADA_EXTRAS, NORA_STUDIES, max_studies
from sandbox.patients import ADA, FORMER, MINA, PATIENTS
from sandbox.records import PatientRecord, ReportRecord, StudyRecord
from sandbox.reports import reports_on


@dataclass(frozen=True, slots=True)
class Hospital:
    """What the hospital knows. `url` is its origin; studies and reports are kept by patient id.

    `former` are records that others have replaced: of a person who was registered twice.
    """

    url: str
    patients: Mapping[str, PatientRecord]
    former: Mapping[str, PatientRecord]
    studies: Mapping[str, tuple[StudyRecord, ...]]
    reports: Mapping[str, tuple[ReportRecord, ...]]

    @property
    def archive_url(self) -> str:
        """The DICOMweb base address, without a slash at the end."""
        return f"{self.url}/dicom-web"

    def studies_of(self, patient_id: str) -> tuple[StudyRecord, ...]:
        """The patient's studies; empty for a patient who has none."""
        return self.studies.get(patient_id, ())

    def reports_of(self, patient_id: str) -> tuple[ReportRecord, ...]:
        """The patient's radiology reports, newest first; empty for a patient who has none."""
        return self.reports.get(patient_id, ())

    def study(self, uid: str) -> StudyRecord:
        """The study with this Study Instance UID; KeyError where there is none."""
        for studies in self.studies.values():
            for study in studies:
                if study.uid == uid:
                    return study
        raise KeyError(uid)


def join(url: str, archive_studies: Iterable[StudyRecord]) -> Hospital:
    """The hospital at `url` that has these studies in its archive, and all others beside them."""
    by_patient: dict[str, list[StudyRecord]] = defaultdict(list)
    for study in (*archive_studies, *ADA_EXTRAS, *NORA_STUDIES, *max_studies()):
        by_patient[study.patient_id].append(study)
    by_patient[ADA.id] = _one_known_by_accession_only(by_patient[ADA.id])
    studies = {patient: tuple(listed) for patient, listed in by_patient.items()}
    return Hospital(
        url=url,
        patients={patient.id: patient for patient in PATIENTS},
        former={patient.id: patient for patient in FORMER},
        studies=studies,
        # Mina's studies are what her messy resources are made from; her reports would be of no use to anybody.
        reports={patient: reports_on(listed) for patient, listed in studies.items() if patient != MINA.id},
    )


def _one_known_by_accession_only(studies: Sequence[StudyRecord]) -> list[StudyRecord]:
    """The same studies; the record system has no UID for the oldest radiograph of the archive, only its accession."""
    radiographs = [s for s in studies if s.has_pictures and s.accession and set(s.modalities) <= {"CR", "DX"}]
    if not radiographs:
        return list(studies)
    oldest = min(radiographs, key=lambda study: study.started)
    return [replace(study, uid_in_fhir=False) if study is oldest else study for study in studies]
