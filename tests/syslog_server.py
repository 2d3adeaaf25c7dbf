"""A syslog server as a hospital's audit repository has one: TLS, RFC 5425 frames, and not a word in answer."""

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.throw_away_ca import Certificate


@dataclass
class SyslogServer:
    """The server, running inside `with`; `messages` are those it has read, `broken` the connections that it reset.

    `resets`: so many connections are reset after their first bytes. `stuck`: reads nothing. `hangs_up`: when it knows
    who is there. `client_ca`: who may come.
    """

    certificate: Certificate
    client_ca: Path | None = None
    resets: int = 0
    stuck: bool = False
    hangs_up: bool = False
    closes_without_notice: bool = False
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    messages: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        context.maximum_version = self.newest_tls
        if self.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.client_ca)
        self._context, self._ending = context, threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connected, _ = self._listener.accept()
            except TimeoutError:
                continue
            connected.settimeout(5)
            with connected, contextlib.suppress(OSError):
                self._serve(connected)

    def _serve(self, connected: socket.socket) -> None:
        with self._context.wrap_socket(connected, server_side=True) as stream:
            if self.stuck:
                self._ending.wait(10)
                return
            if self.hangs_up:
                self._hang_up(stream)
                return
            if self.resets:
                self.resets -= 1
                stream.recv(10)
                linger = b"\x01\0\0\0\0\0\0\0"  # on, 0 seconds: what was not read is thrown away, and the peer told so
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            data = b""
            while piece := stream.recv(65536):
                data += piece
            self.messages += frames(data)
            if not self.closes_without_notice:
                time.sleep(0.05)
                stream.unwrap()

    def _hang_up(self, stream: ssl.SSLSocket) -> None:
        """Takes leave politely, and throws away all that still comes, unread."""
        stream.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError):
            stream.unwrap()
        raw = socket.socket(fileno=stream.detach())
        with raw:
            raw.settimeout(5)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass


def frames(data: bytes) -> list[bytes]:
    """The messages of RFC 5425 frames; AssertionError where the lengths do not fit."""
    found = []
    while data:
        length, _, data = data.partition(b" ")
        assert length.isdigit()
        assert len(data) >= int(length)
        found.append(data[: int(length)])
        data = data[int(length) :]
    return found
