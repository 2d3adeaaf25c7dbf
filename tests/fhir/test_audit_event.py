"""The audit trail as R4 AuditEvents, checked by fhirclient's strict models on the way."""

import json

from sightline.audit_record import Action, Record
from sightline.fhir.audit_event import audit_event

AT = "2026-11-22T14:05:10.250+00:00"
EHR = "https://ehr.example/fhir/r4"
SIGHTLINE = "https://imaging.example"
OPENED = Record(
    Action.OPEN,
    "success",
    AT,
    ehr=EHR,
    user_issuer="https://ehr.example/auth",
    user="u-7",
    fhir_user="Practitioner/7",
    patient="ada",
    study_uid="1.2.840.1",
    viewer="display",
)


def test_opened_study_is_a_read_of_this_patient_by_this_user() -> None:
    event = audit_event(OPENED, SIGHTLINE)
    assert (event["action"], event["outcome"], event["recorded"]) == ("R", "0", AT)
    assert event["subtype"][0]["code"] == "read"
    user = event["agent"][0]
    assert user["requestor"] is True
    assert user["who"]["reference"] == f"{EHR}/Practitioner/7"
    assert user["who"]["identifier"] == {"system": "https://ehr.example/auth", "value": "u-7"}
    patient, study = event["entity"]
    assert patient["what"]["reference"] == f"{EHR}/Patient/ada"
    assert study["what"]["identifier"] == {"system": "urn:dicom:uid", "value": "urn:oid:1.2.840.1"}


def test_study_without_uid_is_named_by_its_accession_number() -> None:
    record = Record(Action.OPEN, "success", AT, ehr=EHR, patient="ada", accession="A-1")
    assert audit_event(record, SIGHTLINE)["entity"][1]["what"]["identifier"] == {"value": "A-1"}


def test_refused_sign_in_says_so_and_names_nobody_it_does_not_know() -> None:
    event = audit_event(Record(Action.SIGN_IN, "LaunchNotOurs", AT, ehr=EHR), SIGHTLINE)
    assert (event["type"]["code"], event["subtype"][0]["code"]) == ("110114", "110122")
    assert (event["outcome"], event["outcomeDesc"]) == ("8", "LaunchNotOurs")
    assert event["agent"][0]["who"] == {"display": "unknown"}
    assert "entity" not in event


def test_sign_out_is_a_logout_of_this_user() -> None:
    event = audit_event(Record(Action.SIGN_OUT, "success", AT, ehr=EHR, user_issuer=EHR, user="u-7"), SIGHTLINE)
    assert (event["type"]["code"], event["subtype"][0]["code"], event["outcome"]) == ("110114", "110123", "0")
    assert event["agent"][0]["who"]["identifier"]["value"] == "u-7"


def test_list_is_a_search() -> None:
    event = audit_event(Record(Action.LIST, "success", AT, ehr=EHR, patient="ada", studies=3), SIGHTLINE)
    assert event["subtype"][0]["code"] == "search-type"
    assert json.loads(json.dumps(event)) == event
