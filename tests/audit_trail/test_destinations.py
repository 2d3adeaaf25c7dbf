"""The table of destinations: each kind of it is in the settings, in the documentation and among the tests."""

from pathlib import Path

import pytest

from sightline.audit_trail import destinations
from sightline.outbound import Door
from sightline.settings import load
from sightline.settings.keys import TABLES
from tests.conftest import ROOT

ON = {
    "fhir": '[audit_fhir]\nbase = "https://audit.example/fhir"\n',
    "syslog": '[audit_syslog]\nserver = "audit.example:6514"\n',
}
ENVIRONMENT = {
    "SIGHTLINE_SECRET_KEY": "k" * 32,
    "SIGHTLINE_EHR_R4_CLIENT_SECRET": "secret",
    "SIGHTLINE_AUDIT_FHIR_TOKEN": "token",
}


def names_with(folder: Path, *kinds: str) -> list[str]:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    begin, end = text.index("[audit_fhir]"), text.index("# One block for each EHR")
    (folder / "config.toml").write_text(text[:begin] + "".join(ON[kind] for kind in kinds) + text[end:])
    settings = load(folder / "config.toml", ENVIRONMENT)
    found = destinations.configured(settings, Door(1, 1000))
    assert tuple(each.name for each in found) == destinations.names(settings)
    return [each.name for each in found]


def test_only_what_the_settings_switch_on_is_delivered_to(tmp_path: Path) -> None:
    assert names_with(tmp_path) == []
    assert names_with(tmp_path, "syslog") == ["syslog"]
    assert names_with(tmp_path, "fhir", "syslog") == ["fhir", "syslog"]


@pytest.mark.parametrize("kind", destinations.KINDS)
def test_kind_of_destination_is_configured_documented_and_tested(kind: str) -> None:
    assert f"audit_{kind}" in {table.name for table in TABLES}
    assert (ROOT / "tests" / "audit_trail" / f"test_{kind}.py").exists()
    assert f"### {kind}" in (ROOT / "docs" / "audit.md").read_text(encoding="utf-8").splitlines()
