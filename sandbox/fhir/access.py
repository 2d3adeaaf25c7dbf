"""Who may read what: by what the base demands, the scope, and the patient that a token was given for.

A launch's bearer token opens one patient's compartment (SMART 2.2 "scopes"). Other bases let a system in, for all
patients: by the token of SMART Backend Services, a fixed bearer token, user and password (RFC 7617), or as it comes.
Refusals obey RFC 6750 3 and RFC 7617 2 (WWW-Authenticate, 401 invalid_token, 403 insufficient_scope).
"""

import base64
import hmac

from flask import current_app, request

from sandbox.fhir.bases import Base
from sandbox.fhir.errors import FhirError
from sandbox.smart.grants import AccessToken, Grants
from sandbox.smart.scopes import allows

SYSTEM_SCOPES = ("system/*.rs",)


def require(base: Base, base_url: str, kind: str, interaction: str) -> AccessToken:
    """What lets this request `r`ead or `s`earch resources of this kind; FhirError 401 or 403 otherwise."""
    token = _WAYS[base.access](base_url)
    if not allows(token.scopes, kind, interaction):
        challenge = f'Bearer error="insufficient_scope", scope="patient/{kind}.rs"'
        raise FhirError(
            403, "forbidden", f"The token has no scope to read {kind} resources.", {"WWW-Authenticate": challenge}
        )
    return token


def require_patient(token: AccessToken, patient_id: str) -> None:
    """FhirError 403 unless the token was given for this patient, or for a system."""
    if not is_system(token) and patient_id != token.patient:
        raise FhirError(403, "forbidden", "The token was not given for this patient.")


def is_system(token: AccessToken) -> bool:
    """Whether it opens every patient's records."""
    return bool(token.scopes) and all(scope.startswith("system/") for scope in token.scopes)


def _by_launch(base_url: str) -> AccessToken:
    token = _token(base_url)
    if is_system(token):
        raise _refused("The access token was not given at a launch.")
    return token


def _by_backend_services(base_url: str) -> AccessToken:
    token = _token(base_url)
    if not is_system(token):
        raise _refused("The access token was not given to a system.")
    return token


def _token(base_url: str) -> AccessToken:
    grants: Grants = current_app.extensions["grants"]
    token = grants.access_token(_credentials("bearer", f'Bearer realm="{base_url}"'))
    if token is None:
        raise _refused("The access token is unknown, expired or revoked.")
    if token.audience != base_url:
        raise _refused("The access token was given for another FHIR server.")
    return token


def _by_fixed_token(base_url: str) -> AccessToken:
    shown = _credentials("bearer", f'Bearer realm="{base_url}"')
    if not hmac.compare_digest(shown.encode(), current_app.config["BEARER_TOKEN"].encode()):
        raise _refused("The access token is unknown.")
    return _anybody(base_url)


def _by_password(base_url: str) -> AccessToken:
    challenge = f'Basic realm="{base_url}", charset="UTF-8"'
    right = base64.b64encode(":".join(current_app.config["BASIC_USER"]).encode()).decode()
    if not hmac.compare_digest(_credentials("basic", challenge).encode(), right.encode()):
        raise FhirError(401, "login", "User or password is wrong.", {"WWW-Authenticate": challenge})
    return _anybody(base_url)


def _as_it_comes(base_url: str) -> AccessToken:
    if "Authorization" in request.headers:
        raise FhirError(400, "security", "This server asks for no authorization, and got some.")
    return _anybody(base_url)


_WAYS = {
    "smart": _by_launch,
    "backend": _by_backend_services,
    "bearer": _by_fixed_token,
    "basic": _by_password,
    "open": _as_it_comes,
}


def _anybody(base_url: str) -> AccessToken:
    return AccessToken("", "", SYSTEM_SCOPES, "", base_url, "", 0.0)


def _credentials(scheme: str, challenge: str) -> str:
    """What stands behind this scheme in the Authorization header; FhirError 401 where that is nothing."""
    stated, _, value = request.headers.get("Authorization", "").partition(" ")
    if stated.lower() != scheme or not value.strip():
        raise FhirError(401, "login", f"Authorization by {scheme} is needed.", {"WWW-Authenticate": challenge})
    return value.strip()


def _refused(text: str) -> FhirError:
    challenge = f'Bearer error="invalid_token", error_description="{text}"'
    return FhirError(401, "login", text, {"WWW-Authenticate": challenge})
