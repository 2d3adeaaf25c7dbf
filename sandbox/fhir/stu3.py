"""FHIR STU3 (3.0.2): records -> resources. Endpoints come in; `uid` and `availability` are still there."""

from sandbox.fhir.endpoints import IMAGE_ARCHIVE_ID, IMAGE_DISPLAY_ID, EndpointRecord
from sandbox.fhir.parts import (
    DCM,
    MRN_SYSTEM,
    OLD_V2_0074,
    OLD_V2_0203,
    Resource,
    body_site,
    coded,
    concept,
    instance_count,
    laterality,
    modality_codings,
    narrative,
    oid,
    pruned,
    reference,
    study_resource_id,
    zoned,
)
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy with `uid`, `accession` and references to endpoints (`archive_url` is for versions without them)."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": study_resource_id(record),
            "text": narrative(record.description or "Imaging study"),
            "uid": oid(record.uid) if record.uid_in_fhir else None,
            "accession": _accession(record),
            "identifier": [{"use": "secondary", "value": record.study_id}] if record.study_id else None,
            "availability": "ONLINE" if record.has_pictures else "UNAVAILABLE",
            "modalityList": modality_codings(record, DCM),
            "patient": reference("Patient", record.patient_id),
            "started": zoned(record.started),
            "referrer": {"display": record.referrer} if record.referrer else None,
            "endpoint": endpoint_references(record),
            "numberOfSeries": len(record.series),
            "numberOfInstances": instance_count(record),
            "procedureCode": [concept(record.description)] if record.description else None,
            "reason": concept(record.reason) if record.reason else None,
            "description": record.description,
            "series": [_series(series) for series in record.series],
        }
    )


def endpoint_references(record: StudyRecord) -> list[Resource]:
    """The image display and the archive, for a study that has pictures."""
    if not record.has_pictures:
        return []
    return [reference("Endpoint", IMAGE_DISPLAY_ID), reference("Endpoint", IMAGE_ARCHIVE_ID)]


def _accession(record: StudyRecord) -> Resource | None:
    if not record.accession:
        return None
    return {"use": "usual", "type": coded(OLD_V2_0203, "ACSN"), "value": record.accession}


def _series(record: SeriesRecord) -> Resource:
    return {
        "uid": oid(record.uid),
        "number": record.number,
        "modality": {"system": DCM, "code": record.modality},
        "description": record.description,
        "numberOfInstances": len(record.instances),
        "bodySite": body_site(record),
        "laterality": laterality(record),
        "instance": [_instance(instance) for instance in record.instances],
    }


def _instance(record: InstanceRecord) -> Resource:
    return {
        "uid": oid(record.uid),
        "number": record.number,
        "sopClass": oid(record.sop_class),
        "title": record.title,
    }


def patient(record: PatientRecord) -> Resource:
    """Patient with one family name."""
    return pruned(
        {
            "resourceType": "Patient",
            "id": record.id,
            "identifier": [
                {"use": "usual", "type": coded(OLD_V2_0203, "MR", "MRN"), "system": MRN_SYSTEM, "value": record.mrn}
            ],
            "active": True,
            "name": [{"use": "official", "family": record.family, "given": [record.given], "prefix": [record.prefix]}],
            "gender": record.sex,
            "birthDate": record.birth_date,
            "deceasedDateTime": record.deceased,
        }
    )


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport with one category and a performer that is an actor."""
    return pruned(
        {
            "resourceType": "DiagnosticReport",
            "id": record.id,
            "text": narrative(record.title),
            "identifier": [{"value": record.accession}] if record.accession else None,
            "status": record.status,
            "category": coded(OLD_V2_0074, "RAD", "Radiology"),
            "code": concept(record.title),
            "subject": reference("Patient", record.patient_id),
            "effectiveDateTime": zoned(reported.started),
            "issued": record.issued,
            "performer": [{"actor": {"display": record.performer}}],
            "imagingStudy": [reference("ImagingStudy", study_resource_id(reported))],
            "conclusion": record.conclusion,
        }
    )


def endpoint(record: EndpointRecord) -> Resource:
    """Endpoint with one Coding as its connection type."""
    return pruned(
        {
            "resourceType": "Endpoint",
            "id": record.id,
            "status": "active",
            "connectionType": {"system": "http://hl7.org/fhir/endpoint-connection-type", "code": record.connection},
            "name": record.name,
            "payloadType": [concept(record.payload)],
            "payloadMimeType": list(record.mime_types),
            "address": record.address,
        }
    )
