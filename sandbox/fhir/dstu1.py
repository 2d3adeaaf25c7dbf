"""FHIR DSTU1 (0.0.82): records -> resources. No resource carries its id; that stands in the Bundle's entry."""

from sandbox.fhir.attachments import presented, without_words
from sandbox.fhir.parts import (
    MRN_SYSTEM,
    OLD_V2_0074,
    Resource,
    body_site,
    concept,
    instance_count,
    narrative,
    oid,
    pruned,
    reference,
)
from sandbox.fhir.shared import successor
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord
from sandbox.zone import zoned

GENDERS = {"male": "M", "female": "F", "other": "UN"}
REPORT_STATUSES = {"preliminary": "partial", "entered-in-error": "entered in error"}


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy with the Study Instance UID in `uid` and the date in `dateTime`."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "text": narrative(record.description or "Imaging study"),
            "dateTime": zoned(record.started),
            "subject": reference("Patient", record.patient_id),
            "uid": oid(record.uid) if record.uid_in_fhir else None,
            "accessionNo": {"use": "usual", "value": record.accession} if record.accession else None,
            "identifier": [{"use": "secondary", "value": record.study_id}] if record.study_id else None,
            "modality": list(record.modalities),
            "referrer": {"display": record.referrer} if record.referrer else None,
            "availability": "ONLINE" if record.has_pictures else "UNAVAILABLE",
            "url": f"{archive_url}/studies/{record.uid}" if record.has_pictures and record.uid_in_fhir else None,
            "numberOfSeries": len(record.series),
            "numberOfInstances": instance_count(record),
            "clinicalInformation": record.reason,
            "description": record.description,
            "series": [_series(series) for series in record.series],
        }
    )


def _series(record: SeriesRecord) -> Resource:
    return {
        "number": record.number,
        "modality": record.modality,
        "uid": oid(record.uid),
        "description": record.description,
        "numberOfInstances": len(record.instances),
        "bodySite": body_site(record),
        "instance": [_instance(instance) for instance in record.instances],
    }


def _instance(record: InstanceRecord) -> Resource:
    # This version spells the element in small letters.
    return {
        "number": record.number,
        "uid": oid(record.uid),
        "sopclass": oid(record.sop_class),
        "title": record.title,
    }


def patient(record: PatientRecord) -> Resource:
    """Patient with a coded gender and a list of family names."""
    code = GENDERS.get(record.sex, "UNK")
    return pruned(
        {
            "resourceType": "Patient",
            "identifier": [{"use": "usual", "label": "MRN", "system": MRN_SYSTEM, "value": record.mrn}],
            "name": [{"family": [record.family], "given": [record.given], "prefix": [record.prefix]}],
            "gender": {"coding": [{"system": "http://hl7.org/fhir/v3/AdministrativeGender", "code": code}]},
            "birthDate": record.birth_date,
            "deceasedDateTime": record.deceased,
            "active": not record.replaced_by,
            "link": successor(record, "replace"),
        }
    )


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport with `name`, `serviceCategory` and `diagnosticDateTime`; preliminary is `partial` here."""
    return pruned(
        {
            "resourceType": "DiagnosticReport",
            "text": narrative(record.title),
            "name": concept(record.title),
            "status": REPORT_STATUSES.get(record.status, record.status),
            "issued": record.issued,
            "subject": reference("Patient", record.patient_id),
            "performer": {"display": record.performer},
            "identifier": {"value": record.accession} if record.accession else None,
            "serviceCategory": {"coding": [{"system": OLD_V2_0074, "code": "RAD"}], "text": "Radiology"},
            "diagnosticDateTime": zoned(reported.started) or record.issued,
            "imagingStudy": [reference("ImagingStudy", reported.id)],
            "conclusion": without_words(record).conclusion,
            "presentedForm": presented(record),
        }
    )
