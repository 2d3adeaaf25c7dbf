"""The list page: a patient's imaging studies inside the chart."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request, stream_with_context

from sightline.filtering import PERIODS, Filter
from sightline.web import charts
from sightline.web.listing import ROWS_A_PAGE, Listing
from sightline.web.reading import Reading

blueprint = Blueprint("studies", __name__)
blueprint.after_request(charts.renew_cookie)

_LONGEST_TEXT = 100
_PIECES = 8


@blueprint.get("/s/<chart_id>/")
def page(chart_id: str) -> Response:
    """Reads the filter, asks for the list, sends the page as it becomes known."""
    chart = charts.current(chart_id)
    reading = Reading(chart, anew=_is("refresh", "1"))
    listing = Listing(chart, reading, _filter(), _page_number(), show_hidden=_is("hidden", "show"))
    arguments = filter_arguments(listing.filter)
    query = f"?{urlencode(arguments)}" if arguments else ""
    shown = {"chart": chart, "listing": listing, "periods": PERIODS, "rows_a_page": ROWS_A_PAGE}
    shown |= {"query": query, "filter_arguments": arguments}
    if listing.is_known:
        return make_response(render_template("studies/list.html", **shown))
    return Response(stream_with_context(_in_pieces(**shown)), mimetype="text/html")


def filter_arguments(wanted: Filter) -> dict[str, Any]:
    """The filter as it stands in an address, so that the way back from a study leads to the same list."""
    named = {"type": wanted.type, "period": wanted.period, "text": wanted.text}
    return {name: value for name, value in named.items() if value}


def filter_in_address() -> Filter:
    """The filter that this request's address names; what it names wrongly counts as not named."""
    return _filter()


def _filter() -> Filter:
    period = request.args.get("period", "")
    return Filter(_words("type"), period if period in PERIODS else "", _words("text"))


def _words(name: str) -> str:
    return "".join(filter(str.isprintable, request.args.get(name, "")))[:_LONGEST_TEXT].strip()


def _page_number() -> int:
    number = request.args.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1


def _is(name: str, value: str) -> bool:
    return request.args.get(name) == value


def _in_pieces(**context: object) -> Iterator[str]:
    """The page as it becomes known: a few rows a piece, so that the first do not wait for the last."""
    template = current_app.jinja_env.get_template("studies/list.html")
    current_app.update_template_context(context)
    pieces = template.stream(**context)
    pieces.enable_buffering(_PIECES)
    return pieces
