"""A grant renewed by its refresh token (SMART 2.2 "Refresh access token", RFC 6749 section 6).

What comes must still be this patient's and this user's: libraries take over whatever the answer says.
"""

import time
from typing import Any

from msgspec.structs import replace

from sightline.auth import revocation, token_endpoint
from sightline.auth.grant import Grant
from sightline.auth.id_token import checked_user
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.auth.token_endpoint import TokenRefused, bearer
from sightline.errors import LaunchRefused, SignInChanged, SignInEnded, SourceError, SourceFailed
from sightline.settings import EhrSettings

_SECONDS_BEFORE = 60.0
_PART_OF_LIFETIME = 0.2


def renewal_time(now: float, lifetime: float) -> float:
    """When to renew a token of this lifetime: a minute before its end, later where it lives for minutes only."""
    return now + lifetime - min(_SECONDS_BEFORE, _PART_OF_LIFETIME * lifetime)


def refreshed(
    servers: AuthorizationServers, configuration: SmartConfiguration, ehr: EhrSettings, grant: Grant
) -> Grant:
    """The grant that follows. Its scopes are those of the answer, which may be fewer.

    Raises SignInEnded where the EHR has ended it or the answer is no good, SignInChanged where it is for another
    patient or user, SourceNotAsked where the refresh token is as good as before, SourceError where that is not known.
    """
    try:
        form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
        token = token_endpoint.asked(servers, configuration, ehr, **form)
        new = _grant_in(token, grant)
    except (TokenRefused, LaunchRefused) as refusal:
        raise SignInEnded(f"refresh: {refusal.detail}") from refusal
    try:
        _check_patient(token, grant)
        _check_user(servers, configuration, ehr, token, grant)
    except SourceError as failure:
        revocation.revoke(servers, ehr, new)  # nobody is to have what was given out just now
        raise failure if isinstance(failure, SignInEnded) else SourceFailed(failure.detail) from failure
    return new


def _grant_in(token: dict[str, Any], grant: Grant) -> Grant:
    """An answer without a refresh token leaves the old one good; one without `scope` leaves the scopes as they were."""
    now, lifetime = time.time(), token_endpoint.lifetime(token)
    return replace(
        grant,
        access_token=bearer(token),
        expires_at=now + lifetime,
        renew_at=renewal_time(now, lifetime),
        scopes=token_endpoint.granted_scopes(token, grant.scopes),
        refresh_token=bearer(token, "refresh_token") if token.get("refresh_token") else grant.refresh_token,
        refresh_sent=False,
    )


def _check_patient(token: dict[str, Any], grant: Grant) -> None:
    if token.get("patient", grant.patient_id) != grant.patient_id:
        raise SignInChanged("refresh: the answer names another patient")


def _check_user(
    servers: AuthorizationServers,
    configuration: SmartConfiguration,
    ehr: EhrSettings,
    token: dict[str, Any],
    grant: Grant,
) -> None:
    """An answer need not hold an id_token; the user of one that it has must be the same (OpenID Connect Core 12.2)."""
    if token.get("id_token") is None:
        return
    try:
        user = checked_user(servers.key_sets, configuration, ehr, token["id_token"], grant.nonce, nonce_required=False)
    except LaunchRefused as refusal:
        raise SignInEnded(f"refresh: {refusal.detail}") from refusal
    before = grant.user
    if (user.issuer, user.subject) != (before.issuer, before.subject):
        raise SignInChanged("refresh: the id_token is another user's")
    if user.fhir_user and before.fhir_user and _record(user.fhir_user) != _record(before.fhir_user):
        raise SignInChanged("refresh: fhirUser is another")


def _record(fhir_user: str) -> list[str]:
    """`Practitioner/7` as a pair, whether its base stands before it or not."""
    return fhir_user.split("/")[-2:]
