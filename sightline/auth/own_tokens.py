"""The tokens that Sightline has for itself, one for each FHIR server, in one process's memory and nowhere else.

A token is renewed before its end by one thread, while the others go on with the one that still lasts. Where there is
none they wait for the one that asks, but only a moment: a server that hangs must not take every thread.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from msgspec import Struct, field

from sightline.errors import SourceBusy, SourceError

_log = logging.getLogger("sightline")

_RENEWED_AFTER = 0.8
"""The part of its life after which a token is renewed."""

_SECONDS_BETWEEN = 30.0
"""A server that did not renew a token is asked again only after a while."""

_PATIENCE = 2.0
"""How long somebody without a token waits for the one who asks."""

_FAILURE_SECONDS = 5.0
"""How long a server that gave no token is not asked again, and its failure is everybody's."""


class OwnToken(Struct, frozen=True):
    """A token, what was granted by it, and the moments, in seconds of `time.monotonic`, when it was given and ends."""

    value: str
    given_at: float
    ends_at: float
    scopes: tuple[str, ...] = ()

    @property
    def renew_at(self) -> float:
        """When it is time for another."""
        return self.given_at + (self.ends_at - self.given_at) * _RENEWED_AFTER


class _Kept(Struct):
    lock: Lock = field(default_factory=Lock)
    token: OwnToken | None = None
    try_again_at: float = 0.0
    failure: SourceError | None = None


class OwnTokens:
    """For use from any thread."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def current(self, name: str, ask: Callable[[], OwnToken]) -> OwnToken:
        """The token for this server, asked for where there is none that lasts.

        Raises what `ask` raises, for a few seconds without asking again; SourceBusy where another has been asking for
        too long.
        """
        kept, now = self._of(name), time.monotonic()
        token = kept.token
        if token and now < token.ends_at:
            return token if now < max(token.renew_at, kept.try_again_at) else _renewed(kept, token, ask)
        _raise_again(kept)
        with _alone(kept, name):
            if kept.token is None or time.monotonic() >= kept.token.ends_at:
                _raise_again(kept)
                kept.token = _first(kept, ask)
            return kept.token

    def drop(self, name: str, value: str) -> bool:
        """Forgets this token, which a server refused; whether another may be asked for.

        Not where the refused one was just given: then it is not the token that is wrong. Raises SourceBusy.
        """
        kept = self._of(name)
        with _alone(kept, name):
            if kept.token is None or kept.token.value != value:
                return True
            if time.monotonic() - kept.token.given_at < _SECONDS_BETWEEN:
                return False
            kept.token = None
            return True

    def _of(self, name: str) -> _Kept:
        with self._lock:
            return self._kept.setdefault(name, _Kept())


@contextmanager
def _alone(kept: _Kept, name: str) -> Iterator[None]:
    if not kept.lock.acquire(timeout=_PATIENCE):
        raise SourceBusy(f"{name}: another request has been asking for its token for too long")
    try:
        yield
    finally:
        kept.lock.release()


def _first(kept: _Kept, ask: Callable[[], OwnToken]) -> OwnToken:
    """A token where there is none. What kept it from coming is remembered, for those who ask next."""
    try:
        token = ask()
    except SourceError as failure:
        kept.failure, kept.try_again_at = failure, time.monotonic() + _FAILURE_SECONDS
        raise
    kept.failure = None
    return token


def _raise_again(kept: _Kept) -> None:
    failure = kept.failure
    if failure and time.monotonic() < kept.try_again_at:
        raise type(failure)(failure.detail, failure.sentence) from failure


def _renewed(kept: _Kept, token: OwnToken, ask: Callable[[], OwnToken]) -> OwnToken:
    """The next token; this one where another thread is asking, or nobody answers."""
    if not kept.lock.acquire(blocking=False):
        return token
    try:
        if kept.token is token:
            kept.token = ask()
        return kept.token or token
    except SourceError as failure:
        kept.try_again_at = time.monotonic() + _SECONDS_BETWEEN
        _log.warning("own token not renewed before its end: %s", failure.detail)
        return token
    finally:
        kept.lock.release()
