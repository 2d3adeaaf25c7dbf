"""SMART App Launch 2.2: where to send the browser, what its return is worth, and the chart's own token as a way in.

Authlib builds the authorization request (PKCE S256) and exchanges the code; joserfc checks the id_token. What an EHR
says in its configuration is believed only as far as the settings allow: https, and the origins listed for this EHR.
"""

import logging
import secrets
import time
from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from msgspec import Struct

from sightline.auth import client_authentication, refresh, revocation, scopes, token_endpoint
from sightline.auth.grant import Grant, KeptGrant
from sightline.auth.id_token import checked_user
from sightline.auth.launch_context import LaunchContext, launch_context
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.auth.token_endpoint import TokenRefused, bearer
from sightline.errors import LaunchRefused, NotAllowed, SignInEnded, SourceError
from sightline.patient import is_fhir_id
from sightline.phrase import Phrase
from sightline.settings import EhrSettings

_log = logging.getLogger("sightline")

_VERIFIER_BYTES = 48
_MOMENT = 0.25  # seconds


class PendingLaunch(Struct, frozen=True):
    """What is remembered between sending the browser away and its return; never in a cookie or an address.

    `ehr` is the EHR's name, `ehr_identity` what stands behind it; `issuer` and `token_endpoint` are those of the
    server that the browser was sent to, which alone may get the code (RFC 9700 section 4.4). `invoked` is what the
    pages want to know again then; it goes nowhere.
    """

    ehr: str
    ehr_identity: str
    issuer: str
    token_endpoint: str
    state: str
    verifier: str
    nonce: str
    invoked: str = ""


