"""A limit on the questions to one server that are under way, so that one that hangs does not take every thread."""

from threading import Lock, Semaphore

from sightline.errors import SourceBusy

_PATIENCE, _EVERYBODY = 0.5, 1_000_000


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
    """The places of one origin, or of one kind of question. Who enters has to leave.

    Where none is free one waits for `patience` seconds; `queue` is how many may do so.
    """

    def __init__(self, places: int, *, patience: float = _PATIENCE, queue: int = _EVERYBODY) -> None:
        self._free = Semaphore(places)
        self._patience = patience
        self._queue = Semaphore(queue)
        self._hangs = False

    def enter(self, origin: str) -> None:
        """Takes a place. Raises SourceBusy."""
        if self._free.acquire(blocking=False):
            return
        if self._hangs or not self._waited():
            raise SourceBusy(f"{origin}: too many requests are waiting for it")

    @property
    def has_place(self) -> bool:
        """Whether one is free now."""
        if is_free := self._free.acquire(blocking=False):
            self._free.release()
        return is_free

    def _waited(self) -> bool:
        if not self._queue.acquire(blocking=False):
            return False
        try:
            self._hangs = not self._free.acquire(timeout=self._patience)
            return not self._hangs
        finally:
            self._queue.release()

    def leave(self) -> None:
        """Gives it back."""
        self._hangs = False
        self._free.release()
