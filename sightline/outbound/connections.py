"""Connections whose peer was looked at before anything was sent, and those that are kept for the next question.

Certificates and host names are always checked, by TLS 1.2 or newer. No environment variable names a proxy.
"""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor, TimeoutError as FutureTimeout
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from sightline.errors import SourceNotAsked, SourceUnreachable
from sightline.outbound.answer import Incoming
from sightline.outbound.deadline import TimedSocket
from sightline.outbound.peers import may_be_spoken_to
from sightline.settings.addresses import DEFAULT_PORTS, PRIVATE, Network, on_loopback

_KEPT = 128
_CONNECT_SECONDS = 5.0
_SHORTEST = 0.001

_resolving = ThreadPoolExecutor(16, "resolving")


class Connections:
    """Connections, by way of `proxy` if there is one, to servers that the authorities in `ca_file` vouch for.

    Moments are of `time.monotonic`.
    """

    def __init__(self, proxy: str, ca_file: Path | None) -> None:
        self._proxy, self._ca_file = proxy, ca_file
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, tuple[Network, ...]], list[TimedSocket]] = {}
        self._lock = Lock()

    def kept(self, origin: str, networks: tuple[Network, ...]) -> TimedSocket | None:
        """One that was kept for this origin and these networks, if it is still fit for a question."""
        idle = self._idle.get((origin, networks), [])
        with suppress(IndexError):
            while True:
                connection = idle.pop()
                if connection.is_quiet:
                    return connection
                connection.close()
        return None

    def has(self, origin: str, networks: tuple[Network, ...]) -> bool:
        """Whether one is kept; it may be gone a moment later."""
        return bool(self._idle.get((origin, networks)))

    def keep(self, origin: str, networks: tuple[Network, ...], connection: TimedSocket) -> None:
        """Keeps it for the next question; not more than are asked at once."""
        idle = self._idle.setdefault((origin, networks), [])
        if len(idle) < _KEPT:
            idle.append(connection)

    def new(self, origin: str, networks: tuple[Network, ...], deadline: float) -> TimedSocket:
        """A connection to the server on a global address or on one of these networks.

        Raises SourceNotAsked, SourceUnreachable, TimeoutError, ssl.SSLError and other kinds of OSError.
        """
        deadline = min(deadline, time.monotonic() + _CONNECT_SECONDS)
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        # A proxy's loopback is another machine's.
        if not self._proxy or on_loopback(host):
            connected = _connected(host, port, networks, deadline)
        else:
            connected = self._tunnel(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", deadline)
        if parts.scheme == "https":
            connected.settimeout(_left(deadline))
            connected = self._context().wrap_socket(connected, server_hostname=host)
        return TimedSocket(connected)

    def _tunnel(self, to: str, deadline: float) -> socket.socket:
        """A connection through the proxy (RFC 9110 section 9.3.6), which may stand on any private network."""
        proxy = urlsplit(self._proxy)
        connected = _connected(proxy.hostname or "", proxy.port or DEFAULT_PORTS["http"], PRIVATE, deadline)
        asked = TimedSocket(connected.dup())
        try:
            asked.send(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n".encode("latin-1"), deadline)
            with Incoming(asked, deadline) as incoming:
                status = incoming.head()
            if not 200 <= status < 300:
                raise SourceUnreachable(f"the proxy answered {status}")
        except BaseException:
            connected.close()
            raise
        return connected

    def _context(self) -> ssl.SSLContext:
        """One for the process: reading the machine's authorities takes longer than any page."""
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context(cafile=self._ca_file)
                self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            return self._tls


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), _SHORTEST)


def _connected(host: str, port: int, networks: tuple[Network, ...], deadline: float) -> socket.socket:
    """A connection to the first address of the name that answers, if it may be spoken to; all share the time."""
    failure: OSError = OSError("no address")
    found = _addresses(host, port, deadline)
    share = _left(deadline) / max(len(found), 1)
    for family, kind, protocol, _, address in found:
        connected = socket.socket(family, kind, protocol)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.settimeout(share)
            connected.connect(address)
            peer = connected.getpeername()[0]
        except OSError as cause:
            connected.close()
            failure = cause
            continue
        if may_be_spoken_to(peer, networks, loopback=on_loopback(host)):
            return connected
        connected.close()
        raise SourceUnreachable(f"{host} is at {peer}, which the settings do not allow for it")
    try:
        if isinstance(failure, TimeoutError):
            raise failure
        raise SourceNotAsked(f"{host}: no address could be connected to") from failure
    finally:
        del failure  # its traceback holds this frame


def _addresses(host: str, port: int, deadline: float) -> list[Any]:
    """What the system's resolver knows of the name; it has a patience of its own, which is not waited for."""
    asked = _resolving.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        return asked.result(_left(deadline))
    except FutureTimeout as cause:
        raise TimeoutError("the name was not resolved in time") from cause
    except (OSError, UnicodeError) as cause:
        raise SourceNotAsked(f"{host}: the name has no address") from cause
