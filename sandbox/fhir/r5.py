"""FHIR R5 (5.0.0): records -> resources. Modalities are CodeableConcepts; the accession number moves to the order."""

from sandbox.fhir import shared
from sandbox.fhir.endpoints import EndpointRecord, endpoint_references
from sandbox.fhir.parts import (
    DCM,
    V2_0203,
    Resource,
    body_site,
    coded,
    concept,
    instance_count,
    laterality,
    narrative,
    pruned,
    reference,
)
from sandbox.fhir.r4 import CONNECTION_TYPE, instance, other_identifiers, patient, reported_as, uid_identifiers
from sandbox.records import ReportRecord, SeriesRecord, StudyRecord
from sandbox.zone import zoned

__all__ = ["endpoint", "patient", "report", "study"]


def study(record: StudyRecord, archive_url: str) -> Resource:
    """ImagingStudy; the accession number stands in `basedOn.identifier` (`archive_url` is for older versions)."""
    return pruned(
        {
            "resourceType": "ImagingStudy",
            "id": record.id,
            "text": narrative(record.description or "Imaging study"),
            "identifier": [*uid_identifiers(record), *other_identifiers(record)],
            "status": record.status,
            "modality": [coded(DCM, code) for code in record.modalities],
            "subject": reference("Patient", record.patient_id),
            "started": zoned(record.started),
            "basedOn": _orders(record),
            "referrer": {"display": record.referrer} if record.referrer else None,
            "endpoint": endpoint_references(record),
            "numberOfSeries": len(record.series),
            "numberOfInstances": instance_count(record),
            "procedure": [{"concept": concept(record.description)}] if record.description else None,
            "reason": [{"concept": concept(record.reason)}] if record.reason else None,
            "description": record.description,
            "series": [_series(series) for series in record.series],
        }
    )


def _orders(record: StudyRecord) -> list[Resource]:
    if not record.accession:
        return []
    return [{"type": "ServiceRequest", "identifier": {"type": coded(V2_0203, "ACSN"), "value": record.accession}}]


def _series(record: SeriesRecord) -> Resource:
    side = laterality(record)
    return {
        "uid": record.uid,
        "number": record.number,
        "modality": coded(DCM, record.modality),
        "description": record.description,
        "numberOfInstances": len(record.instances),
        "bodySite": {"concept": {"coding": [body_site(record)]}},
        "laterality": {"coding": [side]} if side else None,
        "instance": [instance(item) for item in record.instances],
    }


def report(record: ReportRecord, reported: StudyRecord) -> Resource:
    """DiagnosticReport that names its study in `study`."""
    return shared.report(record, {**reported_as(record, reported), "study": [reference("ImagingStudy", reported.id)]})


def endpoint(record: EndpointRecord) -> Resource:
    """Endpoint with a list of connection types and payloads."""
    own = {
        "connectionType": [coded(record.system or CONNECTION_TYPE, record.connection)],
        "payload": [{"type": [concept(record.payload)], "mimeType": list(record.mime_types)}],
    }
    return shared.endpoint(record, own)
