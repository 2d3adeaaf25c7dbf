"""The authorization endpoint (SMART 2.2 "App Launch"), and the choice of a patient for a standalone launch.

Nobody signs in: whoever can open the simulated hospital's pages is its doctor on duty.
"""

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.page_headers import guard
from sandbox.smart.authorize_request import Denied, NotTrusted, authorization, trusted_client
from sandbox.smart.grants import Authorization, Grants

blueprint = Blueprint("authorize", __name__, url_prefix="/auth")
blueprint.after_request(guard)


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response | str:
    """Send the browser back with a code, or with an error; or ask for the patient first."""
    form = request.form if request.method == "POST" else request.args
    trusted_client(current_app.extensions["clients"], form)
    try:
        allowed = authorization(form, current_app.extensions["audiences"], _grants())
    except Denied as denied:
        answer = {"error": denied.error, "error_description": denied.text, "state": form.get("state", "")}
        return _back(form["redirect_uri"], answer)
    if not allowed.patient:
        patients = current_app.extensions["hospital"].patients.values()
        return render_template("smart/pick_patient.html", asked=_grants().ask_patient(allowed), patients=patients)
    return _back_with_code(allowed)


@blueprint.post("/patient")
def pick_patient() -> Response:
    """Go on with the authorization that waits for this patient."""
    asked = _grants().take_asked(request.form.get("asked", ""))
    patient = request.form.get("patient", "")
    if asked is None or patient not in current_app.extensions["hospital"].patients:
        raise NotTrusted("This choice of a patient is too old, or was made before. Start the application once more.")
    return _back_with_code(replace(asked, patient=patient))


@blueprint.errorhandler(NotTrusted)
def explain(error: NotTrusted) -> tuple[str, int]:
    """A page for the person; redirecting to an address that is not trusted would be an open redirect."""
    return render_template("smart/not_trusted.html", reason=str(error)), 400


def _grants() -> Grants:
    grants: Grants = current_app.extensions["grants"]
    return grants


def _back_with_code(allowed: Authorization) -> Response:
    return _back(allowed.redirect_uri, {"code": _grants().code(allowed), "state": allowed.state})


def _back(redirect_uri: str, answer: dict[str, str]) -> Response:
    """The server always says its name, so that nobody takes another server's answer for its own (RFC 9207)."""
    said = {name: value for name, value in answer.items() if value} | {"iss": current_app.config["AUTH_URL"]}
    return redirect(f"{redirect_uri}?{urlencode(said)}", 303)
