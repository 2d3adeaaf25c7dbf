"""Where charts live between two requests: rows that are sealed before they come here, each with a time to die.

The store sees no patient data, no token and no key. `sealing.py` says what opens a row; every kind keeps `Store`.
"""

from collections.abc import Callable
from typing import Protocol

from sightline.settings import Settings
from sightline.store.sqlite import SqliteStore


class Store(Protocol):
    """What every kind offers. Times are seconds since the epoch; a row past its time is as good as gone.

    Each of these may be asked from any thread and raises StoreUnavailable, within seconds, where it cannot be done.
    """

    def put(self, key: str, sealed: bytes, expires_at: float) -> None:
        """Writes the row, in place of an older one of that key."""

    def add(self, key: str, sealed: bytes, expires_at: float) -> bool:
        """Writes the row if no living one of that key is there; True for one caller only, however many ask at once."""

    def put_beside(self, other: str, key: str, sealed: bytes, expires_at: float) -> bool:
        """As `put`, if a living row `other` is there at that moment; says whether it was."""

    def get(self, key: str) -> tuple[bytes, float] | None:
        """The row and when it dies, or None."""

    def take(self, key: str) -> bytes | None:
        """The row, for one caller only, however many ask at once; then it is gone."""

    def keep_until(self, key: str, expires_at: float) -> None:
        """Lets a living row live until then; does nothing for a dead one."""

    def delete(self, key: str) -> None:
        """Removes the row, if there is one."""

    def delete_all(self, ending: str) -> None:
        """Removes every row whose key ends so. Reads all keys: for what is rare."""

    def count(self, key: str, seconds: float, more: int = 1) -> tuple[int, float]:
        """Adds to a count that begins at nothing every so many seconds: what it is now, and when it begins again.

        No two callers are given the same count, unless they add nothing. Counts and rows do not share their keys.
        """


def _redis(settings: Settings) -> Store:
    from sightline.store.redis import RedisStore  # its library is a sixth of a start, and most hospitals have no Redis

    return RedisStore.of(settings)


KINDS: dict[str, Callable[[Settings], Store]] = {
    "sqlite": SqliteStore.of,
    "redis": _redis,
}
"""The kinds of store, each with what opens it."""
