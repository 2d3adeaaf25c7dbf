"""Signing in without a launch: `/sign-in/<ehr>` sends the browser to the hospital's provider, its return awaits it.

OpenID Connect Core 1.0 section 3.1. Each EHR block has a redirect URI of its own, against mix-up (RFC 9700 4.4).
Where `sign_in` is "none" nobody is asked, and nobody but this very machine is answered.
"""

import time
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from msgspec.structs import replace

from sightline.audit_record import Action
from sightline.auth import oidc, token_endpoint
from sightline.auth.id_token import User
from sightline.errors import (
    LaunchRefused,
    NotEntitled,
    SightlineError,
    SignInInterrupted,
    SignInNotOurs,
    SignInRefused,
    SourceError,
    UnknownEhr,
)
from sightline.settings import EhrSettings
from sightline.settings.addresses import on_loopback
from sightline.store import sealing
from sightline.web import cookies, error_pages, invocations, signed_in, templates
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts

blueprint = Blueprint("sign_in", __name__)
blueprint.before_request(deliberate_get_only)

_PENDING_SECONDS = 600
_LONGEST = 4096


@blueprint.get("/sign-in/<ehr_name>")
def begin(ehr_name: str) -> Response:
    """Sends the browser to sign in. In a frame the person is asked first: most providers refuse to be framed."""
    ehr = _known(ehr_name)
    if asks_first(ehr):
        elsewhere = url_for("sign_in.begin", ehr_name=ehr.name)
        here = url_for("sign_in.begin", ehr_name=ehr.name, here=1)
        return make_response(templates.render("sign_in/framed.html", ehr=ehr, here=here, elsewhere=elsewhere))
    return begun(ehr)


@blueprint.get("/sign-in/<ehr_name>/return")
def back(ehr_name: str) -> Response:
    """The browser's return: one sign-in of this browser, once; code and state leave the address."""
    ehr = _known(ehr_name)
    pending = _taken(ehr)
    user = _user(ehr, pending)
    return _without_pending_cookie(_opened(ehr, user, pending.invoked))


@blueprint.post("/u/<sign_in_id>/sign-out")
def out(sign_in_id: str) -> Response:
    """Ends the sign-in and every chart that was opened from it."""
    opened = signed_in.current(sign_in_id)
    response = _to(url_for("sign_in.is_out", ehr_name=opened.ehr.name))
    signed_in.close(response, opened)
    parts().trail.write(Action.SIGN_OUT, opened.audit_facts)
    return response


@blueprint.get("/sign-in/<ehr_name>/out")
def is_out(ehr_name: str) -> str:
    """What stands there afterwards, with the way to sign out at the provider too."""
    ehr = _known(ehr_name)
    return templates.render("sign_in/out.html", ehr=ehr, at_provider=bool(_sign_out_address(ehr)))


@blueprint.get("/sign-in/<ehr_name>/out-there")
def out_at_provider(ehr_name: str) -> Response:
    """Sends the browser to sign out at the provider too, where that is offered."""
    ehr = _known(ehr_name)
    return _to(_sign_out_address(ehr) or url_for("sign_in.is_out", ehr_name=ehr.name))


@blueprint.errorhandler(SightlineError)
def refused(refusal: SightlineError) -> Response:
    """A sign-in that came to nothing is on the trail too, under the words of a sign-in, not of a launch."""
    if isinstance(refusal, LaunchRefused):
        refusal = SignInRefused(refusal.detail)
    if request.endpoint in ("sign_in.begin", "sign_in.back"):
        parts().trail.write(Action.SIGN_IN, g.get("sign_in", {}), refusal)
    if isinstance(refusal, SourceError):
        refusal = SignInInterrupted.by(refusal)
    return _without_pending_cookie(make_response(error_pages.shown(refusal)))


def asks_first(ehr: EhrSettings) -> bool:
    """Whether this request is a frame's, and would lead to a page that most likely refuses to stand there."""
    framed = request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")
    return ehr.sign_in == "oidc" and framed and "here" not in request.args


def begun(ehr: EhrSettings, invoked: str = "") -> Response:
    """A sign-in begins. What was `invoked` before it comes back with it; see `invocations`."""
    return _without_asking(ehr, invoked) if ehr.sign_in == "none" else _sent_to_provider(ehr, invoked)


