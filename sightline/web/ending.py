"""How a chart, or a sign-in, ends: by itself, a minute after its pages said so, or because somebody signs out.

A page with patient data asks now and then, without prolonging anything, how long its chart still lives; only the server
knows, since other windows prolong and close it too. The page of patients that were found does the same for its sign-in.
What is done inside the viewer's frame we cannot see: a chart is idle while no page of ours is asked for. Without
JavaScript the page itself gives way to a question.
"""

import time

from flask import Blueprint, Flask, Response, g, jsonify, make_response, redirect, url_for
from msgspec import Struct

from sightline.audit_record import Action
from sightline.errors import ChartClosed, SightlineError, SignInOver
from sightline.web import charts, csrf, signed_in, templates
from sightline.web.charts import Chart
from sightline.web.parts import parts
from sightline.web.signed_in import SignedIn

blueprint = Blueprint("ending", __name__)

_WARNING_SECONDS = 60.0


class Ending(Struct, frozen=True):
    """What a page says of its end: seconds that are left, and the last of them, during which it warns.

    `may_stay` is false where the absolute end is reached. `words` are those for when it is over. Its script asks at
    `time_left_address`, and posts to `stay_address` that somebody is there.
    """

    seconds: float
    warning_seconds: float
    ends_at: float
    may_stay: bool
    token: str
    words: type[SightlineError]
    time_left_address: str
    stay_address: str

    @property
    def unwarned_seconds(self) -> int:
        """Whole seconds until it is time to warn."""
        return max(1, int(self.seconds - self.warning_seconds))


def register(app: Flask) -> None:
    """Gives templates `ending_of(chart)`, which takes a sign-in too."""
    app.add_template_global(ending_of, "ending_of")


def ending_of(opened: Chart | SignedIn) -> Ending:
    """How this chart or sign-in would end if nobody asked for anything any more; made out once a page."""
    made: dict[str, Ending] = g.setdefault("endings", {})
    if opened.id not in made:
        made[opened.id] = _ending_of(opened)
    return made[opened.id]


def _ending_of(opened: Chart | SignedIn) -> Ending:
    idle_seconds = parts().settings.chart.idle_seconds
    was_launched = isinstance(opened, Chart) and not opened.row.sign_in
    return Ending(
        seconds=max(0.0, opened.ends_at - time.time()),
        warning_seconds=min(_WARNING_SECONDS, idle_seconds / 2),
        ends_at=opened.ends_at,
        may_stay=opened.ends_at < opened.row.closes_at,
        token=csrf.token(opened.key),
        words=ChartClosed if was_launched else SignInOver,
        time_left_address=f"{opened.path}time-left",
        stay_address=f"{opened.path}stay",
    )


@blueprint.get("/s/<chart_id>/time-left")
def time_left(chart_id: str) -> Response:
    """Seconds that are left, for the page's script; prolongs nothing."""
    return _time_left(ending_of(charts.current(chart_id, renews=False)))


@blueprint.get("/u/<sign_in_id>/time-left")
def time_left_sign_in(sign_in_id: str) -> Response:
    """The same for the page of patients that were found."""
    return _time_left(ending_of(signed_in.current(sign_in_id, renews=False)))


@blueprint.get("/s/<chart_id>/still-there")
def still_there(chart_id: str) -> str:
    """Takes the place of a page with patient data, without JavaScript, when the chart is about to end."""
    chart = charts.current(chart_id, renews=False)
    return templates.render("ending/still_there.html", chart_id=chart.id, ending=ending_of(chart))


@blueprint.post("/s/<chart_id>/stay")
def stay(chart_id: str) -> Response:
    """Somebody is there: the chart lives for the whole idle time again."""
    chart = charts.current(chart_id)
    return charts.renew_cookie(_to(chart.path))


@blueprint.post("/u/<sign_in_id>/stay")
def stay_sign_in(sign_in_id: str) -> Response:
    """The same for a sign-in."""
    opened = signed_in.current(sign_in_id)
    return signed_in.renew_cookie(_to(url_for("patients.form", sign_in_id=opened.id)))


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
    return templates.render("ending/signed_out.html")


def _time_left(ending: Ending) -> Response:
    return jsonify(seconds=ending.seconds, may_stay=ending.may_stay)


def _to(address: str) -> Response:
    return make_response(redirect(address, 303))
