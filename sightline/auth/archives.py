"""How a request to an archive gets its Authorization header: ARCHIVE_MODES, a row for each way.

`smart` lends the chart's own token to the archive that belongs to its EHR (SMART Imaging Access); every other way is
Sightline's own permission, and says nothing about the user's.
"""

import time
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct

from sightline.auth import basic, token_endpoint
from sightline.auth.own_tokens import OwnToken
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.auth.token_endpoint import TokenRefused
from sightline.authorization import Authorization, FixedHeader
from sightline.errors import LaunchRefused, OwnAccessRefused
from sightline.settings import ArchiveSettings
from sightline.settings.addresses import Network, origin_of

ArchiveMode = Callable[[AuthorizationServers, ArchiveSettings, Authorization], Authorization]
"""Makes the way in at an archive; the authorization given is the chart's own, at its EHR."""


class Lent(Struct, frozen=True):
    """A chart's token, at an archive. That this one refuses it is no reason to renew it."""

    of_chart: Authorization

    @property
    def covers_all(self) -> bool:
        return self.of_chart.covers_all

    @property
    def reads_endpoints(self) -> bool:
        return False

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return False

    def header(self) -> str:
        return self.of_chart.header()

    def after_refusal(self, header: str) -> str:
        return ""


class _Client(Struct, frozen=True):
    """Sightline, as an archive's authorization server knows it."""

    client_id: str
    endpoint_origins: tuple[str, ...]
    private_networks: tuple[Network, ...]
    client_secret: str = ""
    client_authentication: str = "private_key_jwt"


class OwnArchiveToken(Struct, frozen=True):
    """Client credentials, proven by a key of ours (RFC 7523), at the token endpoint that the settings name."""

    servers: AuthorizationServers
    archive: ArchiveSettings
    covers_all: ClassVar[bool] = True
    reads_endpoints: ClassVar[bool] = False

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return False

    def header(self) -> str:
        return f"Bearer {self.servers.own_tokens.current(self._name, self._asked).value}"

    def after_refusal(self, header: str) -> str:
        return self.header() if self.servers.own_tokens.drop(self._name, header.removeprefix("Bearer ")) else ""

    @property
    def _name(self) -> str:
        """Apart from every EHR's, whose names have no such sign."""
        return f"archive:{self.archive.name}"

    def _asked(self) -> OwnToken:
        archive = self.archive
        client = _Client(archive.backend_client_id, (origin_of(archive.token_endpoint),), archive.private_networks)
        configuration = SmartConfiguration("", archive.token_endpoint, "", "")
        form = {"grant_type": "client_credentials", "scope": " ".join(archive.backend_scopes)}
        now = time.monotonic()
        try:
            token = token_endpoint.asked(self.servers, configuration, client, **form)
            return OwnToken(token_endpoint.bearer(token), now, now + token_endpoint.lifetime(token))
        except (TokenRefused, LaunchRefused) as refusal:
            raise OwnAccessRefused(refusal.detail) from refusal


ARCHIVE_MODES: dict[str, ArchiveMode] = {
    "smart": lambda servers, archive, of_chart: Lent(of_chart),
    "backend": lambda servers, archive, of_chart: OwnArchiveToken(servers, archive),
    "bearer": lambda servers, archive, of_chart: FixedHeader(f"Bearer {archive.bearer_token}"),
    "basic": lambda servers, archive, of_chart: basic.way_in(archive.basic_user, archive.basic_password),
    "none": lambda servers, archive, of_chart: FixedHeader(""),
}
