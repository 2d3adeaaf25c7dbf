"""Connections whose peer was looked at before anything was sent, and whose answers have a deadline.

Certificates and host names are always checked, by TLS 1.2 or newer. No environment variable names a proxy.
"""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor, TimeoutError as FutureTimeout
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from sightline.errors import SourceUnreachable
from sightline.outbound.deadline import TimedResponse
from sightline.outbound.peers import may_be_spoken_to
from sightline.settings.addresses import PRIVATE, Network, on_loopback

_PER_ORIGIN = 128
_SHORTEST = 0.001

_resolving = ThreadPoolExecutor(16, "resolving")


class Connections:
    """Keeps connections, by way of `proxy` if there is one, to servers that the authorities in `ca_file` vouch for."""

    def __init__(self, proxy: str, ca_file: Path | None) -> None:
        self._proxy, self._ca_file = proxy, ca_file
        self._tls: ssl.SSLContext | None = None
        self._pools: dict[tuple[str, tuple[Network, ...]], urllib3.HTTPConnectionPool] = {}
        self._lock = Lock()

    def pool(self, origin: str, networks: tuple[Network, ...]) -> urllib3.HTTPConnectionPool:
        """Connections to a server on a global address or on these networks; for other networks there are others."""
        found = self._pools.get((origin, networks))
        if found is None:
            with self._lock:
                found = self._pools.setdefault((origin, networks), self._new(origin, networks))
        return found

    def _new(self, origin: str, networks: tuple[Network, ...]) -> urllib3.HTTPConnectionPool:
        options: dict[str, Any] = {"maxsize": _PER_ORIGIN, "retries": False}
        if origin.startswith("https:"):
            self._tls = options["ssl_context"] = self._tls or _tls(self._ca_file)
        # A proxy's loopback is another machine's.
        direct = not self._proxy or on_loopback(_bare(urllib3.util.parse_url(origin).host))
        pools = urllib3.PoolManager(**options) if direct else urllib3.ProxyManager(self._proxy, **options)
        pools.pool_classes_by_scheme = {
            "http": partial(_PlainPool, networks=networks),  # type: ignore[dict-item] # called, nothing else
            "https": partial(_TlsPool, networks=networks),  # type: ignore[dict-item]
        }
        return pools.connection_from_url(origin)


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=ca_file)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), _SHORTEST)


def _bare(host: str | None) -> str:
    """A host without the brackets of IPv6."""
    return (host or "").strip("[]")


class _Checked(HTTPConnection):
    """A connection to an address that may be spoken to."""

    response_class = TimedResponse

    def __init__(self, *arguments: Any, networks: tuple[Network, ...], **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The settings name the proxy itself: that it stands in the house needs no second permission.
        self._networks = PRIVATE if self.proxy else networks

    def _new_conn(self) -> socket.socket:
        connected = self._connected()
        address = connected.getpeername()[0]
        if not may_be_spoken_to(address, self._networks, loopback=on_loopback(_bare(self.host))):
            connected.close()
            raise SourceUnreachable(f"{self.host} is at {address}, which the settings do not allow for it")
        return connected

    def _connected(self) -> socket.socket:
        """A connection to the first address of the name that answers; all of them share the time for connecting."""
        deadline, failure = time.monotonic() + (self.timeout or 0.0), OSError("no address")
        found = self._addresses()
        share = _left(deadline) / max(len(found), 1)
        for family, kind, protocol, _, address in found:
            connected = socket.socket(family, kind, protocol)
            try:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.settimeout(share)
                connected.connect(address)
                connected.settimeout(_left(deadline))  # for the TLS handshake
                return connected
            except OSError as cause:
                connected.close()
                failure = cause
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "no address answered in time") from failure
        raise NewConnectionError(self, "no address could be connected to") from failure

    def _addresses(self) -> list[Any]:
        """What the system's resolver knows of the name; it has a patience of its own, which is not waited for."""
        asked = _resolving.submit(socket.getaddrinfo, _bare(self.host), self.port, type=socket.SOCK_STREAM)
        try:
            return asked.result(self.timeout)
        except FutureTimeout as cause:
            raise ConnectTimeoutError(self, "the name was not resolved in time") from cause
        except (OSError, UnicodeError) as cause:
            raise NewConnectionError(self, "the name has no address") from cause


class _CheckedTls(_Checked, HTTPSConnection):
    """The same with TLS; its certificate and host name are checked by `ssl_context`."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _CheckedTls
