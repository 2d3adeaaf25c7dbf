"""From the EHR to an open chart: `/launch` sends the browser to the authorization server, `/callback/<ehr>` awaits it.

In between stands `cookie_check`, for a browser that has not yet shown that it keeps our cookies.
SMART 2.2 "Launch App: EHR Launch" and "Standalone Launch". Each EHR has a redirect URI of its own, against mix-up
(RFC 9700 section 4.4).
"""

import logging
import secrets
import time

import msgspec
from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from msgspec.structs import replace

from sightline.audit_record import Action, chart_digest
from sightline.auth import revocation, smart, token_endpoint
from sightline.auth.grant import Grant
from sightline.auth.launch_context import LaunchContext
from sightline.authorization import FixedHeader
from sightline.errors import (
    LaunchIncomplete,
    LaunchInterrupted,
    LaunchNotOurs,
    LaunchRefused,
    SightlineError,
    SourceError,
    UnknownEhr,
)
from sightline.fhir import versions
from sightline.fhir.client import FhirClient
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.store import sealing
from sightline.web import charts, cookie_check, cookies, error_pages, invocations
from sightline.web.cookie_check import WaitingLaunch
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts

blueprint = Blueprint("launch", __name__)
blueprint.before_request(deliberate_get_only)

_log = logging.getLogger("sightline")

_LAUNCH_SECONDS = 600
_LONGEST = 4096


@blueprint.get("/launch")
def from_ehr() -> Response:
    """EHR launch: `iss` must be one of ours, `launch` goes back to it unopened."""
    ehr = _known(parts().settings.ehr_by_iss(_parameter("iss")))
    return _begun(WaitingLaunch(ehr.name, ehr.identity, _parameter("launch")))


@blueprint.get("/launch/<ehr_name>")
def standalone(ehr_name: str) -> Response:
    """Standalone launch: the EHR itself asks which patient."""
    ehr = _known(parts().settings.ehr(ehr_name))
    return _begun(WaitingLaunch(ehr.name, ehr.identity, ""))


@blueprint.get("/launch/begin/<ticket>")
def begin(ticket: str) -> Response:
    """The launch that waited for the cookie check; a browser that keeps no cookies here is shown another way."""
    if not cookie_check.passed():
        return cookie_check.not_passed(ticket)
    return sent_to_sign_in(cookie_check.taken(ticket, WaitingLaunch))


@blueprint.get("/callback/<ehr_name>")
def callback(ehr_name: str) -> Response:
    """The browser's return: one launch of this browser, once, becomes one chart; code and state leave the address."""
    ehr = _known(parts().settings.ehr(ehr_name))
    pending = _taken_launch(ehr)
    grant, context = _granted(ehr, pending)
    try:
        response, chart_id = _chart_opened(ehr, grant, context, pending.invoked)
        parts().trail.write(Action.SIGN_IN, {**g.sign_in, "chart": chart_digest(chart_id)})
    except SightlineError:
        revocation.revoke(parts().servers, ehr, grant)  # no browser has the chart's key, so nobody else will
        raise
    return _with_launch_cookie_removed(response)


@blueprint.errorhandler(SightlineError)
def refused(refusal: SightlineError) -> Response:
    """A sign-in that came to nothing is on the trail too. A failing server says nothing yet about studies."""
    parts().trail.write(Action.SIGN_IN, g.get("sign_in", {}), refusal)
    if isinstance(refusal, SourceError):
        refusal = LaunchInterrupted.by(refusal, refusal.sentence)
    return _with_launch_cookie_removed(make_response(error_pages.shown(refusal)))


def _begun(launch: WaitingLaunch) -> Response:
    return sent_to_sign_in(launch) if cookie_check.passed() else cookie_check.bounced(launch)


def sent_to_sign_in(launch: WaitingLaunch, invoked: str = "") -> Response:
    """Sends the browser to the EHR. What was `invoked` before it comes back with the sign-in; see `invocations`."""
    it, binding, ehr = parts(), sealing.new_key(), _known(parts().settings.ehr(launch.ehr))
    if launch.ehr_identity != ehr.identity:
        raise LaunchNotOurs("another EHR has the name of the one that launched")
    url, pending = smart.authorization_request(it.servers, ehr, _redirect_uri(ehr), launch.launch)
    pending = replace(pending, invoked=invoked)
    place = f"launch:{sealing.place_of(pending.state)}"
    sealed = sealing.seal(msgspec.json.encode(pending), it.settings.secret_key, binding, place)
    it.store.put(place, sealed, time.time() + _LAUNCH_SECONDS)
    response = _to(url)
    cookies.put(response, _cookie(pending.state), binding, "/", _LAUNCH_SECONDS)
    return response


