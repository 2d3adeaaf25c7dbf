"""Who may read what: a bearer token, held against the base, the scope and the patient it was given for.

Obeys RFC 6750 3 (WWW-Authenticate, 401 invalid_token, 403 insufficient_scope) and SMART 2.2 "scopes":
a `patient/` scope opens one patient's compartment.
"""

from flask import current_app, request

from sandbox.fhir.errors import FhirError
from sandbox.smart.grants import AccessToken, Grants
from sandbox.smart.scopes import allows


def require(base_url: str, kind: str, interaction: str) -> AccessToken:
    """The token that lets this request `r`ead or `s`earch resources of this kind; FhirError 401 or 403 otherwise."""
    token = _token(base_url)
    if not allows(token.scopes, kind, interaction):
        challenge = f'Bearer error="insufficient_scope", scope="patient/{kind}.rs"'
        raise FhirError(
            403, "forbidden", f"The token has no scope to read {kind} resources.", {"WWW-Authenticate": challenge}
        )
    return token


def require_patient(token: AccessToken, patient_id: str) -> None:
    """FhirError 403 unless the token was given for this patient."""
    if patient_id != token.patient:
        raise FhirError(403, "forbidden", "The token was not given for this patient.")


def _token(base_url: str) -> AccessToken:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise FhirError(401, "login", "A bearer token is needed.", {"WWW-Authenticate": f'Bearer realm="{base_url}"'})
    grants: Grants = current_app.extensions["grants"]
    token = grants.access_token(value.strip())
    if token is None:
        raise _refused("The access token is unknown, expired or revoked.")
    if token.audience != base_url:
        raise _refused("The access token was given for another FHIR server.")
    return token


def _refused(text: str) -> FhirError:
    challenge = f'Bearer error="invalid_token", error_description="{text}"'
    return FhirError(401, "login", text, {"WWW-Authenticate": challenge})
