"""A limit on the questions to one server that are under way, so that one that hangs does not take every thread."""

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
        self._known: dict[str, Bulkhead] = {}
        self._lock = Lock()

    def of(self, origin: str) -> "Bulkhead":
        """The origin's own."""
        known = self._known.get(origin)
        if known is None:
            with self._lock:
                known = self._known.setdefault(origin, Bulkhead(self._places))
        return known


class Bulkhead:
    """The places of one origin. Who enters has to leave."""

    def __init__(self, places: int) -> None:
        self._free = Semaphore(places)
        self._hangs = False

    def enter(self, origin: str) -> None:
        """Takes a place. Raises SourceBusy."""
        if self._free.acquire(blocking=False):
            return
        if self._hangs or not self._free.acquire(timeout=_PATIENCE):
            self._hangs = True
            raise SourceBusy(f"{origin}: too many requests are waiting for it")

    @property
    def has_place(self) -> bool:
        """Whether one is free now."""
        if is_free := self._free.acquire(blocking=False):
            self._free.release()
        return is_free

    def leave(self) -> None:
        """Gives it back."""
        self._hangs = False
        self._free.release()
