"""FHIR STU3 (3.0.2): records -> resources. Endpoints come in; `uid` and `availability` are still there."""

from sandbox.fhir import shared
from sandbox.fhir.endpoints import EndpointRecord, endpoint_references, one_connection
from sandbox.fhir.parts import (
    DCM,
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
)
from sandbox.records import InstanceRecord, PatientRecord, ReportRecord, SeriesRecord, StudyRecord
from sandbox.zone import zoned

CONNECTION_TYPE = "http://hl7.org/fhir/endpoint-connection-type"


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy with `uid`, `accession` and references to endpoints (`archive_url` is for versions without them)."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": record.id,
            "text": narrative(record.description or "Imaging study"),
            "uid": oid(record.uid) if record.uid_in_fhir else None,
            "accession": shared.accession(record),
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
    return shared.patient(record, identifier_types=OLD_V2_0203, family=record.family)


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport with one category and a performer that is an actor."""
    own = {
        "status": record.status,
        "category": coded(OLD_V2_0074, "RAD", "Radiology"),
        "effectiveDateTime": zoned(reported.started),
        "performer": [{"actor": {"display": record.performer}}],
        "imagingStudy": [reference("ImagingStudy", reported.id)],
    }
    return shared.report(record, own)


def endpoint(record: EndpointRecord) -> Resource:
    """Endpoint with one Coding as its connection type."""
    return shared.endpoint(record, one_connection(record, CONNECTION_TYPE))
