"""Where a chart's grant lies: in a sealed row of its own, renewed by one request at a time, however many processes.

A row of its own, since a renewal must not bring a chart back that was closed meanwhile.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import msgspec
from flask import g
from msgspec import Struct
from msgspec.structs import replace

from sightline.auth.grant import Grant
from sightline.errors import SignInChanged, SignInEnded, SourceNotAsked, SourceSlow
from sightline.web.parts import parts

ROWS = ("chart", "grant", "list", "endpoints", "reports")
"""The names of a chart's rows that last; tickets die within minutes, and open nothing without these."""

_GRANT = "grant"
_PAUSE = 0.05
_ANSWERS_IN_A_RENEWAL = 4  # tokens, keys, and two for giving tokens back, each as long as any answer at most

_decoder = msgspec.json.Decoder(Grant)


class SealedRows(Protocol):
    """A chart, as far as it is needed here."""

    @property
    def id(self) -> str: ...

    @property
    def lives_until(self) -> float: ...

    def remember(self, name: str, plain: bytes, seconds: float) -> None: ...

    def recall(self, name: str) -> bytes | None: ...

    def forget(self, name: str) -> None: ...


class ChartGrant(Struct, frozen=True):
    """Keeps `auth.grant.KeptGrant` for one chart."""

    chart: SealedRows

    def keep(self, grant: Grant) -> None:
        """Seals the grant into the store, for as long as the chart may live from now on without a request."""
        self.chart.remember(_GRANT, msgspec.json.encode(grant), self.chart.lives_until - time.time())

    def read(self) -> Grant:
        plain = self.chart.recall(_GRANT)
        try:
            return _decoder.decode(plain or b"")
        except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
            raise SignInEnded("the chart has no grant any more") from cause

    def renewed(self, stale: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        with self.alone():
            grant = self.read()
            if grant.access_token != stale.access_token or grant.refresh_sent or not grant.refresh_token:
                return grant
            # Written before it is sent: whoever finds it so after a crash or a lost answer must not send it again.
            self.keep(replace(grant, refresh_sent=True))
            try:
                new = renew(grant)
            except SourceNotAsked:
                self.keep(grant)
                raise
            except SignInChanged:
                self.end()
                raise
            except SignInEnded:
                self.keep(replace(grant, expires_at=0.0, refresh_token=""))
                raise
            self.keep(new)
            return new

    def end(self) -> None:
        """Removes the chart with all that belongs to it; the rest of the request has no chart any more."""
        for name in ROWS:
            self.chart.forget(name)
        g.pop("chart", None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For one caller at a time of all threads and processes on this store. Raises SourceSlow after a long wait.

        The lock dies by itself where a process was killed that held it.
        """
        store, place = parts().store, f"renewing:{self.chart.id}"
        answer_seconds = parts().settings.limits.answer_seconds
        give_up, dies = time.time() + answer_seconds, time.time() + _ANSWERS_IN_A_RENEWAL * answer_seconds
        while not store.add(place, secrets.token_bytes(1), dies):
            if time.time() >= give_up:
                raise SourceSlow("another request has been renewing the sign-in for too long")
            time.sleep(_PAUSE)
            dies = time.time() + _ANSWERS_IN_A_RENEWAL * answer_seconds
        try:
            yield
        finally:
            if time.time() < dies:  # else the lock may be somebody else's by now
                store.delete(place)
