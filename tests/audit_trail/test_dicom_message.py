"""The audit trail as DICOM audit messages (PS3.15 A.5): the example files were held against DICOM's own schema."""

import base64
import json
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from sightline.audit_record import Action, Record
from sightline.audit_trail.dicom_message import audit_message
from tests.audit_examples import AT, CASES, EHR, EXAMPLES, SIGHTLINE, SITE, record_of

# PS3.15 A.5.3: event, its type, its action.
EVENTS = {
    Action.SIGN_IN: ("110114", "110122", "E"),
    Action.SIGN_OUT: ("110114", "110123", "E"),
    Action.PATIENT_SEARCH: ("110112", "search-type", "E"),
    Action.LIST: ("110112", "search-type", "E"),
    Action.REPORT: ("110110", "read", "R"),
    Action.OPEN: ("110103", "image-launch", "R"),
    Action.PICTURES: ("110103", "series-pictures", "R"),
}


def message_of(record: Record) -> Element:
    return ElementTree.fromstring(audit_message(record, SIGHTLINE, SITE))


def as_values(element: Element) -> object:
    return element.tag, dict(element.attrib), (element.text or "").strip(), [as_values(child) for child in element]


def objects(message: Element, role: str | None) -> list[Element]:
    found = message.findall("ParticipantObjectIdentification")
    return [each for each in found if each.get("ParticipantObjectTypeCodeRole") == role]


def detail(message: Element, name: str) -> str:
    (found,) = message.findall(f".//ParticipantObjectDetail[@type='{name}']")
    return base64.b64decode(found.attrib["value"]).decode()


@pytest.mark.parametrize("case", CASES)
def test_record_becomes_the_message_of_its_example(case: str) -> None:
    expected = ElementTree.fromstring((EXAMPLES / f"{case}.message.xml").read_bytes())

    assert as_values(message_of(record_of(case))) == as_values(expected)


@pytest.mark.parametrize("case", CASES)
def test_message_stands_on_one_line(case: str) -> None:
    written = audit_message(record_of(case), SIGHTLINE, SITE)

    assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?><AuditMessage>')
    assert b"\n" not in written


@pytest.mark.parametrize("case", CASES)
def test_message_has_what_dicom_requires(case: str) -> None:
    record = record_of(case)
    message = message_of(record)

    (identification,) = message.findall("EventIdentification")
    event, type_ = (identification.find(name) for name in ("EventID", "EventTypeCode"))
    assert event is not None
    assert type_ is not None
    expected = EVENTS[record.action] if case != "open-all" else ("110110", "image-launch", "R")
    assert (event.get("csd-code"), type_.get("csd-code"), identification.get("EventActionCode")) == expected
    assert identification.get("EventDateTime") == record.recorded
    assert identification.get("EventOutcomeIndicator") == record.outcome_code
    people = message.findall("ActiveParticipant")
    assert [each.attrib["UserIsRequestor"] for each in people].count("true") == 1
    assert people[0].get("NetworkAccessPointID") == record.browser
    assert message.find("AuditSourceIdentification[@AuditSourceID]") is not None
    for each in message.findall("ParticipantObjectIdentification"):
        assert each.attrib["ParticipantObjectID"]
        assert (each.find("ParticipantObjectName") is None) != (each.find("ParticipantObjectQuery") is None)


@pytest.mark.parametrize("action", Action)
def test_record_of_somebody_unknown_names_nobody_by_an_empty_text(action: Action) -> None:
    message = message_of(Record(action, "ChartClosed", AT, id="one", refusal_code="8"))

    assert [each.attrib["UserID"] for each in message.findall("ActiveParticipant")] == ["unknown", "Sightline"]
    assert "" not in [value for each in message.iter() for value in each.attrib.values()]


def test_opening_names_study_patient_and_viewer() -> None:
    message = message_of(record_of("open"))

    assert objects(message, "3")[0].get("ParticipantObjectID") == "1.2.840.113619.2.5"
    assert objects(message, "1")[0].get("ParticipantObjectID") == f"{EHR}/Patient/ada"
    assert (detail(message, "Viewer"), detail(message, "Viewer origin")) == ("display", "https://viewer.example")
    assert detail(message, "X-Request-Id") == record_of("open").request


def test_encounter_of_the_launch_is_named_with_the_ehrs_base() -> None:
    message = message_of(Record(Action.LIST, "success", AT, id=record_of("list").id, ehr=f"{EHR}/", encounter="e-1"))

    assert detail(message, "Encounter") == f"{EHR}/Encounter/e-1"


def test_study_without_uid_is_named_by_its_record_else_by_its_accession_number() -> None:
    by_record = Record(Action.OPEN, "success", AT, ehr=f"{EHR}/", study="ImagingStudy/7", accession="A-1")
    by_accession = Record(Action.OPEN, "success", AT, ehr=EHR, accession="A-1")

    assert objects(message_of(by_record), "3")[0].get("ParticipantObjectID") == f"{EHR}/ImagingStudy/7"
    assert objects(message_of(by_accession), "3")[0].get("ParticipantObjectID") == "A-1"


@pytest.mark.parametrize(
    "text", ["a\x00b", 'a"<&>b', "a\nb", "a\ud800b".encode("utf-8", "replace").decode(), "a\ufffeb"]
)
def test_nothing_that_an_ehr_states_makes_the_message_unreadable(text: str) -> None:
    message = message_of(Record(Action.OPEN, text, AT, ehr=EHR, user=text, fhir_user=text, accession=text, viewer=text))

    assert len(message.findall("ActiveParticipant")) == 2
    assert json.dumps(as_values(message))
