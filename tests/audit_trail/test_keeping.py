"""Which full files go: those that every destination has, when they are old enough, and no other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sightline.audit_trail.files import LIVE, TrailFiles, full_files
from sightline.audit_trail.keeping import remove_old
from sightline.audit_trail.progress import Progress, ProgressFile
from sightline.audit_trail.reading import Position, lines_after


def full(folder: Path, *days_ago: int) -> None:
    for number, days in enumerate(days_ago, 1):
        day = datetime.now(UTC).date() - timedelta(days=days)
        (folder / f"audit.{number:06}.{day}.ndjson").write_bytes(b"record %d\n" % number)
    (folder / LIVE).write_bytes(b"live\n")


def kept(folder: Path) -> list[bytes]:
    return [line for line, _ in lines_after(folder, Position())]


def test_trail_is_kept_for_ever_unless_the_site_says_otherwise(tmp_path: Path) -> None:
    full(tmp_path, 4000, 40)
    remove_old(tmp_path, 0, ())

    assert kept(tmp_path) == [b"record 1", b"record 2", b"live"]


def test_old_files_go_and_younger_ones_stay(tmp_path: Path) -> None:
    full(tmp_path, 40, 31, 30, 2)
    remove_old(tmp_path, 30, ())

    assert kept(tmp_path) == [b"record 3", b"record 4", b"live"]


def test_file_that_one_destination_does_not_have_yet_stays(tmp_path: Path) -> None:
    full(tmp_path, 40, 39, 38, 37)
    ProgressFile(tmp_path, "fhir").keep(Progress(Position(5, 0)))
    ProgressFile(tmp_path, "syslog").keep(Progress(Position(2, 3)))
    remove_old(tmp_path, 30, ("fhir", "syslog"))

    assert kept(tmp_path) == [b"record 2", b"record 3", b"record 4", b"live"]


def test_destination_that_never_got_anything_keeps_everything(tmp_path: Path) -> None:
    full(tmp_path, 40, 39)
    remove_old(tmp_path, 30, ("fhir",))

    assert kept(tmp_path) == [b"record 1", b"record 2", b"live"]


def test_numbers_go_on_although_every_full_file_is_gone(tmp_path: Path) -> None:
    full(tmp_path, 40, 39)
    ProgressFile(tmp_path, "fhir").keep(Progress(Position(3, 0)))
    remove_old(tmp_path, 30, ("fhir",))
    files = TrailFiles(tmp_path, file_bytes=5)
    files.append(b"next")

    assert max(full_files(tmp_path)) == 3
    progress = ProgressFile(tmp_path, "fhir").read()
    assert [line for line, _ in lines_after(tmp_path, progress.position)] == [b"live", b"next"]
