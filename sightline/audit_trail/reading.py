"""What was written behind a position: whole lines, in the order they were written, across the trail's files.

Readers take no lock and never hold a writer up. The live file's number is the one that it will have when it is full.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from sightline.audit_trail.files import LIVE, full_files

_PIECE = 256 * 1024


class Position(Struct, frozen=True, order=True):
    """A place in the trail: a file's number and bytes from its beginning. The default is before everything kept."""

    file: int = 0
    offset: int = 0


def lines_after(folder: Path, position: Position) -> Iterator[tuple[bytes, Position]]:
    """Each line behind `position`, without its end, with the position behind it, up to the end of what is written."""
    while True:
        opened, number, is_live = _opened(folder, position.file)
        if opened is None:
            return
        if number != position.file:
            position = Position(number)
        try:
            for line, offset in _lines(opened, position.offset, is_live):
                yield line, Position(number, offset)
        finally:
            os.close(opened)
        if is_live:
            return
        position = Position(number + 1)


def _opened(folder: Path, wanted: int) -> tuple[int | None, int, bool]:
    """The file of that number, or the next one there is; its number, and whether it is the live one.

    The live file may be renamed between two looks at the folder, so the look that counts comes after the opening.
    """
    live = _open(folder / LIVE)
    full = full_files(folder) if folder.is_dir() else {}
    number = next((number for number in full if number >= wanted), None)
    if number is None:
        return live, max(full, default=0) + 1, True
    if live is not None:
        os.close(live)
    return _open(full[number]), number, False


def _open(file: Path) -> int | None:
    try:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _lines(file: int, offset: int, is_live: bool) -> Iterator[tuple[bytes, int]]:
    """Lines from `offset` on, each with the offset behind it. In the live file the last may still be being written."""
    rest = b""
    while piece := os.pread(file, _PIECE, offset + len(rest)):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            offset += len(line) + 1
            yield line, offset
    if rest and not is_live:
        yield rest, offset + len(rest)
