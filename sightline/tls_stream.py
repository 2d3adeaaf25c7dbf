"""The door for what is not HTTP: bytes to one server over TLS, which count only once its end has read them all."""

import contextlib
import socket
import ssl
import time
from pathlib import Path

from msgspec import Struct

_ENOUGH = 1024
_REFUSAL_SECONDS = 0.5


class TlsServer(Struct, frozen=True):
    """A server, and what it and Sightline prove who they are with. No `ca_file`: the authorities that the system knows.

    `certificate_file` and `key_file` are Sightline's own, for servers that ask for one; both or neither.
    """

    host: str
    port: int
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


def send(server: TlsServer, data: bytes, seconds: float) -> None:
    """Sends `data` on a connection of its own. Raises OSError where the server may not have read all of it.

    The stream says nothing of what was read, so its end is what is waited for: after our close_notify (RFC 5246 7.2.1)
    the server reads to the end before it closes its side. One that closed with something unread resets the connection.
    """
    deadline = time.monotonic() + seconds
    context = ssl.create_default_context(cafile=server.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.certificate_file:
        context.load_cert_chain(server.certificate_file, server.key_file)
    with (
        socket.create_connection((server.host, server.port), timeout=seconds) as plain,
        context.wrap_socket(plain, server_hostname=server.host) as stream,
    ):
        _listen(stream)
        stream.settimeout(_left(deadline))
        stream.sendall(data)
        stream.settimeout(_left(deadline))
        _end(stream, deadline)


def _listen(stream: ssl.SSLSocket) -> None:
    """Gives the server a moment to refuse us before anything is said.

    By TLS 1.3 it looks at our certificate when the handshake is already over for us, and syslog-ng 3.38 then closes as
    politely as one that has read everything.
    """
    stream.settimeout(_REFUSAL_SECONDS)
    with contextlib.suppress(TimeoutError):
        if not stream.recv(_ENOUGH):
            raise ConnectionAbortedError("the server closed the connection before anything was said")


def _end(stream: ssl.SSLSocket, deadline: float) -> None:
    """Says that we are done, and reads until the server is."""
    with contextlib.suppress(ssl.SSLEOFError):  # rsyslog with GnuTLS closes without a close_notify
        plain = stream.unwrap()
        plain.settimeout(_left(deadline))
        while plain.recv(_ENOUGH):
            plain.settimeout(_left(deadline))


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the server did not read it all in time")
    return left
