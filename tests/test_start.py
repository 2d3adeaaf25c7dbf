"""What a start imports: nothing that its settings do not ask for, and at once what they do."""

import subprocess
import sys
from pathlib import Path

_START = """
import pathlib, sys
from msgspec.structs import replace
import app
from sightline.settings import StoreSettings
from tests.configured import block, configured
kind, folder = sys.argv[1:]
settings = configured(block("ohif", address="https://ohif.hospital.example"))
store = StoreSettings(kind, "redis://127.0.0.1:1")
app.create_app(replace(settings, store=store, data_folder=pathlib.Path(folder)))
print(*sys.modules)
"""


def start(kind: str, folder: Path, first: str = "") -> "subprocess.CompletedProcess[str]":
    """Sightline's start in a process of its own, with this kind of store."""
    command = [sys.executable, "-c", first + _START, kind, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_start_imports_no_library_that_only_other_settings_or_later_pages_need(tmp_path: Path) -> None:
    imported = start("sqlite", tmp_path).stdout.split()

    assert "sightline.store.sqlite" in imported
    assert not {"redis", "fhir", "pydantic", "babel.numbers"} & {*imported}


def test_library_of_the_store_that_is_missing_is_found_at_the_start(tmp_path: Path) -> None:
    found = start("redis", tmp_path, first="import sys; sys.modules['redis'] = None\n")

    assert "redis" in start("redis", tmp_path).stdout.split()
    assert found.returncode != 0
    assert "redis" in found.stderr.splitlines()[-1]
