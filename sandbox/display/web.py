"""The display's addresses. Five share one grammar: two good ones, one that refuses frames, one that is silent, and one
that is asked by a form and with a proof only.

Reads `archive` and `proofs` of `current_app.extensions`, and `current_app.config["FRAME_ANCESTORS"]`, origins that may
frame it.
"""

import time

from flask import Blueprint, Response, current_app, make_response, render_template, request

from sandbox.display.parameters import Refused
from sandbox.display.rad106 import parse
from sandbox.display.selection import select
from sandbox.words import day, full_name

blueprint = Blueprint("display", __name__)
blueprint.add_app_template_filter(full_name)
blueprint.add_app_template_filter(day)
SILENCE_SECONDS = 60


@blueprint.get("/display/IHEInvokeImageDisplay", endpoint="invoke")
@blueprint.get("/display-south/IHEInvokeImageDisplay", endpoint="south")
@blueprint.get("/display-refusing/IHEInvokeImageDisplay", endpoint="refusing")
def invoke() -> Response:
    """RAD-106: the viewer page with the studies asked for, or a refusal that a person understands inside a frame."""
    selection = select(parse(request.args.items(multi=True)), current_app.extensions["archive"])
    return make_response(render_template("display/viewer.html", selection=selection))


@blueprint.post("/display-guarded/IHEInvokeImageDisplay")
def guarded() -> Response:
    """RAD-106 by a form, whose field `proof` is a token that lets these studies be shown."""
    selection = select(parse(request.form.items(multi=True)), current_app.extensions["archive"])
    current_app.extensions["proofs"].check(request.form.get("proof", ""), selection)
    return make_response(render_template("display/viewer.html", selection=selection))


@blueprint.get("/display-silent/IHEInvokeImageDisplay")
def silent() -> Response:
    """A display that hangs: it answers only after a minute (`DISPLAY_SILENCE_SECONDS` in the configuration)."""
    time.sleep(current_app.config.get("DISPLAY_SILENCE_SECONDS", SILENCE_SECONDS))
    return invoke()


@blueprint.get("/display/", endpoint="idle")
@blueprint.get("/display-guarded/", endpoint="idle-guarded")
@blueprint.get("/display-south/", endpoint="idle-south")
@blueprint.get("/display-refusing/", endpoint="idle-refusing")
def idle() -> Response:
    """The display without a request: it is there, with the headers of its pages, and shows nothing."""
    return make_response(render_template("display/idle.html"))


@blueprint.get("/display-silent/")
def idle_silent() -> Response:
    """The display that hangs, without a request."""
    time.sleep(current_app.config.get("DISPLAY_SILENCE_SECONDS", SILENCE_SECONDS))
    return idle()


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    """The refusal's page names the reason and what was asked."""
    asked = list(request.values.items(multi=True))
    return render_template("display/refusal.html", refusal=refusal, asked=asked), refusal.status


@blueprint.after_request
def headers(response: Response) -> Response:
    """Who may frame the display, and nothing kept, nothing foreign loaded, no address given away."""
    if request.endpoint in ("display.refusing", "display.idle-refusing"):
        response.headers["X-Frame-Options"] = "DENY"
        ancestors = "'none'"
    else:
        ancestors = " ".join(current_app.config["FRAME_ANCESTORS"]) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
