"""The commands of `flask --app app`."""

import json
import stat
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
