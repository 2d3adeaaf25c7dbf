"""What waits for a destination, for those who watch over Sightline."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from sightline.audit_record import Record
from sightline.audit_trail.progress import ProgressFile
from sightline.audit_trail.reading import lines_after

LATE = timedelta(hours=1)


class Waiting(Struct, frozen=True):
    """How many records wait for a destination, the oldest one's time, why, and how many it refused for good."""

    destination: str
    records: int
    oldest: datetime | None
    failure: str
    failing_since: str
    refused: int

    def is_in_order(self, now: datetime) -> bool:
        """Nothing waits for more than an hour, and nothing was refused."""
        return not self.refused and (self.oldest is None or now - self.oldest <= LATE)

    def __str__(self) -> str:
        """One line for a person."""
        words = [f"{self.destination}: {self.records} waiting"]
        if self.oldest:
            words.append(f"the oldest since {self.oldest.isoformat(timespec='seconds')}")
        if self.failure:
            words.append(f"failing since {self.failing_since}: {self.failure}")
        if self.refused:
            words.append(f"{self.refused} refused for good, put aside in audit-to-{self.destination}.refused.ndjson")
        return ", ".join(words)


def waiting(folder: Path, destination: str) -> Waiting:
    """What waits for the destination of this name."""
    file = ProgressFile(folder, destination)
    progress = file.read()
    count, oldest = 0, None
    for line, _ in lines_after(folder, progress.position):
        count += 1
        oldest = oldest or _recorded(line)
    refused = file.refused_file.read_bytes().count(b"\n") if file.refused_file.exists() else 0
    return Waiting(destination, count, oldest, progress.failure, progress.failing_since, refused)


def _recorded(line: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(msgspec.json.decode(line, type=Record).recorded).astimezone(UTC)
    except (msgspec.DecodeError, ValueError):
        return None
