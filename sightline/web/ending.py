"""How a chart ends: by itself, a minute after its pages said so, or because somebody signs out.

A page with patient data asks now and then, without prolonging anything, how long its chart still lives; only the server
knows, since other windows prolong and close it too. What is done inside the viewer's frame we cannot see: a chart is
idle while no page of ours is asked for. Without JavaScript the page itself gives way to a question.
"""

import time
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, url_for

from sightline.audit_record import Action
from sightline.errors import ChartClosed, SightlineError, SignInOver
from sightline.web import charts, csrf
from sightline.web.charts import Chart
from sightline.web.parts import parts

blueprint = Blueprint("ending", __name__)

_WARNING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ending:
    """What a page says of its chart's end: seconds that are left, and the last of them, during which it warns.

    `may_stay` is false where the chart has reached its absolute end. `words` are those for when it is over.
    """

    seconds: float
    warning_seconds: float
    ends_at: float
    may_stay: bool
    token: str
    words: type[SightlineError]

    @property
    def unwarned_seconds(self) -> int:
        """Whole seconds until it is time to warn."""
        return max(1, int(self.seconds - self.warning_seconds))


def register(app: Flask) -> None:
    """Gives templates `ending_of(chart)`."""
    app.add_template_global(ending_of, "ending_of")


def ending_of(chart: Chart) -> Ending:
    """How this chart would end if nobody asked for anything any more."""
    idle_seconds = parts().settings.chart.idle_seconds
    return Ending(
        seconds=max(0.0, chart.ends_at - time.time()),
        warning_seconds=min(_WARNING_SECONDS, idle_seconds / 2),
        ends_at=chart.ends_at,
        may_stay=chart.ends_at < chart.row.closes_at,
        token=csrf.token(chart.key),
        words=SignInOver if chart.row.sign_in else ChartClosed,
    )


@blueprint.get("/s/<chart_id>/time-left")
def time_left(chart_id: str) -> Response:
    """Seconds that are left, for the page's script; prolongs nothing."""
    ending = ending_of(charts.current(chart_id, renews=False))
    return jsonify(seconds=ending.seconds, may_stay=ending.may_stay)


@blueprint.get("/s/<chart_id>/still-there")
def still_there(chart_id: str) -> str:
    """Takes the place of a page with patient data, without JavaScript, when the chart is about to end."""
    chart = charts.current(chart_id, renews=False)
    return render_template("ending/still_there.html", chart_id=chart.id, ending=ending_of(chart))


@blueprint.post("/s/<chart_id>/stay")
def stay(chart_id: str) -> Response:
    """Somebody is there: the chart lives for the whole idle time again."""
    chart = charts.current(chart_id)
    return charts.renew_cookie(_to(url_for("studies.page", chart_id=chart.id)))


@blueprint.post("/s/<chart_id>/sign-out")
def sign_out(chart_id: str) -> Response:
    """Ends the chart for every window that shows it; its record is written once that is certain."""
    chart = charts.current(chart_id, renews=False)
    looked_up = chart.row.sign_in
    response = _to(url_for("sign_in.is_out", ehr_name=chart.ehr.name) if looked_up else url_for("ending.signed_out"))
    charts.close(response, chart)
    parts().trail.write(Action.SIGN_OUT, chart.audit_facts)
    return response


@blueprint.get("/signed-out")
def signed_out() -> str:
    """What stands in the frame afterwards, the same for everybody."""
    return render_template("ending/signed_out.html")


def _to(address: str) -> Response:
    return make_response(redirect(address, 303))
