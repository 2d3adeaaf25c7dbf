"""FHIR R4 (4.0.1): records -> resources. The study UID is an identifier, series UIDs are bare; `status` comes in."""

from sandbox.fhir.endpoints import EndpointRecord
from sandbox.fhir.parts import (
    DCM,
    MRN_SYSTEM,
    V2_0074,
    V2_0203,
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
from sandbox.fhir.stu3 import endpoint_references
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord

CONNECTION_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy; UID and accession number are identifiers (`archive_url` is for versions without endpoints)."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": study_resource_id(record),
            "text": narrative(record.description or "Imaging study"),
            "identifier": [*uid_identifiers(record), *accession_identifiers(record), *other_identifiers(record)],
            "status": record.status,
            "modality": modality_codings(record, DCM),
            "subject": reference("Patient", record.patient_id),
            "started": zoned(record.started),
            "referrer": {"display": record.referrer} if record.referrer else None,
            "endpoint": endpoint_references(record),
            "numberOfSeries": len(record.series),
            "numberOfInstances": instance_count(record),
            "procedureCode": [concept(record.description)] if record.description else None,
            "reasonCode": [concept(record.reason)] if record.reason else None,
            "description": record.description,
            "series": [_series(series) for series in record.series],
        }
    )


def uid_identifiers(record: StudyRecord) -> list[Resource]:
    """The Study Instance UID as R4 ImagingStudy.identifier wants it, unless the record system does not know it."""
    if not record.uid_in_fhir:
        return []
    return [{"use": "official", "system": "urn:dicom:uid", "value": oid(record.uid)}]


def accession_identifiers(record: StudyRecord) -> list[Resource]:
    """The accession number: known by its type, with no system."""
    if not record.accession:
        return []
    return [{"use": "usual", "type": coded(V2_0203, "ACSN"), "value": record.accession}]


def other_identifiers(record: StudyRecord) -> list[Resource]:
    """The Study ID (0020,0010), as the official examples give it: neither type nor system."""
    return [{"use": "secondary", "value": record.study_id}] if record.study_id else []


def _series(record: SeriesRecord) -> Resource:
    return {
        "uid": record.uid,
        "number": record.number,
        "modality": {"system": DCM, "code": record.modality},
        "description": record.description,
        "numberOfInstances": len(record.instances),
        "bodySite": body_site(record),
        "laterality": laterality(record),
        "instance": [instance(item) for item in record.instances],
    }


def instance(record: InstanceRecord) -> Resource:
    """One SOP instance: a bare UID, and a SOP class that is a Coding with a prefixed code."""
    return {
        "uid": record.uid,
        "sopClass": {"system": "urn:ietf:rfc:3986", "code": oid(record.sop_class)},
        "number": record.number,
        "title": record.title,
    }


def patient(record: PatientRecord) -> Resource:
    """Patient with the MRN under this hospital's assigning authority."""
    return pruned(
        {
            "resourceType": "Patient",
            "id": record.id,
            "identifier": [
                {"use": "usual", "type": coded(V2_0203, "MR", "MRN"), "system": MRN_SYSTEM, "value": record.mrn}
            ],
            "active": True,
            "name": [{"use": "official", "family": record.family, "given": [record.given], "prefix": [record.prefix]}],
            "gender": record.sex,
            "birthDate": record.birth_date,
            "deceasedDateTime": record.deceased,
        }
    )


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport that names its study in `imagingStudy` and its accession number in `identifier`."""
    return pruned(
        {
            "resourceType": "DiagnosticReport",
            "id": record.id,
            "text": narrative(record.title),
            "identifier": [{"value": record.accession}] if record.accession else None,
            "status": record.status,
            "category": [coded(V2_0074, "RAD", "Radiology")],
            "code": concept(record.title),
            "subject": reference("Patient", record.patient_id),
            "effectiveDateTime": zoned(reported.started),
            "issued": record.issued,
            "performer": [{"display": record.performer}],
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
            "connectionType": {"system": CONNECTION_TYPE, "code": record.connection},
            "name": record.name,
            "payloadType": [concept(record.payload)],
            "payloadMimeType": list(record.mime_types),
            "address": record.address,
        }
    )
