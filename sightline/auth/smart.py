"""SMART App Launch 2.2: where to send the browser, and what its return is worth.

Authlib builds the authorization request (PKCE S256) and exchanges the code; joserfc checks the id_token. What an EHR
says in its configuration is believed only as far as the settings allow: https, and the origins listed for this EHR.
"""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import HTTPError

from sightline.auth.id_token import User, checked_user
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused, SourceFailed
from sightline.outbound import Door, DoorAdapter
from sightline.patient import is_fhir_id
from sightline.settings import EhrSettings

_VERIFIER_BYTES = 48

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
# `.read` and `.*` of version 1, any set with s(earch) of version 2; a v2 scope may be narrowed by a query.
_LISTS = re.compile(r"(?:patient|user|system)/(?:ImagingStudy|\*)\.(?:read|\*|c?r?u?d?s)(?:\?.*)?")


@dataclass(frozen=True, slots=True)
class PendingLaunch:
    """What is remembered between sending the browser away and its return; never in a cookie or an address."""

    ehr: str
    state: str
    verifier: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the EHR granted: a token for one patient. `expires_at` is in seconds since the epoch.

    `scopes` are those granted, which may be fewer than asked or in the other syntax (SMART 2.2 "Scopes for requesting
    FHIR Resources").
    """

    access_token: str
    expires_at: float
    scopes: tuple[str, ...]
    patient_id: str
    user: User

    @property
    def may_list(self) -> bool:
        """Whether the granted scopes allow a search for ImagingStudy; a server that names none is taken at its word.

        A server may answer an unpermitted search with an empty list, which must not be shown as "none found".
        """
        return not self.scopes or any(_LISTS.fullmatch(scope) for scope in self.scopes)


def authorization_request(
    configuration: SmartConfiguration, ehr: EhrSettings, redirect_uri: str, launch: str
) -> tuple[str, PendingLaunch]:
    """The address to send the browser to (SMART 2.2 "Obtain authorization code"), and what to remember.

    Without `launch` it is a standalone launch: the EHR is asked to let the user choose a patient.
    """
    pending = PendingLaunch(
        ehr.name, secrets.token_urlsafe(32), secrets.token_urlsafe(_VERIFIER_BYTES), secrets.token_urlsafe(32)
    )
    session = OAuth2Session(
        ehr.client_id, scope=_scopes(ehr, launch), redirect_uri=redirect_uri, code_challenge_method="S256"
    )
    url, _ = session.create_authorization_url(
        configuration.authorization_endpoint,
        state=pending.state,
        nonce=pending.nonce,
        code_verifier=pending.verifier,
        aud=ehr.iss,
        **({"launch": launch} if launch else {}),
    )
    return url, pending


def exchange(
    door: Door,
    configuration: SmartConfiguration,
    ehr: EhrSettings,
    redirect_uri: str,
    code: str,
    pending: PendingLaunch,
) -> Grant:
    """The grant for an authorization code (SMART 2.2 "Obtain access token").

    Raises LaunchRefused where the server says no or its answer fails a check, SourceError where it cannot be asked.
    """
    token = _token(door, configuration, ehr, redirect_uri, code, pending)
    patient_id = token.get("patient")
    if not isinstance(patient_id, str) or not is_fhir_id(patient_id):
        raise LaunchRefused("the token response names no patient", "The EHR did not say whose chart is open.")
    if str(token.get("token_type", "")).lower() != "bearer":
        raise LaunchRefused("token_type is not Bearer")
    user = checked_user(door, configuration, ehr, token.get("id_token"), pending.nonce)
    return Grant(
        access_token=_text(token, "access_token"),
        expires_at=time.time() + _seconds(token.get("expires_in")),
        scopes=tuple(_granted(token.get("scope")).split()),
        patient_id=patient_id,
        user=user,
    )


def _token(
    door: Door,
    configuration: SmartConfiguration,
    ehr: EhrSettings,
    redirect_uri: str,
    code: str,
    pending: PendingLaunch,
) -> dict[str, Any]:
    session = OAuth2Session(
        ehr.client_id,
        ehr.client_secret or None,
        token_endpoint_auth_method=ehr.client_authentication,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, DoorAdapter(door, ehr.endpoint_origins, ehr.private_networks))
    try:
        token = session.fetch_token(
            configuration.token_endpoint, grant_type="authorization_code", code=code, code_verifier=pending.verifier
        )
    except OAuthError as refusal:
        raise LaunchRefused(f"token endpoint: {error_code(refusal.error)}") from refusal
    except HTTPError as failure:
        raise SourceFailed(f"token endpoint: HTTP {failure.response.status_code}") from failure
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as cause:
        raise LaunchRefused("the token response is not readable") from cause
    if not isinstance(token, dict):
        raise LaunchRefused("the token response is no JSON object")
    return token


def error_code(value: object) -> str:
    """An OAuth error code for the log (RFC 6749 section 5.2); "unknown" for anything that is not of its form."""
    return value if isinstance(value, str) and _ERROR_CODE.fullmatch(value) else "unknown"


def _scopes(ehr: EhrSettings, launch: str) -> str:
    """The configured scopes; `launch` becomes `launch/patient` where no EHR context comes along."""
    return " ".join("launch/patient" if scope == "launch" and not launch else scope for scope in ehr.scopes)


def _granted(scope: object) -> str:
    """`scope` (RFC 6749 3.3); empty where it is no text."""
    return scope if isinstance(scope, str) else ""


def _text(token: dict[str, Any], name: str) -> str:
    value = token.get(name)
    if not isinstance(value, str) or not (value.isascii() and value.isprintable() and value.strip()):
        raise LaunchRefused(f"the token response holds no {name}")
    return value


def _seconds(value: object) -> float:
    """`expires_in`; SMART only recommends it, and an hour at most, which is taken where it is missing."""
    try:
        return max(0.0, min(float(str(value)), 86_400.0))
    except ValueError:
        return 3600.0
