"""Use case: who saw what. A record for each sign-in, list, opening, report, page of pictures, sign-out, and refusal.

Where it is written, and what is known of the request that somebody did it with, is handed in.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from sightline.audit_record import Action, Record, new_id
from sightline.errors import (
    AuditUnavailable,
    CannotOpen,
    LaunchInterrupted,
    NotAllowed,
    SightlineError,
    SignInEnded,
    SourceError,
    TicketSpent,
)

_log = logging.getLogger("sightline")

_LONGEST = 1024

_MINOR, _REFUSED, _MAJOR = "4", "8", "12"
# Kind of refusal -> R4 AuditEventOutcome; the first that fits. Minor: nobody was kept out, something did not work.
_CODES: tuple[tuple[tuple[type[SightlineError], ...], str], ...] = (
    ((SignInEnded, NotAllowed), _REFUSED),
    ((SourceError, LaunchInterrupted, CannotOpen, TicketSpent), _MINOR),
    ((AuditUnavailable,), _MAJOR),
)

# What gives a person something to see; it waits for its record. A sign-out or a refusal never does.
_GIVING = frozenset(Action) - {Action.SIGN_OUT}


class Trail:
    """The trail of one process. `append` must have written the line before it returns, or raise OSError.

    `required`: nothing is shown that could not be recorded; else it is shown, and the log says so. `known` gives the
    fields of Record that are known of the request being answered.
    """

    def __init__(
        self,
        append: Callable[[bytes], None],
        *,
        required: bool = True,
        known: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._append, self._required, self._known = append, required, known

    def write(self, action: Action, facts: Mapping[str, Any], refusal: SightlineError | None = None) -> None:
        """Writes one record, dated now; `facts` are fields of Record by their names.

        Raises AuditUnavailable where it cannot be written, is required, and somebody would get to see something.
        """
        try:
            self._append(msgspec.json.encode(_record(action, {**self._known(), **facts}, refusal)))
        except OSError as cause:
            _log.critical("audit trail not written: %s, chart %s: %s", action, facts.get("chart", "unknown"), cause)
            if self._required and action in _GIVING and not refusal:
                raise AuditUnavailable(f"{type(cause).__name__} {cause.errno}") from cause


def _record(action: Action, facts: Mapping[str, Any], refusal: SightlineError | None) -> Record:
    recorded = datetime.now(UTC).isoformat(timespec="milliseconds")
    outcome = type(refusal).__name__ if refusal else "success"
    fitting: dict[str, Any] = {name: _text(value) if isinstance(value, str) else value for name, value in facts.items()}
    return Record(action, outcome, recorded, id=new_id(), refusal_code=_code(refusal), **fitting)


def _code(refusal: SightlineError | None) -> str:
    if refusal is None:
        return ""
    found = (code for kinds, code in _CODES if isinstance(refusal, kinds))
    return next(found, _MAJOR if type(refusal) is SightlineError else _REFUSED)


def _text(value: str) -> str:
    """What came from an EHR may be of any length, and a lone surrogate in it has no UTF-8."""
    if len(value) <= _LONGEST and value.isascii():
        return value
    return value[:_LONGEST].encode("utf-8", "replace").decode()
