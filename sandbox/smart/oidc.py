"""The hospital's staff sign-in: an OpenID provider of its own, for software that no EHR launches.

OpenID Connect Core 1.0, code flow with PKCE; RP-Initiated Logout 1.0. It knows two people: a doctor, who may see
imaging, and a porter, who may not. Who has signed in once is not asked again in that browser, until they sign out here.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request

from sandbox.page_headers import guard
from sandbox.smart.authorize_request import S256_CHALLENGE, NotTrusted, trusted_client
from sandbox.smart.clients import Client, authenticated
from sandbox.smart.keys import SigningKey

PREFIX = "/staff"
CODE_SECONDS = 60
COOKIE = "staff"
# Known to everybody who can read this file, and good for nothing but the sandbox.
PASSWORD = "fjord"  # noqa: S105

blueprint = Blueprint("oidc", __name__, url_prefix=PREFIX)
blueprint.after_request(guard)


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works here; `roles` go into the id_token."""

    id: str
    name: str
    roles: tuple[str, ...] = ()


STAFF = {
    "nordahl": Employee("nordahl", "Dr Ingrid Nordahl", ("staff", "imaging")),
    "lien": Employee("lien", "Tove Lien", ("staff",)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A trusted client's request, and behind a code who answered it."""

    client_id: str
    redirect_uri: str
    challenge: str
    state: str
    nonce: str
    employee: str = ""
    expires: float = 0.0


class SignIns:
    """The provider's memory: who is signed in where, and codes, each good once for a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.key = SigningKey()
        self._lock = threading.Lock()
        self._browsers: dict[str, str] = {}
        self._codes: dict[str, Asked] = {}

    def remember(self, employee: str) -> str:
        """The value of a cookie by which this browser is known as this employee's."""
        value = secrets.token_urlsafe(32)
        self._browsers[value] = employee
        return value

    def known(self, cookie: str) -> str:
        """The employee behind the cookie; empty where there is none."""
        return self._browsers.get(cookie, "")

    def forget(self, cookie: str) -> None:
        """Signs that browser out."""
        self._browsers.pop(cookie, None)

    def code(self, asked: Asked, employee: str) -> str:
        """A new code for this employee's sign-in."""
        value = secrets.token_urlsafe(32)
        self._codes[value] = replace(asked, employee=employee, expires=self.clock() + CODE_SECONDS)
        return value

    def take_code(self, value: str) -> Asked | None:
        """What the code stands for, once; None for an unknown, used or old one."""
        with self._lock:
            asked = self._codes.pop(value, None)
        return asked if asked and asked.expires > self.clock() else None


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """OpenID Connect Discovery 1.0, 3."""
    issuer = _issuer()
    return jsonify(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/jwks",
        end_session_endpoint=f"{issuer}/logout",
        response_types_supported=["code"],
        grant_types_supported=["authorization_code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        scopes_supported=["openid", "profile"],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
        code_challenge_methods_supported=["S256"],
        claims_supported=["iss", "sub", "aud", "exp", "iat", "nonce", "name", "roles"],
    )


@blueprint.get("/jwks")
def jwks() -> Response:
    """The public keys of id_tokens."""
    return jsonify(_sign_ins().key.public_set())


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Asks who it is, unless this browser is known, and sends it back with a code. The form posts to this address."""
    asked = _asked(request.args)
    if problem := _problem(request.args):
        return _back(asked, error=problem)
    employee = _sign_ins().known(request.cookies.get(COOKIE, ""))
    if request.method == "POST":
        employee = _who_typed(request.form)
    if not employee:
        wrong = request.method == "POST"
        page = render_template("smart/staff_login.html", action=request.full_path, wrong=wrong, password=PASSWORD)
        return make_response(page, 401 if wrong else 200)
    response = _back(asked, code=_sign_ins().code(asked, employee))
    cookie = _sign_ins().remember(employee)
    response.set_cookie(COOKIE, cookie, path=PREFIX, httponly=True, samesite="Lax")
    return response


@blueprint.post("/token")
def token() -> Response:
    """An id_token for a code (OpenID Connect Core 3.1.3); the access token opens nothing here."""
    header = request.headers.get("Authorization", "")
    assertions = current_app.extensions["assertions"]
    client = authenticated(current_app.extensions["staff_clients"], assertions, header, request.form)
    if client is None:
        return _refused(401, "invalid_client")
    if request.form.get("grant_type") != "authorization_code":
        return _refused(400, "unsupported_grant_type")
    asked = _sign_ins().take_code(request.form.get("code", ""))
    if asked is None or not _is_for(asked, client, request.form):
        return _refused(400, "invalid_grant")
    answer = {"token_type": "Bearer", "expires_in": 300, "access_token": secrets.token_urlsafe(32)}
    response = jsonify({**answer, "id_token": _id_token(asked)})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/logout")
def logout() -> Response:
    """Signs the browser out (RP-Initiated Logout 1.0, 2)."""
    _sign_ins().forget(request.cookies.get(COOKIE, ""))
    response = make_response(render_template("smart/staff_signed_out.html"))
    response.delete_cookie(COOKIE, path=PREFIX)
    return response


@blueprint.errorhandler(NotTrusted)
def explain(error: NotTrusted) -> tuple[str, int]:
    """A page for the person; redirecting to an address that is not trusted would be an open redirect."""
    return render_template("smart/not_trusted.html", reason=str(error)), 400


def _sign_ins() -> SignIns:
    sign_ins: SignIns = current_app.extensions["staff_sign_ins"]
    return sign_ins


def _issuer() -> str:
    return f"{current_app.config['HOSPITAL_URL']}{PREFIX}"


def _asked(form: Any) -> Asked:
    """The request of a client whose redirect URI is registered; NotTrusted otherwise."""
    trusted_client(current_app.extensions["staff_clients"], form)
    names = ("client_id", "redirect_uri", "code_challenge", "state", "nonce")
    return Asked(*(form.get(name, "") for name in names))


def _problem(form: Mapping[str, str]) -> str:
    """The error code for a request that cannot be answered (OpenID Connect Core 3.1.2.6); else empty."""
    if form.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in form.get("scope", "").split():
        return "invalid_scope"
    proves = form.get("code_challenge_method") == "S256" and S256_CHALLENGE.fullmatch(form.get("code_challenge", ""))
    return "" if proves and form.get("state") and form.get("nonce") else "invalid_request"


def _who_typed(form: Mapping[str, str]) -> str:
    name = form.get("user", "").strip()
    return name if name in STAFF and hmac.compare_digest(form.get("password", "").encode(), PASSWORD.encode()) else ""


def _is_for(asked: Asked, client: Client, form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = asked.client_id == client.id and asked.redirect_uri == form.get("redirect_uri")
    return same and hmac.compare_digest(challenge, asked.challenge)


def _id_token(asked: Asked) -> str:
    who = STAFF[asked.employee]
    claims = {"iss": _issuer(), "sub": who.id, "aud": asked.client_id, "nonce": asked.nonce, "name": who.name}
    return _sign_ins().key.id_token({**claims, "roles": list(who.roles)}, _sign_ins().clock())


def _back(asked: Asked, **answer: str) -> Response:
    return make_response(redirect(f"{asked.redirect_uri}?{urlencode({**answer, 'state': asked.state})}", 303))


def _refused(status: int, error: str) -> Response:
    response = jsonify(error=error)
    response.status_code = status
    return response