def _with_launch_cookie_removed(response: Response) -> Response:
    """After the return its cookie is good for nothing, whatever came of it."""
    if request.path.startswith("/callback/") and request.args.get("state"):
        cookies.put(response, _cookie(request.args["state"]), "", "/", 0)
    return response


def _taken_launch(ehr: EhrSettings) -> smart.PendingLaunch:
    """The launch that this return belongs to, which is used up by it. Raises LaunchNotOurs."""
    it, state = parts(), _parameter("state")
    binding, place = cookies.value(_cookie(state), "/"), f"launch:{sealing.place_of(state)}"
    if not binding:
        raise LaunchNotOurs("no cookie of this launch came along")
    sealed = it.store.take(place)
    plain = sealing.unseal(sealed, it.settings.secret_key, binding, place) if sealed else None
    try:
        pending = msgspec.json.decode(plain or b"", type=smart.PendingLaunch)
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise LaunchNotOurs("state is unknown, used or too old") from cause
    if (pending.ehr, pending.ehr_identity) != (ehr.name, ehr.identity):
        raise LaunchNotOurs("state is another EHR's")
    return pending


def _granted(ehr: EhrSettings, pending: smart.PendingLaunch) -> tuple[Grant, LaunchContext]:
    servers = parts().servers
    smart.checked_issuer(servers, ehr, request.args.getlist("iss"))
    if refusal := request.args.get("error"):
        raise LaunchRefused(f"authorization endpoint: {token_endpoint.error_code(refusal)}")
    grant, context = smart.exchange(servers, ehr, _redirect_uri(ehr), _parameter("code"), pending)
    user = grant.user
    g.sign_in |= {
        "patient": grant.patient_id,
        "encounter": context.encounter,
        "user_issuer": user.issuer,
        "user": user.subject,
        "fhir_user": user.fhir_user,
    }
    return grant, context


def _chart_opened(ehr: EhrSettings, grant: Grant, context: LaunchContext, invoked: str) -> tuple[Response, str]:
    it = parts()
    header, reference = FixedHeader(grant.header), error_pages.reference()
    client = speaking(FhirClient(ehr, it.settings.limits, it.door, header, request_id=reference))
    patient = client.patient(grant.patient_id)
    if invoked:
        context = invocations.of_launch(invoked, ehr, patient, context)
    chart_id = secrets.token_urlsafe(16)
    response = _to(url_for("asked_for.page" if context.studies or invoked else "studies.page", chart_id=chart_id))
    charts.open_chart(response, chart_id, ehr, patient, client.version.name, grant.user, context, grant)
    return response, chart_id


def speaking(client: FhirClient) -> FhirClient:
    """The client in the version that the server states; R4 where it does not say, which is understood from DSTU2 on."""
    try:
        return replace(client, version=client.stated_version())
    except SourceError as failure:
        _log.warning("metadata of %s not understood, asked as R4: %s", client.ehr.name, failure.detail)
        return replace(client, version=versions.R4)


def _known(ehr: EhrSettings | None) -> EhrSettings:
    """The EHR, which from here on stands in the sign-in's audit record. Raises UnknownEhr, also if it cannot launch."""
    if ehr is None or ehr.sign_in != "smart":
        raise UnknownEhr("no such EHR is configured")
    g.sign_in = {"ehr": ehr.iss, "client": ehr.client_id}
    return ehr


def _redirect_uri(ehr: EhrSettings) -> str:
    return f"{parts().settings.public_url}/callback/{ehr.name}"


def _cookie(state: str) -> str:
    """A name of its own for each launch, so that two at once in one browser do not overwrite each other."""
    return f"launch-{sealing.place_of(state)[:12]}"


def _parameter(name: str) -> str:
    value = request.args.get(name, "")
    if not value or len(value) > _LONGEST or not value.isprintable() or len(request.args.getlist(name)) > 1:
        raise LaunchIncomplete(
            f"{name} is missing, repeated or malformed",
            Phrase("The EHR's request lacks a usable “%(parameter)s”.", parameter=name),
        )
    return value


def _to(url: str) -> Response:
    return make_response(redirect(url, 303))
