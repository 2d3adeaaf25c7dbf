"""The audit trail's file: one JSON record a line, appended, never changed."""

import errno
import os
from pathlib import Path


class AuditFile:
    """Appends whole lines; several processes may share the file: one small write is never split (POSIX O_APPEND)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, line: bytes) -> None:
        """Writes `line`. Raises OSError where the disk does not take it whole."""
        if os.write(self._file, line + b"\n") <= len(line):
            raise OSError(errno.ENOSPC, "only a part of a record was written")
