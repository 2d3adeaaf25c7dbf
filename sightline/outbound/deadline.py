"""An answer, header and body, that has to come whole by a moment in time."""

import io
import socket
import time
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any

_BUFFER = 64 * 1024


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes until a moment in time. A socket's own timeout begins anew with every byte that drips in."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket, self._bytes = connected, connected.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + seconds
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not whole at its deadline")
        self._socket.settimeout(left)
        try:
            count = self._bytes.readinto(buffer)
        except ConnectionError as cause:
            if self._begun:
                raise
            raise RemoteDisconnected("the connection broke before the answer's first byte") from cause
        self._begun = True
        return count

    def close(self) -> None:
        self._bytes.close()
        super().close()


class TimedResponse(HTTPResponse):
    """An answer that has to come within the timeout that its socket has at the beginning.

    Raises RemoteDisconnected where, and only where, the connection breaks before its first byte.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        seconds = sock.gettimeout()
        if seconds is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_UntilDeadline(sock, seconds), _BUFFER)
