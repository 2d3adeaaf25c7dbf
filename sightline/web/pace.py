"""How much one chart or one sign-in may ask for: more than any person looks at, less than a program would.

All processes count together, in the store. What the limits on launches are for networks this is for who is let in.
Nearly everybody stays far below the most: so a process tells the store of several together, and of most charts never.
"""

import time
from threading import Lock
from typing import Protocol

from msgspec import Struct

from sightline.audit_record import Action
from sightline.errors import TooOften
from sightline.web.parts import parts

MOST_A_MINUTE = {
    Action.LIST: 60,
    Action.OPEN: 120,
    Action.REPORT: 120,
    Action.PICTURES: 600,
    Action.PATIENT_SEARCH: 30,
}
"""A list counts when the sources are asked for it anew."""

_WINDOW_SECONDS = 60

_TELLINGS = 10
"""A process tells the store of this part of the most together: so far it may go beyond it, where others count too."""

_MOST_TALLIES = 10_000


class LetIn(Protocol):
    """A chart or a sign-in, as far as it is needed here."""

    @property
    def id(self) -> str: ...

    @property
    def audit_facts(self) -> dict[str, str]: ...


class _Tally(Struct):
    """How many the store was not told of yet, how many it is told of together, and until when that holds."""

    together: int
    ends_at: float
    untold: int = 0


_tallies: dict[str, _Tally] = {}
_counting = Lock()


def kept(action: Action, by: LetIn) -> None:
    """Counts one more. Raises TooOften beyond the most; of those that are too many the first is on the trail."""
    most, key = MOST_A_MINUTE[action], f"{action}:{by.id}"
    tally, more = _counted(key, max(1, most // _TELLINGS))
    if not more:
        return
    count, ends_at = parts().store.count(key, _WINDOW_SECONDS, more)
    if count + tally.together > most:
        tally.together, tally.ends_at = 1, ends_at
    if count > most:
        refusal = TooOften(f"{action} more than {most} times in a minute")
        refusal.retry_after = max(1, round(ends_at - time.time()))
        if count - more <= most:
            parts().trail.write(action, by.audit_facts, refusal)
        raise refusal


def _counted(key: str, together: int) -> tuple[_Tally, int]:
    """One more. The process's own tally of that key, and how many the store is to be told of now, or 0."""
    now = time.time()
    with _counting:
        tally = _tallies.get(key)
        if tally is None or now >= tally.ends_at:
            _forget_old(now)
            tally = _tallies[key] = _Tally(together, now + _WINDOW_SECONDS)
        tally.untold += 1
        if tally.untold < tally.together:
            return tally, 0
        more, tally.untold = tally.untold, 0
        return tally, more


def _forget_old(now: float) -> None:
    if len(_tallies) >= _MOST_TALLIES:
        for key in [key for key, tally in _tallies.items() if now >= tally.ends_at]:
            del _tallies[key]
