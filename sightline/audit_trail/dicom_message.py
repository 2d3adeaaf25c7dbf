"""One record -> DICOM's AuditMessage (PS3.15 A.5.1), the XML that IHE ITI-20 sends over syslog.

A sign-in or sign-out is User Authentication (A.5.3.12), an opening or pictures DICOM Instances Accessed (A.5.3.6),
a report, or the opening of all images of a patient, which names no study, Patient Record (A.5.3.9), a list Query
(A.5.3.10), each with the study, the patient and the question by the ids that DICOM gives them.
"""

import base64
import re
from collections.abc import Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, tostring

from sightline.audit_record import Action, Record

# Code, code system, words. The event's id, its type, its action.
_Code = tuple[str, str, str]
_AUTHENTICATION = ("110114", "DCM", "User Authentication")
_LOGOUT = ("110123", "DCM", "Logout")
_ACCESSED = ("110103", "DCM", "DICOM Instances Accessed")
_QUERY, _SEARCH = ("110112", "DCM", "Query"), ("search-type", "restful-interaction", "search-type")
_EVENTS: dict[Action, tuple[_Code, _Code, str]] = {
    Action.SIGN_IN: (_AUTHENTICATION, ("110122", "DCM", "Login"), "E"),
    Action.SIGN_OUT: (_AUTHENTICATION, _LOGOUT, "E"),
    Action.PATIENT_SEARCH: (_QUERY, _SEARCH, "E"),
    Action.LIST: (_QUERY, _SEARCH, "E"),
    Action.REPORT: (("110110", "DCM", "Patient Record"), ("read", "restful-interaction", "read"), "R"),
    Action.OPEN: (_ACCESSED, ("image-launch", "Sightline", "Image launch"), "R"),
    Action.PICTURES: (_ACCESSED, ("series-pictures", "Sightline", "Small pictures of series"), "R"),
}
_ALL_IMAGES: tuple[_Code, _Code, str] = (("110110", "DCM", "Patient Record"), *_EVENTS[Action.OPEN][1:])
_SOURCE, _DESTINATION = ("110153", "DCM", "Source Role ID"), ("110152", "DCM", "Destination Role ID")
_LAUNCHER, _APPLICATION = ("110151", "DCM", "Application Launcher"), ("110150", "DCM", "Application")
# What Sightline is in the event; the EHR takes part in what comes from it.
_ROLES = {
    Action.PATIENT_SEARCH: _SOURCE,
    Action.LIST: _SOURCE,
    Action.REPORT: _DESTINATION,
    Action.PICTURES: _DESTINATION,
    Action.OPEN: _LAUNCHER,
}
_ROLES_OF_THE_EHR = {
    Action.PATIENT_SEARCH: _DESTINATION,
    Action.LIST: _DESTINATION,
    Action.REPORT: _SOURCE,
    Action.PICTURES: _SOURCE,
}

_PATIENT_NUMBER = ("2", "RFC-3881", "Patient Number")
_STUDY_UID = ("110180", "DCM", "Study Instance UID")
_ACCESSION = ("121022", "DCM", "Accession Number")
_URI = ("12", "RFC-3881", "URI")
_IP_ADDRESS, _ADDRESS_OF_A_SERVICE = "2", "5"

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
# What XML 1.0 has no way to write.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def audit_message(record: Record, observer: str, site: str = "") -> bytes:
    """The message in UTF-8; `observer` is the address of this Sightline, `site` the hospital's name."""
    root = Element("AuditMessage")
    event, type_, action = _event(record)
    facts = {"EventActionCode": action, "EventDateTime": record.recorded, "EventOutcomeIndicator": record.outcome_code}
    identification = _add(root, "EventIdentification", facts)
    _code(identification, "EventID", event)
    _code(identification, "EventTypeCode", type_)
    _add(identification, "EventOutcomeDescription", text=record.outcome)
    _participants(root, record, observer)
    source = {"AuditSourceID": observer} | ({"AuditEnterpriseSiteID": site} if site else {})
    _add(_add(root, "AuditSourceIdentification", source), "AuditSourceTypeCode", {"csd-code": "4"})
    _objects(root, record)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return _DECLARATION + written  # on one line: syslog servers write a line for each


def _event(record: Record) -> tuple[_Code, _Code, str]:
    opened = record.action is Action.OPEN and record.outcome == "success"
    return _ALL_IMAGES if opened and not _names_a_study(record) else _EVENTS[record.action]


def _names_a_study(record: Record) -> bool:
    return bool(record.study_uid or record.study or record.accession)


