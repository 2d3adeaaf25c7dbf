"""The store of several machines: one Redis or Valkey, which any number of Sightlines may share.

Each row carries the time of its death, and our clock says whether it has come; the server, whose clock may go wrong, is
only told in how many milliseconds it may clear the row away. So only machines that serve Sightline need one time.
"""

import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sightline.errors import StoreUnavailable
from sightline.settings import Settings

_OURS = "sightline:"  # the server may hold what is not ours
_TIMEOUT_SECONDS = 2.0
_DEATH = struct.Struct(">d")
_GLOB_SIGNS, _ESCAPED = re.compile(r"[*?\[\]\\]"), r"\\\g<0>"
_KEEP = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('SETRANGE', KEYS[1], 0, ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
"""
_PUT_BESIDE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
"""
_COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class RedisStore:
    """Keeps `Store`'s contract. Every command is one step for the server: nothing comes between.

    A connection that the server closed meanwhile is made anew, once. A step whose answer got lost on the way is then
    done twice: what was to be taken once is gone, what was to be added once counts as another's.
    """

    def __init__(self, url: str) -> None:
        once_more = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        self._server = redis.Redis.from_url(
            url, socket_connect_timeout=_TIMEOUT_SECONDS, socket_timeout=_TIMEOUT_SECONDS, retry=once_more
        )
        self._keep: Any = self._server.register_script(_KEEP)
        self._put_beside: Any = self._server.register_script(_PUT_BESIDE)
        self._count: Any = self._server.register_script(_COUNT)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The store at the address in the settings."""
        return cls(settings.store.redis_url)

    def put(self, key: str, sealed: bytes, expires_at: float) -> None:
        with _or_unavailable():
            if lives := _milliseconds_until(expires_at):
                self._server.set(_OURS + key, _DEATH.pack(expires_at) + sealed, px=lives)
            else:
                self._server.delete(_OURS + key)

    def add(self, key: str, sealed: bytes, expires_at: float) -> bool:
        lives = max(1, _milliseconds_until(expires_at))
        with _or_unavailable():
            return bool(self._server.set(_OURS + key, _DEATH.pack(expires_at) + sealed, px=lives, nx=True))

    def put_beside(self, other: str, key: str, sealed: bytes, expires_at: float) -> bool:
        row, lives = _DEATH.pack(expires_at) + sealed, max(1, _milliseconds_until(expires_at))
        with _or_unavailable():
            return bool(self._put_beside(keys=[_OURS + other, _OURS + key], args=[row, lives]))

    def get(self, key: str) -> tuple[bytes, float] | None:
        with _or_unavailable():
            return _living(self._server.get(_OURS + key))

    def take(self, key: str) -> bytes | None:
        with _or_unavailable():
            found = _living(self._server.getdel(_OURS + key))
        return found[0] if found else None

    def keep_until(self, key: str, expires_at: float) -> None:
        with _or_unavailable():
            self._keep(keys=[_OURS + key], args=[_milliseconds_until(expires_at), _DEATH.pack(expires_at)])

    def delete(self, key: str) -> None:
        with _or_unavailable():
            self._server.delete(_OURS + key)

    def delete_all(self, ending: str) -> None:
        pattern = f"{_OURS}*{_GLOB_SIGNS.sub(_ESCAPED, ending)}"
        with _or_unavailable():
            for key in self._server.scan_iter(pattern, count=1000):
                self._server.delete(key)

    def count(self, key: str, seconds: float, more: int = 1) -> tuple[int, float]:
        with _or_unavailable():
            counted, left = self._count(keys=[f"{_OURS}count:{key}"], args=[more, max(1, round(seconds * 1000))])
        return counted, time.time() + left / 1000


@contextmanager
def _or_unavailable() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis: {type(error).__name__}") from error


def _living(row: Any) -> tuple[bytes, float] | None:
    if row is None:
        return None
    (expires_at,) = _DEATH.unpack_from(row)
    return (row[_DEATH.size :], expires_at) if expires_at > time.time() else None


def _milliseconds_until(moment: float) -> int:
    return max(0, round((moment - time.time()) * 1000))
