"""A connected socket on which everything has to come and go by a moment in time."""

import math
import select
import socket
import ssl
import time
import weakref

_PIECE = 64 * 1024


class TimedSocket:
    """Moments are of `time.monotonic`. A socket's own timeout would begin anew with every byte that drips in.

    Raises TimeoutError, OSError for a broken connection. Who loses it closes it.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        weakref.finalize(self, connected.close).atexit = False  # unlike __del__ before the garbage collector's own turn

    def send(self, data: bytes, deadline: float) -> None:
        """Hands all of it to the network."""
        left = memoryview(data)
        while left:
            try:
                left = left[self._socket.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(select.POLLOUT, deadline)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, deadline)

    def receive(self, deadline: float) -> bytes:
        """What has come, as soon as something has; empty where the far side has ended the connection."""
        while True:
            if time.monotonic() >= deadline:
                raise TimeoutError("not whole at the deadline")
            try:
                return self._socket.recv(_PIECE)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(select.POLLIN, deadline)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, deadline)

    def stirs(self, seconds: float) -> bool:
        """Whether something comes within so many seconds, be it the connection's end."""
        return self._poll(select.POLLIN, math.ceil(seconds * 1000))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came that was not asked for, not even the connection's end."""
        return not self._poll(select.POLLIN, 0)

    def _wait(self, event: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not self._poll(event, math.ceil(left * 1000)):
            raise TimeoutError("nothing moved until the deadline")

    def _poll(self, event: int, milliseconds: int) -> bool:
        waiting = select.poll()
        waiting.register(self._socket, event)
        return bool(waiting.poll(milliseconds))

    def close(self) -> None:
        self._socket.close()
