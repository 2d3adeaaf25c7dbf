"""What was refused before any chart was open, or after it was closed, is on the trail too: somebody tried."""

from collections.abc import Callable

from flask import g, request

from sightline.audit_record import Action, chart_digest
from sightline.errors import SightlineError
from sightline.web import error_pages
from sightline.web.parts import parts


def recorded_as(action: Action) -> Callable[[SightlineError], tuple[str, int]]:
    """An error handler that writes the refusal of this action, with what is known of the chart, and shows its page."""

    def recorded(refusal: SightlineError) -> tuple[str, int]:
        chart, chart_id = g.get("chart"), (request.view_args or {}).get("chart_id")
        facts = chart.audit_facts if chart else {"chart": chart_digest(chart_id)} if chart_id else {}
        parts().trail.write(action, facts, refusal)
        return error_pages.shown(refusal)

    return recorded
