"""The commands of `flask --app app`."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result

from app import create_app
from sightline.audit_record import Action, Record
from sightline.audit_trail.files import LIVE, TrailFiles, full_files
from sightline.auth.client_keys import ClientKeys
from sightline.settings import load
from sightline.settings.client_keys import client_keys
from tests.audit_examples import AT, EHR
from tests.conftest import ROOT, Pair
from tests.ehr_user import EhrUser

ENVIRONMENT = {"SIGHTLINE_SECRET_KEY": "k" * 32, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "secret"}
Run = Callable[..., Result]


def test_audit_events_gives_the_trail_as_fhir_resources(pair: Pair) -> None:
    EhrUser(pair).opens_chart("ben")
    result = pair.sightline.test_cli_runner().invoke(args=["audit-events"])
    events = [json.loads(line) for line in result.output.splitlines()]
    assert {event["resourceType"] for event in events} == {"AuditEvent"}
    assert {event["source"]["site"] for event in events} == {"Fjordview Hospital (sandbox)"}
    assert any(
        event["entity"][0]["what"].get("reference", "").endswith("/Patient/ben")
        for event in events
        if "entity" in event
    )


@pytest.mark.parametrize("algorithm", ["RS384", "ES384", "ES256"])
def test_new_client_key_prints_a_set_that_the_settings_take(pair: Pair, algorithm: str) -> None:
    result = pair.sightline.test_cli_runner().invoke(args=["new-client-key", algorithm])
    assert client_keys({"SIGHTLINE_CLIENT_KEYS": result.output}, needed=(algorithm,))
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
    assert '      Instead: open = "tab" or "auto" for this viewer' in result.output
    assert "ok    display, framing: It lets Sightline and every EHR frame it." in result.output


def test_doctor_tells_programs_the_same_as_json(pair: Pair) -> None:
    result = pair.sightline.test_cli_runner().invoke(args=["doctor", "--json"])
    found = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 1
    assert {finding["viewer"] for finding in found} == {
        "display",
        "display-south",
        "display-refusing",
        "display-silent",
        "display-guarded",
    }
    assert all(finding.keys() == {"viewer", "check", "grade", "what", "fix"} for finding in found)
    assert {finding["check"] for finding in found if finding["grade"] == "fail"} == {"framing", "answer"}
    assert all(bool(finding["fix"]) is (finding["grade"] != "ok") for finding in found)


def test_doctor_ends_well_where_nothing_fails(sightline_with: Callable[[Callable[[str], str]], Pair]) -> None:
    def healthy(toml: str) -> str:
        return toml.replace("/display-refusing/", "/display/").replace("/display-silent/", "/display/")

    assert sightline_with(healthy).sightline.test_cli_runner().invoke(args=["doctor"]).exit_code == 0


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command of a Sightline whose data folder is `tmp_path`, with the example's settings changed."""

    def command(*arguments: str, fhir: str = "") -> Result:
        text = (ROOT / "config.example.toml").read_text(encoding="utf-8").replace('"var"', f'"{tmp_path}"')
        if fhir:
            text = text.replace('base = "" ', f'base = "{fhir}" ').replace('"bearer"', '"none"')
        (tmp_path / "config.toml").write_text(text)
        return create_app(load(tmp_path / "config.toml", ENVIRONMENT)).test_cli_runner().invoke(args=arguments)

    return command


def write(folder: Path, recorded: str, *patients: str, file_bytes: int = 1_000_000) -> None:
    files = TrailFiles(folder, file_bytes=file_bytes)
    for patient in patients:
        files.append(msgspec.json.encode(Record(Action.LIST, "success", recorded, ehr=EHR, patient=patient)))


def patients_of(result: Result) -> list[str]:
    events = [json.loads(line) for line in result.stdout.splitlines()]
    return [event["entity"][0]["what"]["reference"].rsplit("/", 1)[1] for event in events]


def test_audit_events_begins_with_the_oldest_file(tmp_path: Path, run: Run) -> None:
    write(tmp_path, AT, "a", "b", "c", "d", file_bytes=200)

    assert len(full_files(tmp_path)) >= 2
    assert patients_of(run("audit-events")) == ["a", "b", "c", "d"]


def test_audit_events_of_one_file_are_that_files(tmp_path: Path, run: Run) -> None:
    write(tmp_path, AT, "a", "b", file_bytes=10)

    (full,) = full_files(tmp_path).values()
    assert patients_of(run("audit-events", "--file", str(full))) == ["a"]


def test_audit_events_of_a_trail_that_nobody_wrote_are_none(run: Run) -> None:
    assert (run("audit-events").output, run("audit-events").exit_code) == ("", 0)


def test_audit_events_says_what_is_damaged_and_gives_the_rest(tmp_path: Path, run: Run) -> None:
    write(tmp_path, AT, "a")
    with (tmp_path / LIVE).open("ab") as file:
        file.write(b'{"action":"li\n')
    write(tmp_path, AT, "b")
    result = run("audit-events")

    assert patients_of(result) == ["a", "b"]
    assert result.stderr == "1 damaged lines left out.\n"


def test_audit_status_without_a_destination_has_nothing_to_complain_of(tmp_path: Path, run: Run) -> None:
    write(tmp_path, AT, "a")
    result = run("audit-status")

    assert (result.exit_code, "no destination" in result.output) == (0, True)


@pytest.mark.parametrize(
    ("recorded", "code"), [("2020-01-01T00:00:00.000+00:00", 1), ("2999-01-01T00:00:00.000+00:00", 0)]
)
def test_audit_status_fails_where_the_oldest_waits_for_more_than_an_hour(
    tmp_path: Path, run: Run, recorded: str, code: int
) -> None:
    write(tmp_path, recorded, "a", "b")
    result = run("audit-status", fhir="http://127.0.0.1:9/fhir")

    assert result.exit_code == code
    assert result.output.startswith(f"fhir: 2 waiting, the oldest since {recorded[:19]}")


def test_commands_deliver_nothing_themselves(tmp_path: Path, run: Run) -> None:
    write(tmp_path, AT, "a")
    run("audit-status", fhir="http://127.0.0.1:9/fhir")

    assert not list(tmp_path.glob("audit-to-*"))
