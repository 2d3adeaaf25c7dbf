"""FHIR R4 (4.0.1): records -> resources. The study UID is an identifier, series UIDs are bare; `status` comes in."""

from sandbox.fhir import shared
from sandbox.fhir.endpoints import EndpointRecord, endpoint_references, one_connection
from sandbox.fhir.parts import (
    DCM,
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
)
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord
from sandbox.zone import zoned

CONNECTION_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy; UID and accession number are identifiers (`archive_url` is for versions without endpoints)."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": record.id,
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
    """Patient with one family name; the type of the MRN is a code of the terminology server."""
    return shared.patient(record, identifier_types=V2_0203, family=record.family)


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport that names its study in `imagingStudy`."""
    return shared.report(
        record, {**reported_as(record, reported), "imagingStudy": [reference("ImagingStudy", reported.id)]}
    )


def reported_as(record: ReportRecord, reported: StudyRecord) -> Resource:
    """What R4 and R5 reports have in common beyond the older versions: a list of categories, plain performers."""
    return {
        "status": record.status,
        "category": [coded(V2_0074, "RAD", "Radiology")],
        "effectiveDateTime": zoned(reported.started),
        "performer": [{"display": record.performer}],
    }


def endpoint(record: EndpointRecord) -> Resource:
    """Endpoint with one Coding as its connection type."""
    return shared.endpoint(record, one_connection(record, CONNECTION_TYPE))
