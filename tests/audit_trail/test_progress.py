"""How far a destination has got: kept over a crash, and delivered by one among many."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.audit_trail.progress import Progress, ProgressFile
from sightline.audit_trail.reading import Position
from tests.conftest import ROOT

SOMEWHERE = Progress(Position(3, 4711), "HTTP 503", "2026-11-22T14:05:10+00:00")


def test_new_destination_gets_all_that_is_kept(tmp_path: Path) -> None:
    assert ProgressFile(tmp_path, "fhir").read() == Progress(Position(0, 0))


def test_what_is_kept_is_read_again_by_its_own_destination(tmp_path: Path) -> None:
    ProgressFile(tmp_path, "fhir").keep(SOMEWHERE)

    assert ProgressFile(tmp_path, "fhir").read() == SOMEWHERE
    assert ProgressFile(tmp_path, "syslog").read() == Progress()


@pytest.mark.parametrize("spoilt", [b"", b"\0\0\0", b'{"position":{"file":3', b'{"position":7}', b"[]"])
def test_spoilt_file_begins_anew_rather_than_lose_records(tmp_path: Path, spoilt: bytes) -> None:
    file = ProgressFile(tmp_path, "fhir")
    file.keep(SOMEWHERE)
    (tmp_path / "audit-to-fhir.json").write_bytes(spoilt)

    assert file.read() == Progress()


def test_only_one_delivers_at_a_time(tmp_path: Path) -> None:
    first, second = ProgressFile(tmp_path, "fhir"), ProgressFile(tmp_path, "fhir")
    with first.mine() as one, second.mine() as other, ProgressFile(tmp_path, "syslog").mine() as elsewhere:
        assert (one, other, elsewhere) == (True, False, True)
    with second.mine() as now:
        assert now


def test_who_is_killed_is_replaced(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from sightline.audit_trail.progress import ProgressFile\n"
        "with ProgressFile(Path(sys.argv[1]), 'fhir').mine() as mine: print(mine, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"True\n"
    with ProgressFile(tmp_path, "fhir").mine() as mine:
        assert not mine
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    with ProgressFile(tmp_path, "fhir").mine() as mine:
        assert mine


def test_nobody_else_may_read_what_was_put_aside(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path, "fhir")
    file.keep(SOMEWHERE)
    file.put_aside(b"one")
    file.put_aside(b"two")

    assert file.refused_file.read_bytes() == b"one\ntwo\n"
    assert {each.stat().st_mode & 0o077 for each in tmp_path.iterdir()} == {0}
