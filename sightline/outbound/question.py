"""A question that is on its way: it was sent when it was made, and its answer is read when somebody wants it.

So whoever asks can do something else while the server thinks, and ask several servers before waiting for the first.
"""

import ssl
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from msgspec import Struct

from sightline.errors import SourceSlow, SourceUnreachable
from sightline.outbound.answer import Answer, Incoming
from sightline.outbound.bulkhead import Bulkhead
from sightline.outbound.connections import Connections
from sightline.outbound.deadline import TimedSocket
from sightline.outbound.retries import persistently
from sightline.settings.addresses import Network

T = TypeVar("T")


class Awaited(Struct, Generic[T], frozen=True):
    """What was asked for and is on its way. `value` waits for it and gives it, once.

    `begins` says whether it begins to come within so many seconds.
    """

    value: Callable[[], T]
    begins: Callable[[float], bool]


class Question:
    """Holds a place in the bulkhead and a connection until it is answered or closed; who loses it closes it.

    `deadline` is of `time.monotonic`. `repeats`: what fails in passing may be sent again. Raises, when it is made and
    when it is answered, what `Door.send` raises.
    """

    def __init__(
        self,
        request: bytes,
        origin: str,
        networks: tuple[Network, ...],
        connections: Connections,
        bulkhead: Bulkhead,
        *,
        deadline: float,
        most_bytes: int,
        repeats: bool,
    ) -> None:
        self._held = False
        self._request, self._origin, self._networks = request, origin, networks
        self._connections, self._bulkhead = connections, bulkhead
        self._deadline, self._most_bytes, self._repeats = deadline, most_bytes, repeats
        self._connection: TimedSocket | None = None
        bulkhead.enter(origin)
        self._held = True
        try:
            self._connection = self._in_words(self._sent)
        except BaseException:
            self.close()
            raise

    def answer(self) -> Answer:
        """The answer as a whole, once."""
        try:
            return persistently(self._answered, self._deadline) if self._repeats else self._answered()
        finally:
            self.close()

    def begins(self, seconds: float) -> bool:
        """Whether `answer` has something to read within so many seconds, or need not wait for it: its time is up."""
        left = max(self._deadline - time.monotonic(), 0.0)
        return self._connection is None or self._connection.stirs(min(seconds, left)) or seconds >= left

    def close(self) -> None:
        """Gives up what is still under way, and the place."""
        if self._connection:
            self._connection.close()
        if self._held:
            self._held = False
            self._bulkhead.leave()

    __del__ = close

    def _sent(self) -> TimedSocket:
        connection = self._connections.kept(self._origin, self._networks) or self._connections.new(
            self._origin, self._networks, self._deadline
        )
        with suppress(ConnectionError):  # the server may have said why before it hung up; if not, reading tells
            connection.send(self._request, self._deadline)
        return connection

    def _answered(self) -> Answer:
        return self._in_words(self._read)

    def _read(self) -> Answer:
        connection, self._connection = self._connection or self._sent(), None
        with Incoming(connection, self._deadline) as incoming:
            answer = incoming.whole(self._most_bytes)
        if incoming.leaves_connection:
            self._connections.keep(self._origin, self._networks, connection)
        return answer

    def _in_words(self, doing: Callable[[], T]) -> T:
        """What broke, in words that hold nothing of the question or the answer."""
        try:
            return doing()
        except TimeoutError as cause:
            raise SourceSlow(f"{self._origin}: no whole answer in time") from cause
        except ssl.SSLCertVerificationError as cause:
            detail = f"{self._origin}: its certificate is not believed: {cause.verify_message}"
            raise SourceUnreachable(detail) from cause
        except (OSError, zlib.error) as cause:
            raise SourceUnreachable(f"{self._origin}: {type(cause).__name__}") from cause