def _sent_to_provider(ehr: EhrSettings, invoked: str) -> Response:
    it, binding = parts(), sealing.new_key()
    url, pending = oidc.authorization_request(it.servers, ehr, _redirect_uri(ehr))
    pending = replace(pending, invoked=invoked)
    place = f"signing-in:{sealing.place_of(pending.state)}"
    sealed = sealing.seal(msgspec.json.encode(pending), it.settings.secret_key, binding, place)
    it.store.put(place, sealed, time.time() + _PENDING_SECONDS)
    response = _to(url)
    cookies.put(response, _cookie(pending.state), binding, "/", _PENDING_SECONDS)
    return response


def _taken(ehr: EhrSettings) -> oidc.PendingSignIn:
    """The sign-in that this return belongs to, which is used up by it. Raises SignInNotOurs."""
    it, state = parts(), _parameter("state")
    binding, place = cookies.value(_cookie(state), "/"), f"signing-in:{sealing.place_of(state)}"
    if not binding:
        raise SignInNotOurs("no cookie of this sign-in came along")
    sealed = it.store.take(place)
    plain = sealing.unseal(sealed, it.settings.secret_key, binding, place) if sealed else None
    try:
        pending = msgspec.json.decode(plain or b"", type=oidc.PendingSignIn)
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise SignInNotOurs("state is unknown, used or too old") from cause
    if (pending.ehr, pending.ehr_identity) != (ehr.name, ehr.identity):
        raise SignInNotOurs("state is another EHR's")
    return pending


def _user(ehr: EhrSettings, pending: oidc.PendingSignIn) -> User:
    servers = parts().servers
    oidc.checked_issuer(servers, ehr, request.args.getlist("iss"))
    if refusal := request.args.get("error"):
        raise SignInRefused(f"authorization endpoint: {token_endpoint.error_code(refusal)}")
    user, entitled = oidc.signed_in(servers, ehr, _redirect_uri(ehr), _parameter("code"), pending)
    g.sign_in |= _facts(user)
    if not entitled:
        raise NotEntitled("the id_token does not hold the required claim")
    return user


def _without_asking(ehr: EhrSettings, invoked: str) -> Response:
    """For this very machine alone: not through a proxy, and not under a name that somebody else's pages may have."""
    here = urlsplit(parts().settings.public_url).netloc
    proxied = {"Forwarded", "X-Forwarded-For", "X-Real-Ip"} & {name.title() for name, _ in request.headers}
    if not on_loopback(request.remote_addr or "") or proxied or request.host != here:
        raise SignInRefused('sign_in is "none", and the request is not from this machine or not under its public_url')
    return _opened(ehr, User("", ""), invoked)


def _opened(ehr: EhrSettings, user: User, invoked: str) -> Response:
    """A sign-in is on the trail before anybody is let in."""
    response = make_response()
    opened = signed_in.open_sign_in(response, ehr, user)
    parts().trail.write(Action.SIGN_IN, opened.audit_facts)
    response.status_code = 303
    response.headers["Location"] = url_for("patients.form", sign_in_id=opened.id)
    if invoked:
        invocations.remember(opened, invoked)
        response.headers["Location"] = url_for("invoke.asked_for", sign_in_id=opened.id)
    return response


def _sign_out_address(ehr: EhrSettings) -> str:
    return oidc.sign_out_address(parts().servers, ehr) if ehr.sign_in == "oidc" else ""


def _facts(user: User) -> dict[str, str]:
    return {"user_issuer": user.issuer, "user": user.subject, "fhir_user": user.fhir_user}


def _known(ehr_name: str) -> EhrSettings:
    """The EHR, if its users sign in here; it then stands in the audit record. Raises UnknownEhr."""
    ehr = parts().settings.ehr(ehr_name)
    if ehr is None or ehr.sign_in == "smart":
        raise UnknownEhr("no such EHR is configured, or it launches")
    g.sign_in = {"ehr": ehr.iss}
    return ehr


def _without_pending_cookie(response: Response) -> Response:
    """After the return its cookie is good for nothing, whatever came of it."""
    if request.endpoint == "sign_in.back" and request.args.get("state"):
        cookies.put(response, _cookie(request.args["state"]), "", "/", 0)
    return response


def _redirect_uri(ehr: EhrSettings) -> str:
    return f"{parts().settings.public_url}/sign-in/{ehr.name}/return"


def _cookie(state: str) -> str:
    """A name of its own for each sign-in, so that two at once in one browser do not overwrite each other."""
    return f"signing-in-{sealing.place_of(state)[:12]}"


def _parameter(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0] or len(values[0]) > _LONGEST or not values[0].isprintable():
        raise SignInRefused(f"{name} is missing, repeated or malformed")
    return values[0]


def _to(url: str) -> Response:
    return make_response(redirect(url, 303))
