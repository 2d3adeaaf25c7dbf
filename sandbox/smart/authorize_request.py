"""What a client asks of the authorization endpoint, checked in the order of RFC 6749 4.1.2.1.

Until client and redirect URI are proven good, a mistake is shown to the person (`NotTrusted`); after that it is told
to the client by redirect (`Denied`).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from sandbox.smart.audiences import Audience
from sandbox.smart.clients import Client
from sandbox.smart.grants import Authorization, Grants
from sandbox.smart.scopes import granted, is_known, is_of_version_2

# RFC 7636 4.2: a SHA-256 digest in base64url without padding has 43 characters.
S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class NotTrusted(Exception):
    """The client or its redirect URI is not good: the text goes on a page, and nowhere is redirected to."""


class Denied(Exception):
    """The request is refused; goes back to the client as `error` and `error_description` (RFC 6749 4.1.2.1)."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error = error
        self.text = text


def trusted_client(clients: Mapping[str, Client], form: MultiDict[str, str]) -> Client:
    """The client that asks, its redirect URI being exactly one of those registered; NotTrusted otherwise."""
    client = clients.get(form.get("client_id", ""))
    if client is None:
        raise NotTrusted("The application that asks is not registered with this hospital.")
    if len(form.getlist("client_id")) > 1 or len(form.getlist("redirect_uri")) > 1:
        raise NotTrusted("The request names its client or its redirect URI more than once.")
    if form.get("redirect_uri", "") not in client.redirect_uris:
        raise NotTrusted("The redirect URI is not exactly one of those registered for this application.")
    return client


def authorization(form: MultiDict[str, str], audiences: Mapping[str, Audience], grants: Grants) -> Authorization:
    """What a trusted client is to be allowed; without a patient where one has yet to be picked. Raises Denied.

    `aud` must be one of the audiences, a slash at its end forgiven. A launch value is spent only when all else is in
    order.
    """
    _check_protocol(form)
    audience = form.get("aud", "").removesuffix("/")
    if audience not in audiences:
        raise Denied("invalid_request", "aud is not a FHIR server of this hospital.")
    scopes = _scopes(form, version_2=not audiences[audience].is_old)
    asked = Authorization(
        client_id=form["client_id"],
        redirect_uri=form["redirect_uri"],
        challenge=form["code_challenge"],
        scopes=scopes,
        audience=audience,
        state=form["state"],
        nonce=form.get("nonce", ""),
        access_seconds=audiences[audience].access_seconds,
    )
    return _with_patient(asked, form, grants)


def _check_protocol(form: MultiDict[str, str]) -> None:
    """OAuth 2.0 and PKCE (SMART 2.2 demands S256 of every client)."""
    repeated = [name for name in form if len(form.getlist(name)) > 1]
    rules = (
        (not repeated, "invalid_request", f"{', '.join(repeated)} must not be repeated."),
        (form.get("response_type") == "code", "unsupported_response_type", "response_type must be code."),
        (form.get("state"), "invalid_request", "state is missing."),
        (form.get("code_challenge_method") == "S256", "invalid_request", "code_challenge_method must be S256."),
        (S256_CHALLENGE.fullmatch(form.get("code_challenge", "")), "invalid_request", "code_challenge is malformed."),
    )
    for holds, error, text in rules:
        if not holds:
            raise Denied(error, text)


def _scopes(form: MultiDict[str, str], *, version_2: bool) -> tuple[str, ...]:
    asked = form.get("scope", "").split()
    unknown = [scope for scope in asked if not is_known(scope) or (is_of_version_2(scope) and not version_2)]
    if unknown or not asked:
        raise Denied("invalid_scope", f"Unknown scope: {' '.join(unknown)}" if asked else "scope is missing.")
    return granted(asked)


def _with_patient(asked: Authorization, form: MultiDict[str, str], grants: Grants) -> Authorization:
    if "launch" not in form:
        if "launch/patient" in asked.scopes:
            return asked
        raise Denied("invalid_request", "Neither a launch value nor the scope launch/patient tells which patient.")
    if "launch" not in asked.scopes:
        raise Denied("invalid_scope", "A launch value needs the scope launch.")
    launch = grants.take_launch(form["launch"])
    if launch is None:
        raise Denied("invalid_request", "The launch value is unknown, used before or too old.")
    if launch.audience != asked.audience:
        raise Denied("invalid_request", "The launch was made for another FHIR server than aud.")
    return replace(
        asked,
        patient=launch.patient,
        need_patient_banner=launch.need_patient_banner,
        fhir_context=launch.fhir_context,
    )
