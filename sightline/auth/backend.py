"""`authorization = "backend"`: SMART Backend Services. Sightline has a token of its own for the whole FHIR server.

SMART 2.2 "Backend Services": client_credentials, proven by private_key_jwt (RFC 7523). No user and no patient stand
behind the token, so that the check of each study's patient is the only wall. The browser never sees it.
"""

import time
from urllib.parse import urljoin

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sightline import json_text
from sightline.auth import scopes, token_endpoint
from sightline.auth.grant import KeptGrant
from sightline.auth.own_tokens import OwnToken
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration, Stated
from sightline.auth.token_endpoint import TokenRefused
from sightline.authorization import Authorization
from sightline.errors import LaunchRefused, OwnAccessRefused, SourceError
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of

_NOT_READ = Phrase("The hospital's system did not say how it lets Sightline in.")


def authorization(servers: AuthorizationServers, ehr: EhrSettings, kept: KeptGrant) -> Authorization:
    """The process's token for this server, renewed before its end and once after a 401."""
    return BackendAuthorization(servers, ehr)


class BackendAuthorization(Struct, frozen=True):
    """Asks the FHIR server's authorization server when there is no token that lasts."""

    servers: AuthorizationServers
    ehr: EhrSettings

    @property
    def covers_all(self) -> bool:
        return self.may_search(self.ehr.listed_kind, whole=True)

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return scopes.may_search(self._token().scopes, kind, whole=whole)

    @property
    def reads_endpoints(self) -> bool:
        return scopes.may_read(self._token().scopes, "Endpoint")

    def header(self) -> str:
        return f"Bearer {self._token().value}"

    def after_refusal(self, header: str) -> str:
        may_ask = self.servers.own_tokens.drop(self.ehr.name, header.removeprefix("Bearer "))
        return self.header() if may_ask else ""

    def _token(self) -> OwnToken:
        return self.servers.own_tokens.current(self.ehr.name, self._asked)

    def _asked(self) -> OwnToken:
        """A new token. Raises OwnAccessRefused where the server gives none, SourceError where it does not answer."""
        client = replace(
            self.ehr,
            client_id=self.ehr.backend_client_id,
            client_authentication="private_key_jwt",
            scopes=self.ehr.backend_scopes,
        )
        form = {"grant_type": "client_credentials", "scope": " ".join(client.scopes)}
        now = time.monotonic()
        try:
            token = token_endpoint.asked(self.servers, self._configuration(), client, **form)
            value, lifetime = token_endpoint.bearer(token), token_endpoint.lifetime(token)
        except (TokenRefused, LaunchRefused) as refusal:
            raise OwnAccessRefused(refusal.detail) from refusal
        granted = token_endpoint.granted_scopes(token, client.scopes)
        if not scopes.may_search(granted, self.ehr.listed_kind):
            raise OwnAccessRefused(f"the granted scopes hold no search for {self.ehr.listed_kind}")
        return OwnToken(value, now, now + lifetime, granted)

    def _configuration(self) -> SmartConfiguration:
        """The token endpoint alone: a server for systems has no page for people to sign in at."""
        base, ehr = f"{self.ehr.iss.rstrip('/')}/", self.ehr
        address = f"{base}.well-known/smart-configuration"
        answer = self.servers.door.send(
            "GET",
            address,
            origins=(origin_of(ehr.iss),),
            networks=ehr.private_networks,
            headers={"Accept": "application/json"},
        )
        if answer.status != 200:
            raise SourceError(f"smart-configuration: HTTP {answer.status}", _NOT_READ)
        try:
            stated = msgspec.convert(json_text.value(answer.body), Stated)
            endpoint = urljoin(base, stated.token_endpoint or "")
        except (msgspec.ValidationError, ValueError) as cause:
            raise OwnAccessRefused("smart-configuration is not readable") from cause
        if not stated.token_endpoint or origin_of(endpoint) not in ehr.endpoint_origins:
            raise OwnAccessRefused(
                f"token_endpoint is on {origin_of(endpoint)[:100]}, which endpoint_origins of this EHR does not list"
            )
        return SmartConfiguration(
            "",
            endpoint,
            "",
            "",
            authentication_methods=tuple(stated.token_endpoint_auth_methods_supported or ()),
            assertion_algorithms=tuple(stated.token_endpoint_auth_signing_alg_values_supported or ()),
        )
