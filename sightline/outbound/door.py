"""What may be asked, how long and how much.

The door follows no redirect, waits no longer than the deadline, reads no more than the size allowed (counted after
decompression), and sends nothing to an origin that it was not told of. What it cannot do it says as a SourceError.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from sightline.errors import SourceFailed
from sightline.outbound.answer import Answer
from sightline.outbound.bulkhead import Bulkheads
from sightline.outbound.connections import Connections
from sightline.outbound.question import Question
from sightline.settings.addresses import Network, origin_of

_PLACES = 48
_OF_ADDRESSES = "!$%&'()*+,/:;=?@~"  # signs that stand in path and query as they are (RFC 3986 section 3)


class Door:
    """Keeps the connections of one process. `send` and `ask` may be called from any thread.

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
        self._connections = Connections(proxy, ca_file)

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
        asked = self.ask(method, url, origins=origins, networks=networks, headers=headers, body=body, seconds=seconds)
        return asked.answer()

    def ask(
        self,
        method: str,
        url: str,
        *,
        origins: tuple[str, ...],
        networks: tuple[Network, ...] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        seconds: float | None = None,
    ) -> Question:
        """As `send`, but only sends: the answer is read when the question is asked for it. Its time runs from now."""
        origin = origin_of(url)
        if origin not in origins:
            raise SourceFailed(f"refused to send to {origin}, which the settings do not list")
        return Question(
            _request(method, url, origin, headers or {}, body),
            origin,
            networks,
            self._connections,
            self._bulkheads.of(origin),
            deadline=time.monotonic() + min(seconds or self._seconds, self._seconds),
            most_bytes=self._bytes,
            repeats=method == "GET",
        )

    def is_connected(self, origin: str, networks: tuple[Network, ...] = ()) -> bool:
        """Whether a question to this origin would leave at once, as far as can be told before it is asked."""
        return self._connections.has(origin, networks) and self._bulkheads.of(origin).has_place


def _request(method: str, url: str, origin: str, headers: Mapping[str, str], body: bytes | str | None) -> bytes:
    """The request as it is sent. Raises SourceFailed for what would be more lines than it has, or other signs."""
    content = body.encode() if isinstance(body, str) else body
    sent = {"User-Agent": "Sightline"} | {name.title(): value for name, value in headers.items()}
    sent |= {"Host": origin.split("//")[1], "Accept-Encoding": "gzip"}
    if content is not None or method != "GET":
        sent["Content-Length"] = str(len(content or b""))
    lines = [f"{method} {target_of(url)} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    try:
        head = "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError as cause:
        raise SourceFailed("refused to send a header that is no header") from cause
    if head.count(b"\n") >= len(lines) or b"\r" in head or b"\0" in head:
        raise SourceFailed("refused to send a header that is no header")
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + (content or b"")


def target_of(url: str) -> str:
    """Path and query of a URL, every sign percent-encoded that may not stand there."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return quote(target, safe=_OF_ADDRESSES, errors="replace")
