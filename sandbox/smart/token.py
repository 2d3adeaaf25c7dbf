"""The token endpoint and its neighbours: keys, discovery, revocation (RFC 7009), introspection (RFC 7662)."""

import base64
import hashlib
import hmac
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.smart.clients import Client, authenticated
from sandbox.smart.configuration import openid_configuration
from sandbox.smart.grants import SYSTEM_ACCESS_SECONDS, AccessToken, Grants, Held, Refused
from sandbox.smart.scopes import granted_to_system

PRACTITIONER = "Practitioner/nordahl"
PRACTITIONER_NAME = "Dr Ingrid Nordahl"

blueprint = Blueprint("token", __name__, url_prefix="/auth")


class TokenError(Exception):
    """The token endpoint refuses: an error code of RFC 6749 5.2 and a sentence."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error = error
        self.text = text


@blueprint.post("/token")
def token() -> Response:
    """Tokens for a code or for a refresh token (SMART 2.2 "Obtain access token", "Refresh access token")."""
    client = _client()
    grant = GRANTS.get(request.form.get("grant_type", ""))
    if grant is None:
        raise TokenError("unsupported_grant_type", f"grant_type must be one of {', '.join(GRANTS)}.")
    try:
        return jsonify(grant(client))
    except Refused as refused:
        raise TokenError("invalid_grant", str(refused)) from refused


@blueprint.post("/revoke")
def revoke() -> Response:
    """End a token; 200 for an unknown one too (RFC 7009 2.2)."""
    client = _client()
    _grants().revoke(request.form.get("token", ""), client.id)
    return Response(status=200)


@blueprint.post("/introspect")
def introspect() -> Response:
    """What an access token of this client is good for (RFC 7662 2.2, with SMART's launch context)."""
    client = _client()
    held = _grants().access_token(request.form.get("token", ""))
    if held is None or held.client_id != client.id:
        return jsonify(active=False)
    return jsonify(
        active=True,
        scope=" ".join(held.scopes),
        client_id=held.client_id,
        exp=int(held.expires),
        aud=held.audience,
        patient=held.patient,
    )


@blueprint.get("/jwks")
def jwks() -> Response:
    """The public keys of id_tokens."""
    response = jsonify(current_app.extensions["signing_key"].public_set())
    response.cache_control.max_age = 300
    return response


@blueprint.get("/.well-known/openid-configuration")
def openid() -> Response:
    """The OpenID provider metadata of this issuer."""
    return jsonify(openid_configuration(current_app.config["AUTH_URL"]))


@blueprint.errorhandler(TokenError)
def refuse(error: TokenError) -> Response:
    """RFC 6749 5.2: JSON with 400; 401 with a challenge where the client did not prove itself."""
    response = jsonify(error=error.error, error_description=error.text)
    response.status_code = 401 if error.error == "invalid_client" else 400
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Fjordview"'
    return response


@blueprint.after_request
def never_stored(response: Response) -> Response:
    """RFC 6749 5.1: no answer with a token may be stored."""
    if not response.cache_control.max_age:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Pragma"] = "no-cache"
    return response


def _grants() -> Grants:
    grants: Grants = current_app.extensions["grants"]
    return grants


def _client() -> Client:
    repeated = [name for name in request.form if len(request.form.getlist(name)) > 1]
    if repeated:
        raise TokenError("invalid_request", f"{', '.join(repeated)} must not be repeated.")
    clients = current_app.extensions["clients"]
    header = request.headers.get("Authorization", "")
    client = authenticated(clients, current_app.extensions["assertions"], header, request.form)
    if client is None:
        raise TokenError("invalid_client", "The client did not prove who it is.")
    return client


def _from_code(client: Client) -> dict[str, Any]:
    held = _grants().take_code(request.form.get("code", ""))
    about = held.authorization
    if about.client_id != client.id:
        raise Refused("The code was given to another client.")
    if request.form.get("redirect_uri", "") != about.redirect_uri:
        raise Refused("redirect_uri is not the one of the authorization request.")
    if not _proves(request.form.get("code_verifier", ""), about.challenge):
        raise Refused("code_verifier does not fit the code_challenge.")
    answer = _answer(held, about.scopes)
    if "openid" in about.scopes:
        answer["id_token"] = _id_token(held)
    return answer


def _from_refresh_token(client: Client) -> dict[str, Any]:
    held = _grants().take_refresh(request.form.get("refresh_token", ""), client.id)
    asked = tuple(request.form.get("scope", "").split()) or held.authorization.scopes
    if not set(asked) <= set(held.authorization.scopes):
        raise TokenError("invalid_scope", "A refresh cannot give more scopes than were granted.")
    return _answer(held, asked)


def _for_itself(client: Client) -> dict[str, Any]:
    """SMART 2.2 "Backend Services": no user, no patient; only for a client that has keys and a FHIR base of its own."""
    if not client.system_audience or not client.jwks_url:
        raise TokenError("unauthorized_client", "This client may not ask for itself.")
    scopes = granted_to_system(request.form.get("scope", "").split())
    if not scopes:
        raise TokenError("invalid_scope", "Only system scopes that read are given here.")
    access = _grants().issue_to_system(client.id, scopes, client.system_audience)
    return {
        "access_token": access.value,
        "token_type": "Bearer",
        "expires_in": SYSTEM_ACCESS_SECONDS,
        "scope": " ".join(scopes),
    }


GRANTS = {
    "authorization_code": _from_code,
    "refresh_token": _from_refresh_token,
    "client_credentials": _for_itself,
}


def _proves(verifier: str, challenge: str) -> bool:
    """RFC 7636 4.6, method S256; a verifier has 43 to 128 characters (4.1)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    fits = hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
    return fits and 43 <= len(verifier) <= 128


def _answer(held: Held, scopes: tuple[str, ...]) -> dict[str, Any]:
    access, refresh = _grants().issue(held, scopes)
    return _body(access, held) | ({"refresh_token": refresh} if refresh else {})


def _body(access: AccessToken, held: Held) -> dict[str, Any]:
    return {
        "access_token": access.value,
        "token_type": "Bearer",
        "expires_in": held.authorization.access_seconds,
        "scope": " ".join(access.scopes),
        "patient": access.patient,
        "need_patient_banner": held.authorization.need_patient_banner,
        **({"fhirContext": list(held.authorization.fhir_context)} if held.authorization.fhir_context else {}),
    }


def _id_token(held: Held) -> str:
    about = held.authorization
    claims = {
        "iss": current_app.config["AUTH_URL"],
        "sub": "nordahl",
        "aud": about.client_id,
        "fhirUser": f"{about.audience}/{PRACTITIONER}",
        "name": PRACTITIONER_NAME,
    }
    if about.nonce:
        claims["nonce"] = about.nonce
    signed: str = current_app.extensions["signing_key"].id_token(claims, _grants().clock())
    return signed
