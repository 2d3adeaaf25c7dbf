"""The way out of the EHR's frame into a tab of its own: a ticket that needs no cookie.

A cookie set inside the EHR's frame is partitioned (CHIPS): it belongs to the EHR's site, and a new tab, which is ours,
does not have it. So the framed page makes a ticket that opens once and is itself the key to what is handed over: a
place in this chart, with the chart's cookie, or the way into the viewer, without it.
"""

import secrets
import time

import msgspec
from flask import Blueprint, Response

from sightline.audit_record import Action
from sightline.errors import TicketSpent
from sightline.store import sealing
from sightline.web import charts, entering
from sightline.web.charts import Chart
from sightline.web.entering import Entrance
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.refusals import recorded_as

blueprint = Blueprint("new_tab", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.register_error_handler(TicketSpent, recorded_as(Action.OPEN))


class HandedOver(msgspec.Struct, frozen=True):
    """Where the tab goes: into a viewer, or to a page of ours with the chart that it takes along."""

    to: str | Entrance
    chart_id: str = ""
    chart_key: str = ""


def tickets_to_page(chart: Chart, path: str) -> dict[str, str]:
    """To a page of this chart, for as long as that may stay idle: one ticket for a `tab`, one for its own `window`."""
    handed, seconds = HandedOver(path, chart.id, chart.key), parts().settings.chart.idle_seconds
    return {place: _ticket(chart, handed, seconds) for place in ("tab", "window")}


def ticket_to_viewer(chart: Chart, way: Entrance, seconds: float) -> str:
    """A ticket to the viewer itself."""
    return _ticket(chart, HandedOver(way), seconds)


@blueprint.get("/tab/<ticket>")
def page(ticket: str) -> Response:
    """Takes the ticket, which is used up by it, and sends the tab on."""
    place = _place(ticket)
    sealed = parts().store.take(place)
    plain = sealing.unseal(sealed, parts().settings.secret_key, ticket, place) if sealed else None
    try:
        handed = msgspec.json.decode(plain or b"", type=HandedOver)
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise TicketSpent("unknown, used or too old") from cause
    if isinstance(handed.to, Entrance):
        return entering.enter(handed.to)
    response = entering.Onward(handed.to)
    charts.give_cookie(response, handed.chart_id, handed.chart_key)
    return response


def _ticket(chart: Chart, handed: HandedOver, seconds: float) -> str:
    made = f"{secrets.token_urlsafe(32)}.{chart.id}"
    sealed = sealing.seal(msgspec.json.encode(handed), parts().settings.secret_key, made, _place(made))
    parts().store.put(_place(made), sealed, time.time() + seconds)
    return made


def _place(ticket: str) -> str:
    """Ends like every row of its chart, and goes with them."""
    return f"tab-{sealing.place_of(ticket)}:{ticket.partition('.')[2]}"
