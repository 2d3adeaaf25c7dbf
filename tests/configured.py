"""Viewers as the settings make them, each key that is not given having its default."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from sightline.settings import Settings, ViewerSettings, load

_HEAD = """\
public_url = "https://sightline.hospital.example"
site_name = "North Hospital"
time_zone = "Europe/Berlin"
[[ehr]]
name = "north-wing"
title = "North Wing EHR"
iss = "https://ehr.hospital.example/fhir"
client_id = "sightline-client"
client_authentication = "none"
frame_ancestors = ["https://portal.hospital.example"]
"""


def viewer(kind: str, **keys: Any) -> ViewerSettings[Any]:
    """One viewer of this kind, titled "The viewer"."""
    return configured(block(kind, **keys)).viewers[0]


def block(kind: str, **keys: Any) -> str:
    """The block of the settings file that makes it."""
    return _toml("viewer", {"name": kind, "title": "The viewer", "kind": kind, **keys})


def rule(**keys: Any) -> str:
    """The block of a rule."""
    return _toml("rule", keys)


@cache
def configured(*blocks: str, client_keys: str = "") -> Settings:
    """Settings of one EHR with these blocks, and with keys of our own, if any. Raises SettingsError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(_HEAD + "".join(blocks), encoding="utf-8")
        return load(file, {"SIGHTLINE_SECRET_KEY": "k" * 32, "SIGHTLINE_CLIENT_KEYS": client_keys})


def _toml(table: str, keys: dict[str, Any]) -> str:
    lines = (f"{name} = {_value(value)}\n" for name, value in keys.items())
    return f"[[{table}]]\n{''.join(lines)}"


def _value(value: Any) -> str:
    """A value in JSON's spelling, which is TOML's too, tables excepted."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {json.dumps(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
