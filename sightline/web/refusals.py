"""What was refused before any chart was open, or after it was closed, is on the trail too: somebody tried.

Whoever has no chart can try without end. So of those that stand for nobody the first of a window is on the trail, for
each network and page, and the others are in the log only.
"""

import time
from collections.abc import Callable

from flask import g, request

from sightline.audit_record import Action, chart_digest
from sightline.errors import SightlineError, StoreUnavailable
from sightline.web import error_pages
from sightline.web.parts import parts
from sightline.web.provenance import network

WINDOW_SECONDS = 60


def recorded_as(action: Action) -> Callable[[SightlineError], tuple[str, int]]:
    """An error handler that writes the refusal of this action, with what is known of the chart, and shows its page."""

    def recorded(refusal: SightlineError) -> tuple[str, int]:
        known = g.get("chart") or g.get("signed_in")
        try:
            if known or is_first(network(), time.time() + WINDOW_SECONDS):
                parts().trail.write(action, known.audit_facts if known else _named(), refusal)
        except StoreUnavailable as failure:
            return error_pages.shown(failure)
        return error_pages.shown(refusal)

    return recorded


def is_first(who: str, ends_at: float) -> bool:
    """Whether this page has refused nobody else of `who` since the last window ended; one process alone is told so."""
    return parts().store.add(f"told:{request.endpoint} {who}", b"", ends_at)


def _named() -> dict[str, str]:
    """What the address names, which is nobody's yet."""
    named = {"chart": "chart_id", "sign_in": "sign_in_id"}
    values = request.view_args or {}
    return {fact: chart_digest(values[name]) for fact, name in named.items() if values.get(name)}
