"""One record of the audit trail -> an R4 AuditEvent, built and checked with fhirclient's models.

The shapes follow IHE Basic Audit Log Patterns (BALP 1.1): a list is PatientQuery, an opening, a report or pictures
PatientRead, a sign-in and a sign-out DICOM's User Authentication. The EHR's base stands before each reference: ids
repeat elsewhere.
"""

import base64
import re
from typing import Any

from fhirclient.models.auditevent import AuditEvent
from msgspec import Struct

from sightline.audit_record import Action, Record

Json = dict[str, Any]

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS = "http://terminology.hl7.org/CodeSystem"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_BALP = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
# Sightline's own code system; a UUID needs nobody's registration.
_OWN = "urn:uuid:5c0e1f6e-2f0b-4a58-9d0a-6c1c1f7d7a10"

_IP, _URI = "2", "5"  # R4 network-type
_REFERENCE = re.compile(
    r"(https?://\S{1,900}/)?(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?"
)


class _Kind(Struct, frozen=True):
    """The event's type, subtypes and RESTful action (R4 AuditEventAction), and the roles of Sightline and the EHR."""

    type: Json
    subtypes: tuple[Json, ...]
    action: str
    client: Json
    server: Json


def _coding(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


_AUTHENTICATION = _coding(_DCM, "110114", "User Authentication")
_LOGIN, _LOGOUT = _coding(_DCM, "110122", "Login"), _coding(_DCM, "110123", "Logout")
_REST = _coding(f"{_TERMS}/audit-event-type", "rest", "RESTful Operation")
_SEARCH, _READ = _coding(_INTERACTION, "search-type", "search-type"), _coding(_INTERACTION, "read", "read")
_LAUNCH = _coding(_OWN, "image-launch", "Image launch")
_PICTURES = _coding(_OWN, "series-pictures", "Small pictures of series")

_SOURCE, _DESTINATION = _coding(_DCM, "110153", "Source Role ID"), _coding(_DCM, "110152", "Destination Role ID")
_LAUNCHER, _APPLICATION = _coding(_DCM, "110151", "Application Launcher"), _coding(_DCM, "110150", "Application")
_SIGNS_IN = _coding(f"{_TERMS}/extra-security-role-type", "authserver", "authorization server")
_RECIPIENT = _coding(f"{_TERMS}/v3-ParticipationType", "IRCP", "information recipient")
_TREATMENT = _coding(f"{_TERMS}/v3-ActReason", "TREAT", "treatment")

# By BALP what is asked flows from client to server, and what is read from server to client.
_KINDS: dict[Action, _Kind] = {
    Action.SIGN_IN: _Kind(_AUTHENTICATION, (_LOGIN,), "E", _APPLICATION, _SIGNS_IN),
    Action.SIGN_OUT: _Kind(_AUTHENTICATION, (_LOGOUT,), "E", _APPLICATION, _SIGNS_IN),
    Action.PATIENT_SEARCH: _Kind(_REST, (_SEARCH,), "E", _SOURCE, _DESTINATION),
    Action.LIST: _Kind(_REST, (_SEARCH,), "E", _SOURCE, _DESTINATION),
    Action.OPEN: _Kind(_REST, (_READ, _LAUNCH), "R", _DESTINATION, _SOURCE),
    Action.REPORT: _Kind(_REST, (_READ,), "R", _DESTINATION, _SOURCE),
    Action.PICTURES: _Kind(_REST, (_READ, _PICTURES), "R", _DESTINATION, _SOURCE),
}


def audit_event(record: Record, observer: str, site: str = "") -> Json:
    """The AuditEvent as JSON values; `observer` is the address of this Sightline, `site` the hospital's name.

    Raises fhirclient's FHIRValidationError.
    """
    kind = _KINDS[record.action]
    event = {
        "resourceType": "AuditEvent",
        "type": kind.type,
        "subtype": list(kind.subtypes),
        "action": kind.action,
        "recorded": record.recorded,
        "outcome": record.outcome_code,
        "outcomeDesc": record.outcome,
        "agent": [_user(record), *_systems(record, kind, observer), *_viewer(record, observer), *_browser(record)],
        "source": {
            **({"site": site} if site else {}),
            "observer": {"identifier": {"value": observer}, "display": "Sightline"},
            "type": [_coding(f"{_TERMS}/security-source-type", "4", "Application Server")],
        },
        "entity": [
            *_patient(record),
            *_encounter(record),
            *_study(record),
            *_report(record),
            *_query(record),
            *_ties(record),
        ],
    }
    found: Json = AuditEvent({name: value for name, value in event.items() if value}).as_json()
    return found


def _user(record: Record) -> Json:
    who: Json = {}
    if record.user:
        who["identifier"] = {"system": record.user_issuer, "value": record.user}
    if _REFERENCE.fullmatch(record.fhir_user):
        who["reference"] = _absolute(record.ehr, record.fhir_user)
    user = _agent(_RECIPIENT, who or {"display": "unknown"}, requestor=True)
    if record.action not in (Action.SIGN_IN, Action.SIGN_OUT):
        user["purposeOfUse"] = [{"coding": [_TREATMENT]}]
    return user


def _systems(record: Record, kind: _Kind, observer: str) -> list[Json]:
    """Sightline, as the client that the EHR knows, and the EHR."""
    who: Json = {"display": "Sightline"}
    if record.client:
        who["identifier"] = {"value": record.client} | ({"system": record.ehr} if record.ehr else {})
    client = _agent(kind.client, who, network=(observer, _URI))
    asked = record.archive or record.ehr
    if not asked:
        return [client]
    return [client, _agent(kind.server, {"display": asked}, network=(asked, _URI))]


def _viewer(record: Record, observer: str) -> list[Json]:
    """Who launched the viewer, and the viewer."""
    if record.action is not Action.OPEN or not record.viewer:
        return []
    place = (record.viewer_origin, _URI) if record.viewer_origin else None
    return [
        _agent(_LAUNCHER, {"display": "Sightline"}, network=(observer, _URI)),
        _agent(_APPLICATION, {"display": record.viewer}, network=place),
    ]


def _browser(record: Record) -> list[Json]:
    """BALP's user has no network, so the machine that the user sat at is an agent of its own."""
    if not record.browser:
        return []
    browser = _agent(None, {"display": "Web browser"}, network=(record.browser, _IP))
    return [browser | {"type": {"text": "Web browser"}}]


def _agent(role: Json | None, who: Json, *, requestor: bool = False, network: tuple[str, str] | None = None) -> Json:
    agent: Json = {"who": who, "requestor": requestor}
    if role:
        agent["type"] = {"coding": [role]}
    if network:
        agent["network"] = {"address": network[0], "type": network[1]}
    return agent


def _patient(record: Record) -> list[Json]:
    if not record.patient:
        return []
    patient = {"reference": _absolute(record.ehr, f"Patient/{record.patient}")}
    return [_entity("1", "Person", {"what": patient}, role=("1", "Patient"))]


def _encounter(record: Record) -> list[Json]:
    """The visit in whose course it was done; AuditEvent has an element for that from R5 on only."""
    if not record.encounter:
        return []
    what = {"reference": _absolute(record.ehr, f"Encounter/{record.encounter}")}
    return [_entity("2", "System Object", {"what": what}, role=("4", "Domain Resource"))]


def _study(record: Record) -> list[Json]:
    """The study that was opened or refused, by every name it has."""
    what: Json = {}
    if record.study:
        what["reference"] = _absolute(record.ehr, record.study)
    if record.study_uid:
        what["identifier"] = {"system": "urn:dicom:uid", "value": f"urn:oid:{record.study_uid}"}
    elif record.accession:
        what["identifier"] = {"value": record.accession}
    if not what:
        return []
    detail = [{"type": "Accession Number", "valueString": record.accession}] if record.accession else []
    return [
        _entity("2", "System Object", {"what": what} | ({"detail": detail} if detail else {}), role=("3", "Report"))
    ]


def _report(record: Record) -> list[Json]:
    if not record.report:
        return []
    what = {"reference": _absolute(record.ehr, record.report)}
    return [_entity("2", "System Object", {"what": what}, role=("3", "Report"))]


def _query(record: Record) -> list[Json]:
    """The question itself; of a search for patients the kinds of its criteria alone, since their words are names."""
    if record.criteria:
        kinds = [{"type": "Search parameters", "valueString": record.criteria}]
        return [_entity("2", "System Object", {"detail": kinds}, role=("24", "Query"))]
    asked = (base64.b64encode(query.encode()).decode() for query in (record.query, record.report_query) if query)
    return [_entity("2", "System Object", {"query": query}, role=("24", "Query")) for query in asked]


def _ties(record: Record) -> list[Json]:
    """What leads to the EHR's log, and what tells this record from all others and ties those of one chart together."""
    ties: list[Json] = []
    if record.request:
        ties.append(
            {"type": {"system": _BALP, "code": "XrequestId"}, "what": {"identifier": {"value": record.request}}}
        )
    if record.id:
        own: Json = {"what": {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{record.id}"}}}
        tied = (("Chart", record.chart), ("Sign-in", record.sign_in))
        if detail := [{"type": kind, "valueString": digest} for kind, digest in tied if digest]:
            own["detail"] = detail
        ties.append(_entity("4", "Other", own))
    return ties


def _entity(code: str, display: str, content: Json, role: tuple[str, str] | None = None) -> Json:
    entity = {"type": _coding(f"{_TERMS}/audit-entity-type", code, display)} | content
    return entity | ({"role": _coding(f"{_TERMS}/object-role", *role)} if role else {})


def _absolute(base: str, reference: str) -> str:
    return reference if "://" in reference else f"{base.rstrip('/')}/{reference}"
