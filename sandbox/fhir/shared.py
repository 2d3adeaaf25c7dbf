"""Patient, DiagnosticReport and Endpoint: what DSTU2 to R5 have in common. `own` is what a version writes its way."""

from sandbox.fhir.attachments import presented, without_words
from sandbox.fhir.endpoints import EndpointRecord
from sandbox.fhir.parts import MRN_SYSTEM, OLD_V2_0203, Resource, coded, concept, narrative, pruned, reference
from sandbox.records import PatientRecord, ReportRecord, StudyRecord


def patient(
    record: PatientRecord, *, identifier_types: str, family: str | list[str], replaced: str = "replaced-by"
) -> Resource:
    """Patient with the MRN under this hospital's assigning authority; `identifier_types` is the system of `MR`.

    `replaced` is the version's word for a link to the record that holds instead of this one.
    """
    mrn = {"use": "usual", "type": coded(identifier_types, "MR", "MRN"), "system": MRN_SYSTEM, "value": record.mrn}
    return pruned(
        {
            "resourceType": "Patient",
            "id": record.id,
            "identifier": [mrn],
            "active": not record.replaced_by,
            "name": [{"use": "official", "family": family, "given": [record.given], "prefix": [record.prefix]}],
            "gender": record.sex,
            "birthDate": record.birth_date,
            "deceasedDateTime": record.deceased,
            "link": successor(record, replaced),
        }
    )


def successor(record: PatientRecord, replaced: str) -> list[Resource]:
    """The link to the record that holds instead of this one, if there is one."""
    return [{"other": reference("Patient", record.replaced_by), "type": replaced}] if record.replaced_by else []


def report(record: ReportRecord, own: Resource) -> Resource:
    """DiagnosticReport. `own`: status, category, effective time, performer, and the study."""
    return pruned(
        {
            "resourceType": "DiagnosticReport",
            "id": record.id,
            "text": narrative(record.title),
            "identifier": [{"value": record.accession}] if record.accession else None,
            "code": concept(record.title),
            "subject": reference("Patient", record.patient_id),
            "issued": record.issued,
            "conclusion": without_words(record).conclusion,
            "presentedForm": presented(record),
            **own,
        }
    )


def endpoint(record: EndpointRecord, own: Resource) -> Resource:
    """Endpoint. `own`: type of connection and payload."""
    return pruned(
        {
            "resourceType": "Endpoint",
            "id": record.id,
            "status": "active",
            "name": record.name,
            "managingOrganization": {"display": record.organisation},
            "address": record.address,
            **own,
        }
    )


def accession(record: StudyRecord) -> Resource | None:
    """The element `accession` of DSTU2 and STU3."""
    if not record.accession:
        return None
    return {"use": "usual", "type": coded(OLD_V2_0203, "ACSN"), "value": record.accession}
