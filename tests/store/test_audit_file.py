"""The audit trail's file: whole lines, appended, never changed, and never lost in silence."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sightline.store.audit_file import AuditFile

ROOT = Path(__file__).parent.parent.parent


def test_records_stand_one_a_line_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "var" / "audit.ndjson"
    file = AuditFile(path)

    file.append(b'{"a":1}')
    file.append(b'{"b":2}')

    assert path.read_bytes() == b'{"a":1}\n{"b":2}\n'


def test_what_an_earlier_process_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    AuditFile(path).append(b"first")
    AuditFile(path).append(b"second")

    assert path.read_bytes() == b"first\nsecond\n"


def test_lines_of_many_writers_are_never_mixed(tmp_path: Path) -> None:
    path = tmp_path / "audit.ndjson"
    writers = [AuditFile(path) for _ in range(4)]

    def write(number: int) -> None:
        for _ in range(100):
            writers[number].append(bytes([ord("a") + number]) * 500)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = path.read_bytes().splitlines()
    assert len(lines) == 400
    assert {(len(line), len(set(line))) for line in lines} == {(500, 1)}


def test_nobody_else_on_the_machine_may_read_the_trail(tmp_path: Path) -> None:
    AuditFile(tmp_path / "audit.ndjson")

    assert (tmp_path / "audit.ndjson").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_full_disk_is_an_error() -> None:
    with pytest.raises(OSError, match="No space left"):
        AuditFile(Path("/dev/full")).append(b"record")


def test_record_of_which_only_a_part_fits_is_an_error(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from sightline.store.audit_file import AuditFile\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))\n"
        "try: AuditFile(Path(sys.argv[1])).append(b'x' * 100)\n"
        "except OSError as error: print(error)"
    )

    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "audit")], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "only a part" in run.stdout
