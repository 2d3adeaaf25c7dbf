"""The list page: a patient's imaging studies inside the chart."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import chain

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    stream_with_context,
    url_for,
)
from markupsafe import Markup

from sightline.audit_record import Action
from sightline.errors import ChartClosed
from sightline.filtering import PERIODS, Filter
from sightline.ordering import ORDERS
from sightline.web import charts, choosing, languages, list_address, templates
from sightline.web.list_address import ListAddress
from sightline.web.list_part import ROWS_A_PAGE
from sightline.web.listing import Listing
from sightline.web.reading import Reading
from sightline.web.refusals import recorded_as

blueprint = Blueprint("studies", __name__)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.LIST))

_PIECES = 8


def _parts(address: ListAddress) -> Callable[[str], Markup]:
    """What makes those parts of the page that hang on its address alone, by the names of their templates."""
    if address.is_plain:
        return partial(_plain_part, languages.current().code, address.order, address.without_keys)
    return partial(_part, address)


@cache
def _plain_part(language: str, order: str, without_keys: bool, name: str) -> Markup:
    """The same on every list in this language, that of the request, in this order, as long as nothing is filtered."""
    return _part(ListAddress(Filter(), 1, False, False, order=order, without_keys=without_keys), name)


def _part(address: ListAddress, name: str) -> Markup:
    made = templates.render(name, address=address, periods=PERIODS, orders=ORDERS)
    return Markup(made)  # noqa: S704 - a template of ours, escaped


@blueprint.get("/s/<chart_id>")
def without_slash(chart_id: str) -> Response:
    """The same address with its slash; Flask's own redirect would take the host from the request."""
    return make_response(redirect(url_for("studies.page", chart_id=chart_id), 303))


@blueprint.get("/s/<chart_id>/")
def page(chart_id: str) -> Response:
    """Reads the address, asks for the list, sends the page; a long list's page while it is still being read.

    What does not depend on the list is written while the sources think.
    """
    chart, address = charts.current(chart_id), list_address.of_request()
    reading = Reading(chart, anew=address.anew, with_reports=True)
    listing = Listing(chart, reading, address)
    shown = {"chart": chart, "listing": listing, "address": address, "rows_a_page": ROWS_A_PAGE}
    shown |= {"orders": ORDERS, "made": _parts(address)}
    if choice := choosing.for_patient(chart, address.filter):
        shown |= {"all_images": choice, "limits": choosing.limits_in_words(choice, address.filter)}
        shown["no_all_images"] = choice.obstacle or choosing.refusal_of_all(reading.authorization)
    pieces, made = templates.template("studies/list.html").generate(shown), list[str]()
    for piece in pieces:
        made.append(piece)
        if listing.is_begun:
            break
    if listing.goes_on:
        rest = _in_pieces(reading, listing, chain(made, pieces))
        return Response(stream_with_context(rest), mimetype="text/html")
    made.extend(pieces)
    reading.keep()
    return make_response("".join(made))


def _in_pieces(reading: Reading, listing: Listing, pieces: Iterator[str]) -> Iterator[str]:
    """The page as it becomes known: a few rows a piece, and all that is written before anything is waited for."""
    written: list[str] = []
    try:
        for piece in pieces:
            written.append(piece)
            if len(written) >= _PIECES or listing.pauses:
                listing.pauses = False
                yield "".join(written)
                written.clear()
        yield "".join(written)
    finally:
        reading.leave()  # the browser may have gone in the middle
    if not listing.refusal:
        reading.keep()
