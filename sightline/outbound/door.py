"""What may be asked, how long and how much.

The door follows no redirect, waits no longer than the deadline, reads no more than the size allowed (counted after
decompression), and sends nothing to an origin that it was not told of. What it cannot do it says as a SourceError.
"""

import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError, TimeoutError as UrllibTimeout

from sightline.errors import SourceFailed, SourceNotAsked, SourceSlow, SourceUnreachable
from sightline.outbound import connections
from sightline.outbound.answer import Answer, whole
from sightline.outbound.bulkhead import Bulkheads
from sightline.outbound.retries import persistently
from sightline.settings.addresses import Network, origin_of

_CONNECT_SECONDS = 5.0
_SHORTEST = 0.001
_PLACES = 48


class Door:
    """Keeps the connections of one process. `send` may be called from any thread.

    `in_flight` requests to one origin may be under way at once. Without `ca_file` the machine's authorities are
    believed; without `proxy` servers are asked directly, as those on the loopback are always.
    """

    def __init__(
        self,
        answer_seconds: float,
        answer_bytes: int,
        *,
        in_flight: int = _PLACES,
        proxy: str = "",
        ca_file: Path | None = None,
    ) -> None:
        self._seconds = answer_seconds
        self._bytes = answer_bytes
        self._bulkheads = Bulkheads(in_flight)
        self._connections = connections.Connections(proxy, ca_file)

    def send(
        self,
        method: str,
        url: str,
        *,
        origins: tuple[str, ...],
        networks: tuple[Network, ...] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """The answer to one request to one of `origins`, within `seconds`, as a whole.

        The server must be on a global address or on one of the private `networks`. A GET that fails in passing is sent
        again while the time lasts. Raises SourceNotAsked, SourceUnreachable, SourceSlow, SourceTooLarge, SourceBusy, or
        SourceFailed for a redirect, an encoding that was not asked for, or a foreign origin.
        """
        origin = origin_of(url)
        if origin not in origins:
            raise SourceFailed(f"refused to send to {origin}, which the settings do not list")
        deadline = time.monotonic() + min(seconds or self._seconds, self._seconds)
        pool, target = self._connections.pool(origin, networks), urllib3.util.parse_url(url).request_uri
        sent = {"User-Agent": "Sightline", **(headers or {}), "Accept-Encoding": "gzip"}

        def ask() -> Answer:
            return self._asked(pool, origin, method, target, sent, body, deadline)

        with self._bulkheads.place(origin):
            return persistently(ask, deadline) if method == "GET" else ask()

    def _asked(
        self,
        pool: urllib3.HTTPConnectionPool,
        origin: str,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes | str | None,
        deadline: float,
    ) -> Answer:
        left = max(deadline - time.monotonic(), _SHORTEST)
        try:
            response = pool.urlopen(
                method,
                target,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=left, connect=min(_CONNECT_SECONDS, left)),
            )
            try:
                return whole(response, self._bytes)
            except BaseException:
                response.close()  # what is left of this answer must not be taken for the next one's beginning
                raise
            finally:
                response.release_conn()
        except NewConnectionError as cause:  # to urllib3 a refused connection is a kind of timeout
            raise SourceNotAsked(f"{origin}: no connection") from cause
        except UrllibTimeout as cause:
            raise SourceSlow(f"{origin}: no whole answer in time") from cause
        except (HTTPError, OSError) as cause:
            raise _unreachable(origin, cause) from cause


def _unreachable(origin: str, cause: HTTPError | OSError) -> SourceUnreachable:
    """What broke, in words that hold nothing of the question or the answer."""
    inner = cause.args[-1] if cause.args else None
    if isinstance(cause, SSLError) and isinstance(inner, ssl.SSLCertVerificationError):
        return SourceUnreachable(f"{origin}: its certificate is not believed: {inner.verify_message}")
    return SourceUnreachable(f"{origin}: {type(cause).__name__}")
