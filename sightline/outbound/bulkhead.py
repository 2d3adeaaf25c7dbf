"""A limit on the questions to one server that are under way, so that one that hangs does not take every thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from sightline.errors import SourceBusy

_PATIENCE = 0.5


class Bulkheads:
    """One for each origin, with so many places.

    A server that is merely busy frees a place soon, so those who find none wait a moment. Where none came free in that
    moment the server hangs: from then on the excess is refused at once, until a place is free again.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._known: dict[str, _Bulkhead] = {}
        self._lock = Lock()

    @contextmanager
    def place(self, origin: str) -> Iterator[None]:
        """Holds one of the origin's places. Raises SourceBusy."""
        bulkhead = self._known.get(origin) or self._new(origin)
        bulkhead.enter(origin)
        try:
            yield
        finally:
            bulkhead.leave()

    def _new(self, origin: str) -> "_Bulkhead":
        with self._lock:
            return self._known.setdefault(origin, _Bulkhead(self._places))


class _Bulkhead:
    def __init__(self, places: int) -> None:
        self._free = Semaphore(places)
        self._hangs = False

    def enter(self, origin: str) -> None:
        if self._free.acquire(blocking=False):
            return
        if self._hangs or not self._free.acquire(timeout=_PATIENCE):
            self._hangs = True
            raise SourceBusy(f"{origin}: too many requests are waiting for it")

    def leave(self) -> None:
        self._hangs = False
        self._free.release()
