"""Reading the trail behind a position, across its files, while others write and put files away."""

import threading
from pathlib import Path

from sightline.audit_trail.files import LIVE, TrailFiles, full_files
from sightline.audit_trail.reading import Position, lines_after

BEGINNING = Position()


def read(folder: Path, position: Position = BEGINNING) -> list[bytes]:
    return [line for line, _ in lines_after(folder, position)]


def test_trail_that_nobody_wrote_yet_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path) == []
    assert read(tmp_path / "nowhere") == []


def test_lines_come_in_the_order_they_were_written_across_files(tmp_path: Path) -> None:
    files = TrailFiles(tmp_path, file_bytes=25)
    for number in range(7):
        files.append(b"record %d" % number)

    assert len(full_files(tmp_path)) == 3
    assert read(tmp_path) == [b"record %d" % number for number in range(7)]


def test_each_position_leads_to_what_is_behind_it_also_after_its_file_was_put_away(tmp_path: Path) -> None:
    files = TrailFiles(tmp_path, file_bytes=25)
    positions = [Position()]
    for number in range(7):
        files.append(b"record %d" % number)
        positions += [position for _, position in lines_after(tmp_path, positions[-1])]

    for number, position in enumerate(positions):
        assert read(tmp_path, position) == [b"record %d" % rest for rest in range(number, 7)]


def test_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    (tmp_path / LIVE).write_bytes(b"whole\nhal")
    ((line, position),) = lines_after(tmp_path, Position())
    with (tmp_path / LIVE).open("ab") as file:
        file.write(b"f\n")

    assert line == b"whole"
    assert read(tmp_path, position) == [b"half"]


def test_end_of_a_full_file_without_its_line_break_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "audit.000001.2026-11-20.ndjson").write_bytes(b"whole\ntorn")
    (tmp_path / LIVE).write_bytes(b"next\n")

    assert read(tmp_path) == [b"whole", b"torn", b"next"]


def test_files_that_were_removed_are_passed_over(tmp_path: Path) -> None:
    for number in (3, 5):
        (tmp_path / f"audit.00000{number}.2026-11-20.ndjson").write_bytes(b"of %d\n" % number)
    (tmp_path / LIVE).write_bytes(b"live\n")

    assert read(tmp_path, Position(1, 4000)) == [b"of 3", b"of 5", b"live"]
    assert read(tmp_path, Position(4, 10)) == [b"of 5", b"live"]


def test_line_longer_than_a_piece_of_reading_comes_whole(tmp_path: Path) -> None:
    (tmp_path / LIVE).write_bytes(b"a" * 700_000 + b"\nshort\n")

    assert [len(line) for line in read(tmp_path)] == [700_000, 5]


def test_reader_misses_nothing_while_files_become_full(tmp_path: Path) -> None:
    files, found, position = TrailFiles(tmp_path, file_bytes=200), [], Position()
    writer = threading.Thread(target=lambda: [files.append(b"record %04d" % number) for number in range(2000)])
    writer.start()
    while writer.is_alive() or read(tmp_path, position):
        for line, behind in lines_after(tmp_path, position):
            found.append(line)
            position = behind
    writer.join()

    assert found == [b"record %04d" % number for number in range(2000)]
