"""The last step into a viewer, when a ticket is taken: on by a redirect, or by a form that posts itself.

By a redirect the viewer's log holds what is asked for, as every GET's does. By a form it stands in the body; the page
may send it to that viewer's origins alone. A proof, where the viewer asks for one, is made here and not earlier, so
that its two minutes begin when the browser goes.
"""

from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

import msgspec
from flask import Response, g, make_response
from werkzeug.datastructures import Headers

from sightline import proof
from sightline.errors import CannotOpen, TicketSpent
from sightline.phrase import Phrase
from sightline.settings import ViewerSettings
from sightline.settings.addresses import origin_of
from sightline.viewers import LONGEST_ADDRESS
from sightline.viewing import Opening
from sightline.web import templates
from sightline.web.charts import Chart
from sightline.web.parts import parts


class Entrance(msgspec.Struct, frozen=True):
    """What a ticket leads to: a viewer by its name, the address in it, and what its proof will say, if it wants one."""

    viewer: str
    address: str
    statement: proof.Statement | None = None


class Onward(Response):
    """A redirect to the very address: Werkzeug's own takes the // out of `weasis://?…`, which is then no command."""

    def __init__(self, to: str) -> None:
        super().__init__(status=303, headers={"Location": to})

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """As always, with the Location as it was given."""
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self.headers["Location"]
        return headers


def entrance(chart: Chart, opening: Opening) -> Entrance:
    """The way into what is opened in this chart. Raises CannotOpen where no proof can be made out."""
    viewer = opening.viewer
    said = proof.statement(opening.wanted, viewer, chart.row.user) if viewer.proof else None
    return Entrance(viewer.name, opening.url, said)


def enter(way: Entrance) -> Response:
    """Sends the browser into the viewer. Raises TicketSpent where the settings no longer have it as it was."""
    viewer = next((each for each in parts().settings.viewers if each.name == way.viewer), None)
    if viewer is None or viewer.origin != origin_of(way.address) or bool(viewer.proof) != bool(way.statement):
        raise TicketSpent("the settings have another viewer of that name now")
    shown = _proof(viewer, way.statement) if way.statement else []
    if viewer.method == "post":
        return _form(viewer, way.address, shown)
    address = way.address + "".join(f"{'&' if '?' in way.address else '?'}{name}={value}" for name, value in shown)
    if len(address) > LONGEST_ADDRESS:
        what = f"an address of {len(address)} characters with its proof"
        raise CannotOpen(what, Phrase("This is too much for one address. Open fewer studies at once."))
    return Onward(address)


def _proof(viewer: ViewerSettings[Any], said: proof.Statement) -> list[tuple[str, str]]:
    it = parts()
    key = it.servers.client_keys.proving
    if key is None:  # settings that ask for a proof have a key
        raise TicketSpent("no key for ES256")
    return [(viewer.proof, proof.signed(said, viewer.proof_audience, it.settings.public_url, key))]


def _form(viewer: ViewerSettings[Any], address: str, shown: list[tuple[str, str]]) -> Response:
    """The query of the address as the fields of a form. Browsers hold `form-action` against each redirect after it."""
    to, _, query = address.partition("?")
    fields = parse_qsl(query, keep_blank_values=True) + shown
    g.posts_to = (viewer.origin, *viewer.frame_origins)
    return make_response(templates.render("viewer/posted.html", viewer=viewer, to=to, fields=fields))
