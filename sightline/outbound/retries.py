"""When a question is asked again, and after how long. Only GET may be: what a POST began may have happened already."""

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import RemoteDisconnected

from sightline.errors import SourceUnreachable
from sightline.outbound.answer import Answer

# What a server, or the proxy before it, answers while it is not up to it.
_PASSING = frozenset({502, 503, 504})
_PAUSES = (0.1, 0.4)


def persistently(ask: Callable[[], Answer], deadline: float) -> Answer:
    """The answer, asked for twice more if it fails in passing, as far as the pauses between fit before the deadline.

    Retry-After makes a pause longer; one that is too long ends it at once. Raises what the last `ask` raises.
    """
    for pause in _PAUSES:
        try:
            answer = ask()
        except SourceUnreachable as failure:
            if not _broke_unanswered(failure) or not _waited(pause, deadline):
                raise
        else:
            if answer.status not in _PASSING or not _waited(max(pause, _wished(answer)), deadline):
                return answer
    return ask()


def _broke_unanswered(failure: SourceUnreachable) -> bool:
    """Whether not a byte of the answer had come: so ends a kept connection that the server closes just then."""
    return isinstance(failure.__cause__, RemoteDisconnected)


def _waited(seconds: float, deadline: float) -> bool:
    fits = time.monotonic() + seconds < deadline
    if fits:
        time.sleep(seconds)
    return fits


def _wished(answer: Answer) -> float:
    """Seconds until Retry-After (RFC 9110 section 10.2.3), a number or a date; 0 for anything else."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return 0.0
