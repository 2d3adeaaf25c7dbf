"""How much one chart or one sign-in may ask for: more than any person looks at, less than a program would.

All processes count together, in the store. What the limits on launches are for networks this is for who is let in.
"""

import time
from typing import Protocol

from sightline.audit_record import Action
from sightline.errors import TooOften
from sightline.web.parts import parts

MOST_A_MINUTE = {Action.LIST: 60, Action.OPEN: 120, Action.REPORT: 120, Action.PATIENT_SEARCH: 30}
"""A list counts when the sources are asked for it anew."""

_WINDOW_SECONDS = 60


class LetIn(Protocol):
    """A chart or a sign-in, as far as it is needed here."""

    @property
    def id(self) -> str: ...

    @property
    def audit_facts(self) -> dict[str, str]: ...


def kept(action: Action, by: LetIn) -> None:
    """Counts one more. Raises TooOften beyond the most; of those that are too many the first is on the trail."""
    most = MOST_A_MINUTE[action]
    count, ends_at = parts().store.count(f"{action}:{by.id}", _WINDOW_SECONDS)
    if count > most:
        refusal = TooOften(f"{action} more than {most} times in a minute")
        refusal.retry_after = max(1, round(ends_at - time.time()))
        if count == most + 1:
            parts().trail.write(action, by.audit_facts, refusal)
        raise refusal
