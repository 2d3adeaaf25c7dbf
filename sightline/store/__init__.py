"""Where charts live between two requests: rows that are sealed before they come here, each with a time to die.

The store sees no patient data, no token and no key. `sealing.py` says what opens a row; every kind keeps `Store`.
"""

from typing import Protocol


class Store(Protocol):
    """What every kind offers. Times are seconds since the epoch; a row past its time is as good as gone."""

    def put(self, key: str, sealed: bytes, expires_at: float) -> None:
        """Writes the row, in place of an older one of that key."""

    def add(self, key: str, sealed: bytes, expires_at: float) -> bool:
        """Writes the row if no living one of that key is there; True for one caller only, however many ask at once."""

    def get(self, key: str) -> tuple[bytes, float] | None:
        """The row and when it dies, or None."""

    def take(self, key: str) -> bytes | None:
        """The row, for one caller only, however many ask at once; then it is gone."""

    def keep_until(self, key: str, expires_at: float) -> None:
        """Lets a living row live until then; does nothing for a dead one."""

    def delete(self, key: str) -> None:
        """Removes the row, if there is one."""
