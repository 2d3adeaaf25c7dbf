"""Settings of the audit trail: what they give, and that every wrong one is refused with what would be right."""

from pathlib import Path

import pytest

from sightline.settings import AuditSettings, Settings, SettingsError, load

TOKEN = "SIGHTLINE_AUDIT_FHIR_TOKEN"
ENVIRONMENT = {
    "SIGHTLINE_SECRET_KEY": "a key of more than thirty-two characters",
    "SIGHTLINE_EHR_NORTH_CLIENT_SECRET": "north secret",
    TOKEN: "audit.token",
}
REST = """
[[ehr]]
name = "north"
title = "North EHR"
iss = "https://ehr.hospital.example/fhir"
client_id = "sightline"
frame_ancestors = []
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "https://tower.hospital.example/IHEInvokeImageDisplay"
"""
TOP = """public_url = "https://sightline.hospital.example"
site_name = "North Hospital"
time_zone = "Europe/Berlin"
"""
BASE = "https://audit.hospital.example/fhir"


def loaded(folder: Path, audit: str, environment: dict[str, str] | None = None) -> Settings:
    (folder / "config.toml").write_text(TOP + audit + REST, encoding="utf-8")
    return load(folder / "config.toml", ENVIRONMENT if environment is None else environment)


def only_mistake(folder: Path, audit: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, audit, environment)
    assert len(caught.value.mistakes) == 1
    return str(caught.value)


def test_trail_is_required_kept_and_sent_nowhere_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    found = loaded(tmp_path, "")

    assert found.audit == AuditSettings(required=True, sync=False, file_bytes=64_000_000, keep_days=0)
    assert (found.audit_fhir.base, found.audit_fhir.token) == ("", "")
    assert found.audit_syslog.server is None
    assert found.trusted_proxies == 0


def test_every_value_arrives(tmp_path: Path) -> None:
    for name in ("ca.pem", "own.pem", "own.key"):
        (tmp_path / name).write_text("-----BEGIN")
    found = loaded(
        tmp_path,
        "trusted_proxies = 2\n[audit]\nrequired = false\nsync = true\nfile_megabytes = 2\nkeep_days = 30\n"
        f'[audit_fhir]\nbase = "{BASE}"\n[audit_syslog]\nserver = "Logs.hospital.example:6514"\n'
        f'ca_file = "ca.pem"\ncertificate_file = "own.pem"\nkey_file = "{tmp_path}/own.key"\n',
    )

    assert found.trusted_proxies == 2
    assert found.audit == AuditSettings(required=False, sync=True, file_bytes=2_000_000, keep_days=30)
    assert (found.audit_fhir.base, found.audit_fhir.token) == (BASE, "audit.token")
    syslog = found.audit_syslog
    assert syslog.server == ("logs.hospital.example", 6514)
    assert (syslog.ca_file, syslog.key_file) == (tmp_path / "ca.pem", tmp_path / "own.key")


@pytest.mark.parametrize(
    ("written", "server"),
    [("192.0.2.7:6514", ("192.0.2.7", 6514)), ("[2001:db8::7]:601", ("2001:db8::7", 601))],
)
def test_syslog_server_may_be_an_address(tmp_path: Path, written: str, server: tuple[str, int]) -> None:
    assert loaded(tmp_path, f'[audit_syslog]\nserver = "{written}"\n').audit_syslog.server == server


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("logs.example", "server names no port"),
        ("logs.example:0", "server names no port"),
        ("logs.example:70000", "server names no port"),
        ("logs.example:٣", "server names no port"),
        (":6514", "server has no readable host"),
        ("a b:6514", "server has no readable host"),
        ("2001:db8::7:6514", "server has no readable host"),
        ("https://logs.example:6514", "server has no readable host"),
    ],
)
def test_syslog_server_that_is_none_is_refused(tmp_path: Path, written: str, what: str) -> None:
    assert what in only_mistake(tmp_path, f'[audit_syslog]\nserver = "{written}"\n')


def test_repository_that_wants_a_token_has_one_in_the_environment(tmp_path: Path) -> None:
    without = {name: value for name, value in ENVIRONMENT.items() if name != TOKEN}

    assert f"{TOKEN} is not set" in only_mistake(tmp_path, f'[audit_fhir]\nbase = "{BASE}"\n', without)
    audit = f'[audit_fhir]\nbase = "{BASE}"\nauthentication = "none"\n'
    assert loaded(tmp_path, audit, without).audit_fhir.token == ""


def test_token_with_other_signs_is_refused_without_being_printed(tmp_path: Path) -> None:
    said = only_mistake(tmp_path, f'[audit_fhir]\nbase = "{BASE}"\n', {**ENVIRONMENT, TOKEN: "Bearer abc\r\nX: y"})

    assert "signs that no bearer token has" in said
    assert "abc" not in said


def test_token_in_the_file_is_refused_without_being_printed(tmp_path: Path) -> None:
    said = only_mistake(tmp_path, '[audit_fhir]\ntoken = "abcdef"\n')

    assert "there is no key 'token'" in said
    assert "abcdef" not in said


def test_token_does_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    assert "audit.token" not in repr(loaded(tmp_path, f'[audit_fhir]\nbase = "{BASE}"\n'))


def test_repository_is_reached_by_https(tmp_path: Path) -> None:
    assert "base is not https" in only_mistake(tmp_path, '[audit_fhir]\nbase = "http://audit.hospital.example"\n')


@pytest.mark.parametrize("name", ["ca_file", "certificate_file", "key_file"])
def test_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.pem").write_text("-----BEGIN")
    others = [other for other in ("certificate_file", "key_file") if other != name]
    given = "".join(f'{other} = "there.pem"\n' for other in others) if name != "ca_file" else ""

    assert f"{name} names no file" in only_mistake(tmp_path, f'[audit_syslog]\n{given}{name} = "nowhere.pem"\n')


def test_certificate_and_its_key_come_together(tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("-----BEGIN")

    said = only_mistake(tmp_path, '[audit_syslog]\ncertificate_file = "own.pem"\n')
    assert "certificate_file stands without key_file" in said
    said = only_mistake(tmp_path, '[audit_syslog]\nkey_file = "own.pem"\n')
    assert "key_file stands without certificate_file" in said


@pytest.mark.parametrize(
    "line",
    ["required = 1", "sync = 'yes'", "file_megabytes = 0", "keep_days = -1", "keep_days = 1.5"],
)
def test_wrong_value_is_refused(tmp_path: Path, line: str) -> None:
    assert line.split()[0] in only_mistake(tmp_path, f"[audit]\n{line}\n")


@pytest.mark.parametrize("number", ["-1", "11", "true", '"1"'])
def test_wrong_number_of_proxies_is_refused(tmp_path: Path, number: str) -> None:
    assert "trusted_proxies" in only_mistake(tmp_path, f"trusted_proxies = {number}\n")