def authorization_request(
    servers: AuthorizationServers, ehr: EhrSettings, redirect_uri: str, launch: str
) -> tuple[str, PendingLaunch]:
    """The address to send the browser to (SMART 2.2 "Obtain authorization code"), and what to remember.

    Without `launch` it is a standalone launch: the EHR is asked to let the user choose a patient. Always by GET, which
    every server takes; what we ask for is short. Raises SourceError, LaunchRefused.
    """
    configuration = servers.configurations.of(ehr)
    client_authentication.check(configuration, ehr, servers.client_keys)
    pending = PendingLaunch(
        ehr=ehr.name,
        ehr_identity=ehr.identity,
        issuer=configuration.issuer,
        token_endpoint=configuration.token_endpoint,
        state=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
        nonce=secrets.token_urlsafe(32),
    )
    session = OAuth2Session(
        ehr.client_id,
        scope=_scope(configuration, ehr, launch),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
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


def checked_issuer(servers: AuthorizationServers, ehr: EhrSettings, stated: list[str]) -> None:
    """Who answers, as the return's `iss` parameters say it (RFC 9207): nobody, or the server that was asked, once.

    Raises LaunchRefused, also where a server that always says its name does not; SourceError.
    """
    configuration = servers.configurations.of(ehr)
    if stated != [configuration.issuer] and (stated or configuration.names_itself):
        raise LaunchRefused("another authorization server answered, or none that says its name (RFC 9207)")


def exchange(
    servers: AuthorizationServers, ehr: EhrSettings, redirect_uri: str, code: str, pending: PendingLaunch
) -> tuple[Grant, LaunchContext]:
    """The grant for an authorization code, and what came with it (SMART 2.2 "Obtain access token").

    Raises LaunchRefused where the server says no or its answer fails a check, SourceError where it cannot be asked.
    Tokens that it had given by then go back to it.
    """
    configuration = servers.configurations.of(ehr)
    if (configuration.issuer, configuration.token_endpoint) != (pending.issuer, pending.token_endpoint):
        raise LaunchRefused("the EHR names another authorization server than when the browser was sent away")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": pending.verifier}
    try:
        token = token_endpoint.asked(servers, configuration, ehr, redirect_uri, **form)
        access_token, lifetime = bearer(token), token_endpoint.lifetime(token)
        refresh_token = bearer(token, "refresh_token") if token.get("refresh_token") else ""
    except TokenRefused as refusal:
        raise LaunchRefused(refusal.detail) from refusal
    now = time.time()
    try:
        patient_id, id_token = _patient_id(token), token.get("id_token")
        user = checked_user(
            servers.key_sets, configuration, ehr, id_token, pending.nonce, nonce_required=ehr.nonce_required
        )
    except (LaunchRefused, SourceError):
        revocation.revoke_tokens(servers, ehr, refresh_token, access_token)  # nobody is to have what opens no chart
        raise
    grant = Grant(
        access_token=access_token,
        expires_at=now + lifetime,
        renew_at=refresh.renewal_time(now, lifetime),
        scopes=token_endpoint.granted_scopes(token, _asked_scopes(configuration, ehr)),
        patient_id=patient_id,
        user=user,
        nonce=pending.nonce,
        refresh_token=refresh_token,
    )
    return grant, launch_context(token, ehr.iss)


def _patient_id(token: dict[str, Any]) -> str:
    patient_id = token.get("patient")
    if not isinstance(patient_id, str) or not is_fhir_id(patient_id):
        raise LaunchRefused("the token response names no patient", Phrase("The EHR did not say whose chart is open."))
    return patient_id


def _scope(configuration: SmartConfiguration, ehr: EhrSettings, launch: str) -> str:
    """The configured scopes; `launch` becomes `launch/patient` where no EHR context comes along."""
    asked = _asked_scopes(configuration, ehr)
    return " ".join("launch/patient" if scope == "launch" and not launch else scope for scope in asked)


def _asked_scopes(configuration: SmartConfiguration, ehr: EhrSettings) -> tuple[str, ...]:
    return scopes.to_ask_for(ehr.scopes, version_2=configuration.scopes_version_2)


class SmartAuthorization(Struct):
    """The chart's own access token, renewed shortly before its end and once after a 401.

    What it covers and lets anybody search for is told of the grant that the last header was made of. That one is good
    for another header within a moment: a page has several questions.
    """

    servers: AuthorizationServers
    ehr: EhrSettings
    kept: KeptGrant
    _last: Grant | None = None
    _read_at: float = 0.0

    @property
    def covers_all(self) -> bool:
        return (self._last or self.kept.read()).may_search(self.ehr.listed_kind, whole=True)

    @property
    def reads_endpoints(self) -> bool:
        return self.kept.read().reads_endpoints

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return (self._last or self.kept.read()).may_search(kind, whole=whole)

    def header(self) -> str:
        return self._header_of(self._as_it_is_now())

    def _header_of(self, grant: Grant) -> str:
        if grant.refresh_token and time.time() >= grant.renew_at:
            grant = self._renewed_if_possible(grant)
        if time.time() >= grant.expires_at:
            raise SignInEnded("the access token has expired")
        if not grant.may_search(self.ehr.listed_kind):
            raise NotAllowed(f"the granted scopes hold no search for {self.ehr.listed_kind}")
        self._last = grant
        return grant.header

    def _as_it_is_now(self) -> Grant:
        now = time.monotonic()
        if self._last and now - self._read_at < _MOMENT:
            return self._last
        self._read_at = now
        return self.kept.read()

    def after_refusal(self, header: str) -> str:
        grant = self.kept.read()
        if grant.header == header and grant.refresh_token:
            grant = self._renewed(grant)
        # Not what was read last: another question may have read the refused one again while it was being renewed.
        return self._header_of(grant) if grant.header != header else ""

    def _renewed_if_possible(self, grant: Grant) -> Grant:
        """A renewal that fails for a moment is no reason to stop while the token still lasts."""
        try:
            return self._renewed(grant)
        except SignInEnded:
            raise
        except SourceError as failure:
            if time.time() >= grant.expires_at:
                raise
            _log.warning("%s: not renewed before its end: %s", self.ehr.name, failure.detail)
            return grant

    def _renewed(self, grant: Grant) -> Grant:
        configuration = self.servers.configurations.of(self.ehr)
        return self.kept.renewed(grant, lambda old: refresh.refreshed(self.servers, configuration, self.ehr, old))
