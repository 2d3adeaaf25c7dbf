"""Images in their viewer: our strip above, the hospital's viewer in a fresh frame below, entered by a ticket.

One study, or all images of the chart's patient.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request, url_for

from sightline.audit_record import Action
from sightline.errors import CannotOpenAll, ChartClosed, SightlineError, TicketSpent
from sightline.ordering import ORDERS
from sightline.phrase import Phrase
from sightline.viewing import Choice, Opening
from sightline.web import (
    charts,
    choosing,
    entering,
    error_pages,
    list_address,
    new_tab,
    pace,
    report_reading,
    templates,
    wishes,
)
from sightline.web.charts import Chart
from sightline.web.entering import Entrance
from sightline.web.list_part import ROWS_A_PAGE
from sightline.web.methods import deliberate_get_only
from sightline.web.neighbours import Neighbours
from sightline.web.parts import parts
from sightline.web.reading import Reading, study_in_list
from sightline.web.refusals import recorded_as
from sightline.web.rows import row

blueprint = Blueprint("viewer", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.OPEN))
blueprint.register_error_handler(TicketSpent, recorded_as(Action.OPEN))

TICKET_SECONDS = 60
ALL_IMAGES = Phrase("All images of this patient")


@blueprint.get("/s/<chart_id>/view/<study_key>")
def page(chart_id: str, study_key: str) -> Response:
    """Finds the study in this chart, records that it is opened, shows strip and frame."""
    chart, address = charts.current(chart_id), list_address.of_request()
    with recorded_opening(chart) as facts:
        viewer = choosing.by_hand()
        study, findings = study_in_list(chart, study_key)
        facts |= choosing.named(study)
        wished = wishes.wished(chart, study)
        choice = choosing.for_study(chart, study, viewer, wished)
        facts |= choosing.facts(choice)
        opening = choosing.opened(choice)
        if opening.viewer.open == "split":
            Reading(chart, anew=False, again=findings).record()
    place: dict[str, Any] = {"chart_id": chart.id, "study_key": study_key, "viewer": viewer or None}
    place |= choosing.whole_or_not() | address.way_back
    shown = row(chart, study)
    about: dict[str, Any] = {
        "row": shown,
        "label": shown.label,
        "back": url_for("studies.page", chart_id=chart.id, **address.way_back, _anchor=study_key),
        "others": url_for("other_viewers.page", **{**place, "viewer": None}),
        "whole": url_for("viewer.page", **{**place, "whole": 1}),
        "findings": findings,
        "rows_a_page": ROWS_A_PAGE,
    }
    about |= _report_beside(chart, place) | wishes.in_words(wished, opening)
    about["neighbours"] = Neighbours(chart, study, findings, address, about["beside"])
    if choosing.takes_all_images(chart, choice.viewer):
        all_images = {"chart_id": chart.id, "viewer": choice.viewer.name, "whole": 1, **address.way_back}
        about["all_images"] = url_for("viewer.all_images", **all_images)
    return _shown(chart, choice, opening, "viewer.page", {**place, "report": about["beside"]}, **about)


def _report_beside(chart: Chart, place: dict[str, Any]) -> dict[str, Any]:
    """Whether there may be a report, whether it stands beside the images, and the address of the page either way."""
    return {
        "offers_reports": report_reading.may_be_asked(chart),
        "beside": "beside" if request.args.get("report") == "beside" else None,
        "with_report": url_for("viewer.page", **place, report="beside"),
        "without_report": url_for("viewer.page", **place),
    }


@blueprint.get("/s/<chart_id>/all-images")
def all_images(chart_id: str) -> Response:
    """All images of the chart's patient, as far as the list's filter lets them through: recorded, strip and frame."""
    chart, address = charts.current(chart_id), list_address.of_request()
    with recorded_opening(chart) as facts:
        viewer = choosing.by_hand()
        wished = wishes.wished(chart)
        choice = choosing.for_patient(chart, limits := choosing.asked_limits(), viewer, wished)
        if choice is None:
            raise CannotOpenAll("no viewer takes PATIENT")
        facts |= choosing.facts(choice)
        if refusal := choosing.refusal_of_all(chart.authorization):
            raise CannotOpenAll("a scope that a query narrows", refusal)
        opening = choosing.opened(choice)
    place = {"chart_id": chart.id, "viewer": viewer or None, **choosing.whole_or_not(), **address.way_back}
    back = url_for("studies.page", chart_id=chart.id, **address.way_back)
    about = {"limits": choosing.limits_in_words(choice, limits), "label": ALL_IMAGES, "back": back}
    about |= wishes.in_words(wished, opening)
    about["whole"] = url_for("viewer.all_images", **{**place, "whole": 1})
    about["others"] = url_for("other_viewers.for_patient", **{**place, "viewer": None})
    return _shown(chart, choice, opening, "viewer.all_images", place, **about)


@blueprint.get("/s/<chart_id>/ticket/<ticket>")
def ticket(chart_id: str, ticket: str) -> Response:
    """Sends the frame to the viewer: once, within a minute, and only in the chart the ticket was made for."""
    chart = charts.current(chart_id)
    kept = chart.recall(f"ticket-{ticket}", once=True)
    try:
        return entering.enter(msgspec.json.decode(kept or b"", type=Entrance))
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise TicketSpent("unknown, used, too old, or another chart's") from cause


@contextmanager
def recorded_opening(chart: Chart) -> Iterator[dict[str, Any]]:
    """Puts on the trail what is opened in this block, when it ends, or that it was refused.

    What is known of it, besides the chart, is put into the facts that it gives.
    """
    pace.kept(Action.OPEN, chart)
    facts: dict[str, Any] = dict(chart.audit_facts)
    try:
        yield facts
    except SightlineError as refusal:
        parts().trail.write(Action.OPEN, facts, refusal)
        raise
    parts().trail.write(Action.OPEN, facts)


def _shown(
    chart: Chart, choice: Choice, opening: Opening, endpoint: str, place: dict[str, Any], **about: Any
) -> Response:
    """The page: `place` are the arguments of its address, `about` is what its strip says and where it leads."""
    here = url_for(endpoint, **place)
    shown = {
        "chart": chart,
        "choice": choice,
        "viewer": opening.viewer,
        "program": opening.program,
        "address": list_address.of_request(),
        "orders": ORDERS,
        "again": here,
        "reference": error_pages.reference(),
        "alone": url_for(endpoint, **place, alone=1),
        **about,
    }
    refused = why_not_framed(chart, opening)
    if opening.framed and not refused and "alone" not in request.args:
        shown |= {"ticket": frame_ticket(chart, opening), **new_tab.tickets_to_page(chart, here)}
        return make_response(templates.render("viewer/framed.html", **shown))
    shown["refused"] = refused
    shown["tab"] = new_tab.ticket_to_viewer(chart, entering.entrance(chart, opening), TICKET_SECONDS)
    return make_response(templates.render("viewer/alone.html", **shown))


def why_not_framed(chart: Chart, opening: Opening) -> str:
    """What a check found against a frame of ours here. Above a page in a window of its own no EHR stands."""
    above = () if request.headers.get("Sec-Fetch-Dest") == "document" else chart.ehr.frame_ancestors
    return parts().preflight.refusal(opening.viewer, above)


def frame_ticket(chart: Chart, opening: Opening) -> str:
    """A ticket to the viewer, for a frame in a page of this chart."""
    made = secrets.token_urlsafe(32)
    way = msgspec.json.encode(entering.entrance(chart, opening))
    chart.remember(f"ticket-{made}", way, TICKET_SECONDS)
    return made
