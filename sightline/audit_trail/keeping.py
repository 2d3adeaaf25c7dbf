"""Which full files may go: those that every destination has, once they are old enough."""

import logging
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sightline.audit_trail.files import full_files
from sightline.audit_trail.progress import ProgressFile

_log = logging.getLogger("sightline")


def remove_old(folder: Path, days: int, destinations: tuple[str, ...]) -> None:
    """Removes the full files whose day is more than `days` ago and that all `destinations` have; 0 days: none.

    The newest full file is emptied instead, since its number is where the next one counts on from.
    """
    full = full_files(folder)
    delivered_before = min((ProgressFile(folder, name).read().position.file for name in destinations), default=None)
    oldest_kept = datetime.now(UTC).date() - timedelta(days=days)
    for number, file in full.items() if days else ():
        if _day(file) >= oldest_kept or (delivered_before is not None and number >= delivered_before):
            continue
        if number == max(full):
            os.truncate(file, 0)
        else:
            file.unlink(missing_ok=True)
        _log.info("audit trail: %s was delivered and kept for %d days, and is gone now", file.name, days)


def _day(file: Path) -> date:
    return date.fromisoformat(file.name.split(".")[2])
