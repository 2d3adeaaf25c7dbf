"""The trail's files: one JSON record a line, appended, never changed.

`audit.ndjson` is the one that is written. When it is full, or its day (UTC) is over, it is renamed to
`audit.<number>.<day>.ndjson`, and the next one begins. Any number of processes on the machine may write; a line is
whole or is not there.
"""

import errno
import fcntl
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_log = logging.getLogger("sightline")

LIVE = "audit.ndjson"
_FULL = re.compile(r"audit\.(\d+)\.\d{4}-\d\d-\d\d\.ndjson")


def full_files(folder: Path) -> dict[int, Path]:
    """The files that nobody writes any more, by their numbers, the oldest first."""
    found = ((_FULL.fullmatch(file.name), file) for file in folder.iterdir())
    return dict(sorted((int(name[1]), file) for name, file in found if name))


class TrailFiles:
    """Appends lines. `sync`: a line is on the disk, not only with the kernel, before `append` returns.

    A killed process loses nothing either way; what `sync` adds is the machine's own crash or power cut.
    `after_rotation` is called when a file has become full.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sync: bool = False,
        file_bytes: int = 64_000_000,
        after_rotation: Callable[[], None] = lambda: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._live = folder, folder / LIVE
        self._file_bytes, self._after_rotation = file_bytes, after_rotation
        self._file = self._lock = self._whole_until = -1
        self._opened = (0, 0)
        self._writing = threading.Lock()
        self._disk = _Disk() if sync else None

    def append(self, line: bytes) -> None:
        """Writes `line` and its end. Raises OSError where it is not there, or, with `sync`, may not survive."""
        with self._writing, self._alone():
            rotated, size = self._open_fitting(len(line) + 1)
            _write_whole(self._file, line + b"\n", size)
            self._whole_until = size + len(line) + 1
            ticket = self._disk.written() if self._disk else 0
        if self._disk:
            self._disk.wait_for(ticket)
        if rotated:
            self._after_rotation()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Among all processes. The kernel takes the lock back from one that dies."""
        if self._lock < 0:
            self._lock = os.open(self._folder / "audit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _open_fitting(self, size: int) -> tuple[bool, int]:
        """Opens the live file, if this process does not have it open; a new one where it is full.

        Says whether it was full, and how large the one is that is open now.
        """
        held = self._reopened_if_replaced()
        if held.st_size != self._whole_until:  # somebody else wrote meanwhile
            _end_torn_line(self._file)
            held = os.fstat(self._file)
        day = datetime.fromtimestamp(held.st_mtime, UTC).date()
        if not held.st_size or (held.st_size + size <= self._file_bytes and day == datetime.now(UTC).date()):
            return False, held.st_size
        number = max(full_files(self._folder), default=0) + 1
        self._live.rename(self._folder / f"audit.{number:06}.{day}.ndjson")
        return True, self._reopened_if_replaced().st_size

    def _reopened_if_replaced(self) -> os.stat_result:
        """The live file as it is. Another process may have renamed it, or somebody may have moved it away."""
        try:
            if self._file >= 0 and _identity(held := self._live.stat()) == self._opened:
                return held
        except FileNotFoundError:
            pass
        opened = os.open(self._live, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._disk:
            self._disk.take(opened, self._folder)
        if self._file >= 0:
            os.close(self._file)
        held = os.fstat(opened)
        self._file, self._opened, self._whole_until = opened, _identity(held), -1
        return held


class _Disk:
    """One wait for the disk serves all threads that wrote before it began (group commit)."""

    def __init__(self) -> None:
        self._file = -1
        self._written = self._on_disk = self._lost = 0
        self._syncing = threading.Lock()

    def take(self, file: int, folder: Path) -> None:
        """Another file from here on. Its name is on the disk when this returns, and all that the last one holds."""
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with self._syncing:
                self._sync()
                os.fsync(directory)
                self._file = file
        finally:
            os.close(directory)

    def written(self) -> int:
        """Notes a line; its ticket is what `wait_for` waits for. One thread at a time."""
        self._written += 1
        return self._written

    def wait_for(self, ticket: int) -> None:
        """Returns when that line is on the disk. Raises OSError where it is not."""
        with self._syncing:
            if self._on_disk < ticket:
                self._sync()
            if ticket <= self._lost:
                raise OSError(errno.EIO, "the disk did not take what was written to the audit trail")

    def _sync(self) -> None:
        """A failure is told once by Linux, to one caller: it holds for all who wrote before."""
        until = self._written
        try:
            if self._file >= 0:
                os.fdatasync(self._file)
        except OSError:
            self._lost = until
        self._on_disk = until


def _end_torn_line(file: int) -> None:
    """A crash of the machine may leave half a line at the end; it must not spoil the next one."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        _log.error("audit trail: its last line was torn by a crash; it is ended, and the trail goes on behind it")
        _write_whole(file, b"\n", size)


def _identity(file: os.stat_result) -> tuple[int, int]:
    return file.st_dev, file.st_ino


def _write_whole(file: int, data: bytes, size: int) -> None:
    """Appends it all to a file of this size, or leaves the file as it was."""
    if os.write(file, data) < len(data):
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, "only a part of a record was written")
