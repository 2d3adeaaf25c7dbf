"""Use case: who saw what. One record for each sign-in, list and opening, and for each that was refused.

Where it is written is handed in.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from sightline.audit_record import Action, Record
from sightline.errors import SightlineError


class Trail:
    """The trail of one process. `append` must have written the line before it returns."""

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self._append = append

    def write(self, action: Action, facts: Mapping[str, Any], refusal: SightlineError | None = None) -> None:
        """Writes one record, dated now; `facts` are fields of Record by their names."""
        outcome = type(refusal).__name__ if refusal else "success"
        recorded = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._append(msgspec.json.encode(Record(action, outcome, recorded, **facts)))
