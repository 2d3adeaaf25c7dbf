"""How far a destination has got: a small file for each, replaced as a whole, and the lock of who delivers to it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sightline.audit_trail.reading import Position


class Progress(msgspec.Struct, frozen=True):
    """What has been delivered; why nothing more goes through, since when (UTC). `failure` is empty where it does."""

    position: Position = Position()
    failure: str = ""
    failing_since: str = ""


class ProgressFile:
    """The file of one destination. A lost or spoiled one begins anew: then records come twice, and none is lost."""

    def __init__(self, folder: Path, destination: str) -> None:
        self._folder, self._destination = folder, destination
        self._file = folder / f"audit-to-{destination}.json"

    @property
    def refused_file(self) -> Path:
        """The records that this destination will never take, as the trail has them."""
        return self._folder / f"audit-to-{self._destination}.refused.ndjson"

    def read(self) -> Progress:
        """As it was last kept."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Progress)
        except (FileNotFoundError, msgspec.DecodeError):
            return Progress()

    def keep(self, progress: Progress) -> None:
        """Keeps it; a crash leaves the old one or the new one."""
        beside = self._file.with_suffix(".new")
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(msgspec.json.encode(progress))
            file.flush()
            os.fsync(opened)
        beside.replace(self._file)

    def put_aside(self, line: bytes) -> None:
        """Keeps a record that the destination refused for good."""
        opened = os.open(self.refused_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "ab") as file:
            file.write(line + b"\n")

    @contextmanager
    def mine(self) -> Iterator[bool]:
        """Whether this thread is the only one on the machine that delivers there, until the end of the block.

        The kernel takes the lock back from a process that dies, however it dies.
        """
        lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield _locked(lock)
        finally:
            os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
