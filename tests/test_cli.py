"""The commands of `flask --app app`."""

import json

from tests.conftest import Pair
from tests.ehr_user import EhrUser


def test_audit_events_gives_the_trail_as_fhir_resources(pair: Pair) -> None:
    EhrUser(pair).opens_chart("ben")
    result = pair.sightline.test_cli_runner().invoke(args=["audit-events"])
    events = [json.loads(line) for line in result.output.splitlines()]
    assert {event["resourceType"] for event in events} == {"AuditEvent"}
    assert any(
        event["entity"][0]["what"]["reference"].endswith("/Patient/ben") for event in events if "entity" in event
    )
