"""What an EHR granted to one chart: the tokens, how long they last, and whom they were given for."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from sightline.auth import scopes
from sightline.auth.id_token import User
from sightline.errors import SignInEnded


class Grant(msgspec.Struct, frozen=True):
    """Tokens for one patient and one user. Times are in seconds since the epoch.

    From `renew_at` on a refresh token is used; `refresh_sent` says that it was, and that no answer is known: it is
    never sent a second time (RFC 9700 section 4.14.2). `scopes` are those granted; without any, nothing is.
    `nonce` is the launch's, which an id_token that comes with a refresh may repeat (OpenID Connect Core 12.2).
    """

    access_token: str
    expires_at: float
    renew_at: float
    scopes: tuple[str, ...]
    patient_id: str
    user: User
    nonce: str = ""
    refresh_token: str = ""
    refresh_sent: bool = False

    @property
    def header(self) -> str:
        """The Authorization header of a request (RFC 6750 section 2.1)."""
        return f"Bearer {self.access_token}"

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        """Whether the granted scopes allow a search for this kind; `whole`: for all, not those of a scope's query only.

        A server may answer an unpermitted search with an empty list, which must not be shown as "none found".
        """
        return scopes.may_search(self.scopes, kind, whole=whole)

    @property
    def reads_endpoints(self) -> bool:
        """Whether the addresses of images that studies refer to may be read."""
        return scopes.may_read(self.scopes, "Endpoint")


class KeptGrant(Protocol):
    """Where a chart's grant lies, shared by requests, threads and processes."""

    def read(self) -> Grant:
        """The grant as it is now. Raises SignInEnded where the chart has none any more."""

    def renewed(self, stale: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        """The grant that follows `stale`: made by `renew` for one caller, and waited for by all others.

        The same grant where its refresh token was sent before and no answer is known. Raises what `renew` raises.
        """


class NoGrant:
    """Where there is no chart yet, or no launch behind it: nothing was granted."""

    def read(self) -> Grant:
        raise SignInEnded("no launch, and so no grant")

    def renewed(self, stale: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        raise SignInEnded("no launch, and so no grant")
