"""One record of the audit trail -> an R4 AuditEvent, built and checked with fhirclient's models.

The shapes follow IHE Basic Audit Log Patterns (BALP): a sign-in is a User Authentication, a list a patient's query, an
opening a patient's read. The EHR's base stands before each reference, since ids repeat between EHRs.
"""

from typing import Any

from fhirclient.models.auditevent import AuditEvent

from sightline.audit_record import Action, Record

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_REST = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"

# What somebody did -> the event's type, its subtype, and the RESTful action (R4 AuditEventAction).
_KINDS: dict[Action, tuple[dict[str, str], dict[str, str], str]] = {
    Action.SIGN_IN: ({"system": _DCM, "code": "110114"}, {"system": _DCM, "code": "110122"}, "E"),
    Action.LIST: ({"system": _REST, "code": "rest"}, {"system": _INTERACTION, "code": "search-type"}, "E"),
    Action.OPEN: ({"system": _REST, "code": "rest"}, {"system": _INTERACTION, "code": "read"}, "R"),
    Action.PATIENT_SEARCH: ({"system": _REST, "code": "rest"}, {"system": _INTERACTION, "code": "search-type"}, "E"),
    Action.SIGN_OUT: ({"system": _DCM, "code": "110114"}, {"system": _DCM, "code": "110123"}, "E"),
}
_SUCCESS, _REFUSED = "0", "8"


def audit_event(record: Record, observer: str) -> dict[str, Any]:
    """The AuditEvent as JSON values; `observer` names this Sightline. Raises fhirclient's FHIRValidationError."""
    type_, subtype, action = _KINDS[record.action]
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": type_,
        "subtype": [subtype],
        "action": action,
        "recorded": record.recorded,
        "outcome": _SUCCESS if record.outcome == "success" else _REFUSED,
        "outcomeDesc": record.outcome,
        "agent": [_user(record), _application(observer)],
        "source": {"observer": {"display": observer}},
        "entity": _entities(record),
    }
    found: dict[str, Any] = AuditEvent({name: value for name, value in event.items() if value}).as_json()
    return found


def _user(record: Record) -> dict[str, Any]:
    who: dict[str, Any] = {"display": "unknown"}
    if record.user:
        who = {"identifier": {"system": record.user_issuer, "value": record.user}}
    if record.fhir_user:
        who["reference"] = _absolute(record.ehr, record.fhir_user)
    return {"type": {"coding": [{"system": _PARTICIPATION, "code": "IRCP"}]}, "who": who, "requestor": True}


def _application(observer: str) -> dict[str, Any]:
    launcher = {"coding": [{"system": _DCM, "code": "110151", "display": "Application Launcher"}]}
    return {"type": launcher, "who": {"display": observer}, "requestor": False}


def _entities(record: Record) -> list[dict[str, Any]]:
    """The patient, and the study that was opened or refused."""
    entities = []
    if record.patient:
        entities.append(
            {
                "what": {"reference": _absolute(record.ehr, f"Patient/{record.patient}")},
                "type": {"system": _ENTITY, "code": "1"},
                "role": {"system": _ROLE, "code": "1"},
            }
        )
    if record.study_uid:
        study = {"system": "urn:dicom:uid", "value": f"urn:oid:{record.study_uid}"}
        entities.append(_object({"identifier": study}))
    elif record.accession:
        entities.append(_object({"identifier": {"value": record.accession}}))
    return entities


def _object(what: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "type": {"system": _ENTITY, "code": "2"}, "role": {"system": _ROLE, "code": "3"}}


def _absolute(base: str, reference: str) -> str:
    return reference if "://" in reference else f"{base.rstrip('/')}/{reference}"
