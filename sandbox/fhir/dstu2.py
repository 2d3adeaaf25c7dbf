"""FHIR DSTU2 (1.0.2): records -> resources. The study refers to its `patient`; modalities are Codings."""

from sandbox.fhir import shared
from sandbox.fhir.parts import (
    OLD_V2_0074,
    OLD_V2_0203,
    Resource,
    body_site,
    coded,
    instance_count,
    laterality,
    modality_codings,
    narrative,
    oid,
    pruned,
    reference,
)
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord
from sandbox.zone import zoned

MODALITY_SYSTEM = "http://nema.org/dicom/dicm"
REPORT_STATUSES = {"preliminary": "partial", "amended": "corrected"}


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy with `uid`, `accession`, `modalityList` and a WADO-RS `url`."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": record.id,
            "text": narrative(record.description or "Imaging study"),
            "started": zoned(record.started),
            "patient": reference("Patient", record.patient_id),
            "uid": oid(record.uid) if record.uid_in_fhir else None,
            "accession": shared.accession(record),
            "identifier": [{"use": "secondary", "value": record.study_id}] if record.study_id else None,
            "modalityList": modality_codings(record, MODALITY_SYSTEM),
            "referrer": {"display": record.referrer} if record.referrer else None,
            "availability": "ONLINE" if record.has_pictures else "UNAVAILABLE",
            "url": f"{archive_url}/studies/{record.uid}" if record.has_pictures and record.uid_in_fhir else None,
            "numberOfSeries": len(record.series),
            "numberOfInstances": instance_count(record),
            "description": record.description,
            "series": [_series(series) for series in record.series],
        }
    )


def _series(record: SeriesRecord) -> Resource:
    return {
        "number": record.number,
        "modality": {"system": MODALITY_SYSTEM, "code": record.modality},
        "uid": oid(record.uid),
        "description": record.description,
        "numberOfInstances": len(record.instances),
        "bodySite": body_site(record),
        "laterality": laterality(record),
        "instance": [_instance(instance) for instance in record.instances],
    }


def _instance(record: InstanceRecord) -> Resource:
    return {
        "number": record.number,
        "uid": oid(record.uid),
        "sopClass": oid(record.sop_class),
        "title": record.title,
    }


def patient(record: PatientRecord) -> Resource:
    """Patient with a gender code and, still, a list of family names."""
    return shared.patient(record, identifier_types=OLD_V2_0203, family=[record.family], replaced="replace")


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport; this version says `partial` for preliminary and `corrected` for amended."""
    own = {
        "status": REPORT_STATUSES.get(record.status, record.status),
        "category": coded(OLD_V2_0074, "RAD", "Radiology"),
        "effectiveDateTime": zoned(reported.started) or record.issued,
        "performer": {"display": record.performer},
        "imagingStudy": [reference("ImagingStudy", reported.id)],
    }
    return shared.report(record, own)
