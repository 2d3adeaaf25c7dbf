"""The commands of `flask --app app`."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sightline.auth.client_keys import ClientKeys
from sightline.settings.client_keys import client_keys
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


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_new_client_key_prints_a_set_that_the_settings_take(pair: Pair, algorithm: str) -> None:
    result = pair.sightline.test_cli_runner().invoke(args=["new-client-key", algorithm])
    assert client_keys({"SIGHTLINE_CLIENT_KEYS": result.output}, needed=True)
    assert [key["alg"] for key in ClientKeys(result.output).public_set()["keys"]] == [algorithm]


def test_new_client_key_is_added_to_a_file_that_its_owner_alone_may_read(pair: Pair, tmp_path: Path) -> None:
    file, runner = tmp_path / "keys.json", pair.sightline.test_cli_runner()
    for algorithm in ("ES384", "RS384"):
        result = runner.invoke(args=["new-client-key", algorithm, "--file", str(file)])
        assert (result.exit_code, result.output) == (0, "")
    assert [key["alg"] for key in json.loads(file.read_text())["keys"]] == ["ES384", "RS384"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_new_client_key_of_another_algorithm_is_not_made(pair: Pair) -> None:
    assert pair.sightline.test_cli_runner().invoke(args=["new-client-key", "RS256"]).exit_code == 2


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
