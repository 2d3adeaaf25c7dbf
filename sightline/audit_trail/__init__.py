"""The life of a record after it was made: written ahead into files, delivered to where the hospital keeps its audit.

files.py        audit.ndjson, which every process appends to, and the full ones before it
reading.py      the lines behind a position, in the order they were written
progress.py     how far a destination has got, what it put aside, and who delivers to it
deliverer.py    the thread that delivers to one destination, for all processes of a machine
keeping.py      which delivered files may go
destinations.py the table of destinations
fhir.py         POST AuditEvent; syslog.py DICOM audit messages over TLS, dicom_message.py what they look like
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from sightline.audit_record import Record


class Sent(Struct):
    """For each record in order: why the destination will never take it, or "" where it has it.

    It may say less than was sent; `failure` then says why the rest did not go through.
    """

    refusals: list[str] = []
    failure: str = ""


class Destination(Protocol):
    """What every kind offers."""

    @property
    def name(self) -> str:
        """The kind, as the settings call it."""

    def send(self, records: Sequence[Record]) -> Sent:
        """Sends records in their order; returns when the destination has them, or a deadline is over."""
