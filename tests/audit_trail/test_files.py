"""The audit trail's files: whole lines, appended, never changed, and never lost in silence."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sightline.audit_trail.files import LIVE, TrailFiles, full_files
from tests.conftest import ROOT


def live(folder: Path) -> bytes:
    return (folder / LIVE).read_bytes()


def everything(folder: Path) -> list[bytes]:
    """All lines of all files, the oldest first."""
    files = [*full_files(folder).values(), folder / LIVE]
    return [line for file in files for line in file.read_bytes().splitlines()]


def in_a_process(folder: Path, program: str) -> "subprocess.Popen[bytes]":
    begin = "import sys; from pathlib import Path; from sightline.audit_trail.files import TrailFiles\n"
    return subprocess.Popen(
        [sys.executable, "-c", begin + program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_records_stand_one_a_line_in_their_order(tmp_path: Path) -> None:
    files = TrailFiles(tmp_path / "var")

    files.append(b'{"a":1}')
    files.append(b'{"b":2}')

    assert live(tmp_path / "var") == b'{"a":1}\n{"b":2}\n'


def test_what_an_earlier_process_wrote_stays(tmp_path: Path) -> None:
    TrailFiles(tmp_path).append(b"first")
    TrailFiles(tmp_path).append(b"second")

    assert live(tmp_path) == b"first\nsecond\n"


def test_lines_of_many_writers_are_never_mixed(tmp_path: Path) -> None:
    writers = [TrailFiles(tmp_path) for _ in range(4)]

    def write(number: int) -> None:
        for _ in range(100):
            writers[number].append(bytes([ord("a") + number]) * 500)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = live(tmp_path).splitlines()
    assert len(lines) == 400
    assert {(len(line), len(set(line))) for line in lines} == {(500, 1)}


def test_nobody_else_on_the_machine_may_read_the_trail(tmp_path: Path) -> None:
    TrailFiles(tmp_path).append(b"record")

    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


def test_line_torn_by_a_crash_spoils_neither_the_next_nor_is_it_hidden(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / LIVE).write_bytes(b'{"whole":1}\n{"to')

    TrailFiles(tmp_path).append(b'{"next":1}')

    assert live(tmp_path) == b'{"whole":1}\n{"to\n{"next":1}\n'
    assert "torn by a crash" in caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_full_disk_is_an_error(tmp_path: Path) -> None:
    (tmp_path / LIVE).symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        TrailFiles(tmp_path).append(b"record")


def test_place_that_cannot_be_written_is_an_error_only_when_something_is_to_be_written(tmp_path: Path) -> None:
    (tmp_path / LIVE).mkdir()
    files = TrailFiles(tmp_path)

    with pytest.raises(IsADirectoryError):
        files.append(b"record")
    (tmp_path / LIVE).rmdir()
    files.append(b"record")

    assert live(tmp_path) == b"record\n"


def test_record_of_which_only_a_part_fits_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import resource\n"
        "files = TrailFiles(Path(sys.argv[1]))\n"
        "files.append(b'fits')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))\n"
        "try: files.append(b'x' * 100)\n"
        "except OSError as error: print(error)\n"
        "files.append(b'too')"
    )

    said, complaint = in_a_process(tmp_path, program).communicate(timeout=30)

    assert not complaint
    assert b"only a part" in said
    assert live(tmp_path) == b"fits\ntoo\n"


# Full files


def test_full_file_is_put_away_under_the_next_number_and_its_day(tmp_path: Path) -> None:
    rotations: list[int] = []
    files = TrailFiles(tmp_path, file_bytes=25, after_rotation=lambda: rotations.append(len(full_files(tmp_path))))

    for number in range(5):
        files.append(b"record %d" % number)

    today = datetime.now(UTC).date()
    assert [file.name for file in full_files(tmp_path).values()] == [f"audit.00000{n}.{today}.ndjson" for n in (1, 2)]
    assert everything(tmp_path) == [b"record %d" % number for number in range(5)]
    assert live(tmp_path) == b"record 4\n"
    assert rotations == [1, 2]


def test_file_of_another_day_is_put_away_under_that_day(tmp_path: Path) -> None:
    files = TrailFiles(tmp_path)
    files.append(b"yesterday's")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    os.utime(tmp_path / LIVE, (yesterday.timestamp(), yesterday.timestamp()))

    files.append(b"today's")

    (full,) = full_files(tmp_path).values()
    assert full.name == f"audit.000001.{yesterday.date()}.ndjson"
    assert (full.read_bytes(), live(tmp_path)) == (b"yesterday's\n", b"today's\n")


def test_record_larger_than_a_file_may_be_is_written_all_the_same(tmp_path: Path) -> None:
    TrailFiles(tmp_path, file_bytes=10).append(b"x" * 100)

    assert live(tmp_path) == b"x" * 100 + b"\n"


def test_file_that_somebody_moved_away_is_begun_anew(tmp_path: Path) -> None:
    files = TrailFiles(tmp_path)
    files.append(b"first")
    (tmp_path / LIVE).rename(tmp_path / "taken")
    files.append(b"second")

    assert ((tmp_path / "taken").read_bytes(), live(tmp_path)) == (b"first\n", b"second\n")


@pytest.mark.parametrize(("sync", "count"), [(False, 1500), (True, 100)])
def test_processes_share_the_files_and_lose_nothing_where_they_become_full(
    tmp_path: Path, sync: bool, count: int
) -> None:
    program = (
        f"import time; files = TrailFiles(Path(sys.argv[1]), sync={sync}, file_bytes=100)\n"
        "while not Path(sys.argv[1], 'go').exists(): time.sleep(0.001)\n"
        f"for number in range({count}): files.append(b'%07d' % number)"
    )
    processes = [in_a_process(tmp_path, program) for _ in range(3)]
    time.sleep(0.5)
    (tmp_path / "go").touch()
    for process in processes:
        assert process.communicate(timeout=60) == (b"", b"")

    lines = everything(tmp_path)
    assert sorted(lines) == sorted(b"%07d" % number for number in range(count) for _ in range(3))
    assert {file.stat().st_size for file in full_files(tmp_path).values()} == {96}


# On the disk


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The waits for the disk, which takes a moment."""
    seen: list[int] = []
    real = os.fdatasync

    def slow(file: int) -> None:
        seen.append(file)
        time.sleep(0.02)
        real(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    return seen


def test_line_is_on_the_disk_before_the_writer_goes_on_where_the_site_asks_for_it(
    tmp_path: Path, waits: list[int]
) -> None:
    files = TrailFiles(tmp_path, sync=True)
    for count in (1, 2, 3):
        files.append(b"record")
        assert len(waits) == count


def test_nobody_waits_for_the_disk_unless_the_site_asks_for_it(tmp_path: Path, waits: list[int]) -> None:
    TrailFiles(tmp_path).append(b"record")

    assert not waits


def in_threads(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_wait_serves_all_who_wrote_before_it_began(tmp_path: Path, waits: list[int]) -> None:
    files = TrailFiles(tmp_path, sync=True)

    in_threads(20, lambda: files.append(b"record"))

    assert len(live(tmp_path).splitlines()) == 20
    assert len(waits) < 10


def test_disk_that_fails_is_an_error_for_everyone_who_waited_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, refused = TrailFiles(tmp_path, sync=True), []
    files.append(b"before")
    waiting, outcomes = threading.Event(), iter(["slow", "broken"])

    def broken_once(file: int) -> None:  # Linux tells a failed write-back to one caller, and then forgets it
        outcome = next(outcomes, "fine")
        waiting.set()
        time.sleep(0.2 if outcome == "slow" else 0)
        if outcome == "broken":
            raise OSError(5, "Input/output error")

    def write() -> None:
        try:
            files.append(b"record")
        except OSError:
            refused.append(1)

    monkeypatch.setattr(os, "fdatasync", broken_once)
    first = threading.Thread(target=write)
    first.start()
    waiting.wait(5)
    in_threads(3, write)
    first.join()
    files.append(b"after")

    assert refused == [1, 1, 1]
    assert live(tmp_path).splitlines()[-1] == b"after"
