"""The commands of `flask --app app`."""

import json
from collections.abc import Callable

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


def test_doctor_asks_every_viewer_and_says_in_words_what_it_found(pair: Pair) -> None:
    result = pair.sightline.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "fail  display-refusing, framing: It refuses to be framed: " in result.output
    assert '      Instead: open = "tab" for this viewer' in result.output
    assert "ok    display, framing: It lets Sightline and every EHR frame it." in result.output


def test_doctor_tells_programs_the_same_as_json(pair: Pair) -> None:
    result = pair.sightline.test_cli_runner().invoke(args=["doctor", "--json"])
    found = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 1
    assert {finding["viewer"] for finding in found} == {"display", "display-refusing", "display-silent"}
    assert all(finding.keys() == {"viewer", "check", "grade", "what", "fix"} for finding in found)
    assert {finding["check"] for finding in found if finding["grade"] == "fail"} == {"framing", "answer"}
    assert all(bool(finding["fix"]) is (finding["grade"] != "ok") for finding in found)


def test_doctor_ends_well_where_nothing_fails(sightline_with: Callable[[Callable[[str], str]], Pair]) -> None:
    def healthy(toml: str) -> str:
        return toml.replace("/display-refusing/", "/display/").replace("/display-silent/", "/display/")

    assert sightline_with(healthy).sightline.test_cli_runner().invoke(args=["doctor"]).exit_code == 0
