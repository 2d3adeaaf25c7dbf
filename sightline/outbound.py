"""The one door to the outside: every HTTP request that Sightline itself sends goes through here.

It follows no redirect, waits no longer than the deadline, reads no more than the size allowed (counted after
decompression), and sends nothing to an origin that it was not told of. What it cannot do it says as a SourceError.
"""

import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError as UrllibTimeout

from sightline.errors import SourceFailed, SourceNotAsked, SourceSlow, SourceTooLarge, SourceUnreachable
from sightline.settings.addresses import origin_of

_CONNECT_SECONDS = 5.0
_CHUNK = 256 * 1024
_BUFFER = 64 * 1024
_CONNECTIONS_PER_ORIGIN = 128


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are read in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Door:
    """Keeps the connections of one process. `send` may be called from any thread."""

    def __init__(self, answer_seconds: float, answer_bytes: int) -> None:
        self._seconds = answer_seconds
        self._bytes = answer_bytes
        self._pool = urllib3.PoolManager(num_pools=32, maxsize=_CONNECTIONS_PER_ORIGIN, retries=False)
        self._pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def send(
        self,
        method: str,
        url: str,
        *,
        origins: tuple[str, ...],
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """The answer to one request to one of `origins`, within `seconds`, as a whole.

        Raises SourceUnreachable, SourceSlow, SourceTooLarge, or SourceFailed for a redirect or a foreign origin.
        """
        if origin_of(url) not in origins:
            raise SourceFailed(f"refused to send to {origin_of(url)}, which the settings do not list")
        allowed = min(seconds or self._seconds, self._seconds)
        timeout = urllib3.Timeout(total=allowed, connect=min(_CONNECT_SECONDS, allowed))
        try:
            response = self._pool.urlopen(
                method,
                url,
                body=body,
                headers={"Accept-Encoding": "gzip", "User-Agent": "Sightline", **(headers or {})},
                redirect=False,
                preload_content=False,
                timeout=timeout,
            )
            try:
                return self._whole(response)
            except BaseException:
                response.close()  # what is left of this answer must not be taken for the next one's beginning
                raise
            finally:
                response.release_conn()
        except NewConnectionError as cause:  # to urllib3 a refused connection is a kind of timeout
            raise SourceNotAsked(f"{origin_of(url)}: no connection") from cause
        except UrllibTimeout as cause:
            raise SourceSlow(f"{origin_of(url)}: no whole answer in {allowed:g} s") from cause
        except (HTTPError, OSError) as cause:
            raise SourceUnreachable(f"{origin_of(url)}: {type(cause).__name__}") from cause

    def _whole(self, response: urllib3.BaseHTTPResponse) -> Answer:
        if 300 <= response.status < 400:
            raise SourceFailed(f"redirect ({response.status}), which Sightline does not follow")
        chunks, size = [], 0
        for chunk in response.stream(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > self._bytes:
                raise SourceTooLarge(f"more than {self._bytes} bytes")
            chunks.append(chunk)
        return Answer(response.status, response.headers, chunks[0] if len(chunks) == 1 else b"".join(chunks))


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes until a moment in time. A socket's own timeout begins anew with every byte that drips in."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket, self._bytes = connected, connected.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not whole at its deadline")
        self._socket.settimeout(left)
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer, header and body, that has to come within the timeout that its socket has at the beginning."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        seconds = sock.gettimeout()
        if seconds is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_UntilDeadline(sock, seconds), _BUFFER)


class _PlainConnection(HTTPConnection):
    response_class = _TimedResponse


class _TlsConnection(HTTPSConnection):
    response_class = _TimedResponse


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DoorAdapter(BaseAdapter):
    """The door as a transport of `requests`, for libraries that bring their own session (Authlib's OAuth2Session)."""

    def __init__(self, door: Door, origins: tuple[str, ...]) -> None:
        super().__init__()
        self._door, self._origins = door, origins

    def send(self, request: requests.PreparedRequest, *_: object, **options: Any) -> requests.Response:
        """The answer as a `requests.Response`, within `timeout` seconds. Raises what the door raises."""
        answer = self._door.send(
            request.method or "GET",
            request.url or "",
            origins=self._origins,
            headers={name: str(value) for name, value in request.headers.items()},
            body=request.body if isinstance(request.body, bytes | str) else None,
            seconds=options.get("timeout"),
        )
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, request.url or "", request
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body
        return response

    def close(self) -> None:
        """Nothing to close: the door's connections outlive the session."""