def _participants(root: Element, record: Record, observer: str) -> None:
    """The user at a browser, and Sightline; who answers, where something was asked."""
    alternative = record.fhir_user if record.fhir_user != record.user else ""
    _participant(root, record.user or "unknown", (record.browser, _IP_ADDRESS), alternative, requestor=True)
    role = _ROLES.get(record.action, _APPLICATION)
    _participant(root, record.client or "Sightline", (observer, _ADDRESS_OF_A_SERVICE), "", role)
    if record.action in _ROLES_OF_THE_EHR and (asked := record.archive or record.ehr):
        _participant(root, asked, (asked, _ADDRESS_OF_A_SERVICE), "", _ROLES_OF_THE_EHR[record.action])


def _participant(
    root: Element,
    id_: str,
    network: tuple[str, str],
    alternative: str,
    role: _Code | None = None,
    requestor: bool = False,
) -> None:
    facts = {"UserID": id_, "UserIsRequestor": "true" if requestor else "false"}
    facts |= {"AlternativeUserID": alternative} if alternative else {}
    facts |= {"NetworkAccessPointID": network[0], "NetworkAccessPointTypeCode": network[1]} if network[0] else {}
    participant = _add(root, "ActiveParticipant", facts)
    if role:
        _code(participant, "RoleIDCode", role)


def _objects(root: Element, record: Record) -> None:
    """The study, the patient, the question, and the record itself."""
    if _names_a_study(record):
        study = _object(root, *_best_name(record), "2", "3")
        _add(study, "ParticipantObjectName", text="Imaging study")
        if record.accession:
            described = _add(study, "ParticipantObjectDescription")
            _add(described, "Accession", {"Number": record.accession})
    if record.patient:
        patient = _object(root, _below(record.ehr, f"Patient/{record.patient}"), _PATIENT_NUMBER, "1", "1")
        _add(patient, "ParticipantObjectName", text="Patient")
    if record.report:
        report = _object(root, _below(record.ehr, record.report), _URI, "2", "3")
        _add(report, "ParticipantObjectName", text="Report")
    if record.query:
        query = _object(root, record.archive or record.ehr, _URI, "2", "24")
        _add(query, "ParticipantObjectQuery", text=_base64(record.query))
    if record.report_query:
        query = _object(root, record.ehr, _URI, "2", "24")
        _add(query, "ParticipantObjectQuery", text=_base64(record.report_query))
    if record.id:
        _own(root, record)


def _own(root: Element, record: Record) -> None:
    """DICOM has no id of a message, and no place for what else is known."""
    own = _object(root, f"urn:uuid:{record.id}", _URI, "4", "")
    _add(own, "ParticipantObjectName", text="Audit record")
    details = {
        "X-Request-Id": record.request,
        "Chart": record.chart,
        "EHR": record.ehr,
        "Encounter": record.encounter and _below(record.ehr, f"Encounter/{record.encounter}"),
        "Viewer": record.viewer,
        "Viewer origin": record.viewer_origin,
        "Sign-in": record.sign_in,
        "Search parameters": record.criteria,
    }
    for name, value in details.items():
        if value:
            _add(own, "ParticipantObjectDetail", {"type": name, "value": _base64(value)})


def _best_name(record: Record) -> tuple[str, _Code]:
    """What a study is known by, with the kind of that name; DICOM wants the UID, which not every study has."""
    if record.study_uid:
        return record.study_uid, _STUDY_UID
    return (_below(record.ehr, record.study), _URI) if record.study else (record.accession, _ACCESSION)


def _below(base: str, reference: str) -> str:
    return f"{base.rstrip('/')}/{reference}"


def _object(root: Element, id_: str, id_type: _Code, kind: str, role: str) -> Element:
    facts = {"ParticipantObjectID": id_, "ParticipantObjectTypeCode": kind}
    found = _add(
        root, "ParticipantObjectIdentification", facts | ({"ParticipantObjectTypeCodeRole": role} if role else {})
    )
    _code(found, "ParticipantObjectIDTypeCode", id_type)
    return found


def _code(parent: Element, name: str, code: _Code) -> None:
    _add(parent, name, {"csd-code": code[0], "codeSystemName": code[1], "originalText": code[2]})


def _add(parent: Element, name: str, attributes: Mapping[str, str] = MappingProxyType({}), text: str = "") -> Element:
    element = SubElement(parent, name, {key: _NO_XML.sub("\ufffd", value) for key, value in attributes.items()})
    element.text = _NO_XML.sub("\ufffd", text) or None
    return element


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
