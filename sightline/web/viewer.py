"""A study in its viewer: our strip above, the hospital's viewer in a fresh frame below, entered by a ticket."""

import secrets

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, url_for

from sightline import viewing
from sightline.audit_record import Action
from sightline.errors import ChartClosed, SightlineError, TicketSpent
from sightline.study import Study
from sightline.viewers.contract import Wanted
from sightline.web import charts, entering, list_address, new_tab, pace, report_reading
from sightline.web.charts import Chart
from sightline.web.entering import Entrance
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.reading import study_named
from sightline.web.refusals import recorded_as
from sightline.web.rows import chosen_viewer, row

blueprint = Blueprint("viewer", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.OPEN))
blueprint.register_error_handler(TicketSpent, recorded_as(Action.OPEN))

TICKET_SECONDS = 60


@blueprint.get("/s/<chart_id>/view/<study_key>")
def page(chart_id: str, study_key: str) -> Response:
    """Finds the study in this chart, records that it is opened, shows strip and frame."""
    chart, address = charts.current(chart_id), list_address.of_request()
    study, opening = _opened(chart, study_key)
    beside = "beside" if request.args.get("report") == "beside" else None

    def itself(report: str | None) -> str:
        return url_for("viewer.page", chart_id=chart.id, study_key=study_key, report=report, **address.way_back)

    here = itself(beside)
    shown = {
        "offers_reports": report_reading.may_be_asked(chart),
        "beside": beside,
        "with_report": itself("beside"),
        "without_report": itself(None),
        "chart": chart,
        "row": row(chart, study),
        "viewer": opening.viewer,
        "program": opening.program,
        "address": address,
        "again": here,
        "back": url_for("studies.page", chart_id=chart.id, **address.way_back, _anchor=study_key),
    }
    refused = why_not_framed(chart, opening)
    if opening.framed and not refused and "alone" not in request.args:
        shown |= {"ticket": frame_ticket(chart, opening), **new_tab.tickets_to_page(chart, here)}
        return make_response(render_template("viewer/framed.html", **shown))
    shown["refused"] = refused
    shown["tab"] = new_tab.ticket_to_viewer(chart, entering.entrance(chart, opening), TICKET_SECONDS)
    return make_response(render_template("viewer/alone.html", **shown))


@blueprint.get("/s/<chart_id>/ticket/<ticket>")
def ticket(chart_id: str, ticket: str) -> Response:
    """Sends the frame to the viewer: once, within a minute, and only in the chart the ticket was made for."""
    chart = charts.current(chart_id)
    kept = chart.recall(f"ticket-{ticket}", once=True)
    try:
        return entering.enter(msgspec.json.decode(kept or b"", type=Entrance))
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise TicketSpent("unknown, used, too old, or another chart's") from cause


def _opened(chart: Chart, study_key: str) -> tuple[Study, viewing.Opening]:
    pace.kept(Action.OPEN, chart)
    usual = parts().settings.viewer_of(chart.ehr)
    facts = {**chart.audit_facts, "viewer": usual.name, "viewer_origin": usual.origin}
    try:
        study = study_named(chart, study_key)
        viewer = chosen_viewer(chart, study).viewer
        facts |= {"viewer": viewer.name, "viewer_origin": viewer.origin, "study": study.reference}
        facts |= {"study_uid": study.uid or "", "accession": study.accession or ""}
        opening = viewing.opening(Wanted((study,), chart.patient), viewer)
    except SightlineError as refusal:
        parts().trail.write(Action.OPEN, facts, refusal)
        raise
    parts().trail.write(Action.OPEN, facts)
    return study, opening


def why_not_framed(chart: Chart, opening: viewing.Opening) -> str:
    """What a check found against a frame of ours here. Above a page in a window of its own no EHR stands."""
    above = () if request.headers.get("Sec-Fetch-Dest") == "document" else chart.ehr.frame_ancestors
    return parts().preflight.refusal(opening.viewer, above)


def frame_ticket(chart: Chart, opening: viewing.Opening) -> str:
    """A ticket to the viewer, for a frame in a page of this chart."""
    made = secrets.token_urlsafe(32)
    way = msgspec.json.encode(entering.entrance(chart, opening))
    chart.remember(f"ticket-{made}", way, TICKET_SECONDS)
    return made
