"""Use case: who saw what. One record for each sign-in, list and opening, and for each that was refused.

A record holds ids, never names, birth dates, tokens or addresses. Where it is written is handed in.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from sightline.errors import SightlineError


class Action(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign-in"
    LIST = "list"
    OPEN = "open"


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the trail. `chart` is a digest that ties one chart's records together and opens nothing.

    `outcome` is "success" or the kind of refusal; `ehr` the FHIR base that makes `patient` and `user` unique.
    """

    action: Action
    outcome: str
    recorded: str
    ehr: str = ""
    user_issuer: str = ""
    user: str = ""
    fhir_user: str = ""
    patient: str = ""
    chart: str = ""
    study_uid: str = ""
    accession: str = ""
    viewer: str = ""
    studies: int | None = None


class Trail:
    """The trail of one process. `append` must have written the line before it returns."""

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self._append = append

    def write(self, action: Action, facts: Mapping[str, Any], refusal: SightlineError | None = None) -> None:
        """Writes one record, dated now; `facts` are fields of Record by their names."""
        outcome = type(refusal).__name__ if refusal else "success"
        recorded = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._append(msgspec.json.encode(Record(action, outcome, recorded, **facts)))


def chart_digest(chart_id: str) -> str:
    """What ties one chart's records together."""
    return hashlib.sha256(chart_id.encode()).hexdigest()[:16]
