"""The far side of the network: a small HTTP server on the loopback that answers as told and remembers who asked.

It can answer like a real hospital on a bad day: late, a byte at a time, with half an answer, or not at all.
"""

import gzip
import json
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from sightline.settings import ArchiveSettings, EhrSettings, LimitSettings
from sightline.settings.addresses import origin_of


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Reply:
    """One answer. `wait` seconds pass before it begins; `drip` seconds after each byte of its body.

    `promised` is the Content-Length where it is not the truth; `chunked` sends none. `silent` closes without a word,
    `reset` breaks the connection after these bytes instead of an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    drip: float = 0
    drip_headers: float = 0
    promised: int | None = None
    chunked: bool = False
    silent: bool = False
    reset: bytes | None = None


def as_json(value: Any, status: int = 200, **more: Any) -> Reply:
    """A JSON answer as FHIR servers send it."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/fhir+json"}, **more)


def zipped(body: bytes, **more: Any) -> Reply:
    """The same body, compressed."""
    return Reply(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}, **more)


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    """Each reply once, in their order, whatever is asked."""
    left = iter(replies)
    return lambda _: next(left)


HTML = Reply(body=b"<!doctype html><title>Maintenance</title>", headers={"Content-Type": "text/html"})


class FarSide:
    """The server, running inside `with`. `answer` gives the reply to a request; `asked` holds every request so far.

    `connections` counts those accepted; `hung_up` is set when somebody left in the middle of an answer. With `tls` it
    speaks https.
    """

    def __init__(self, answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.connections = 0
        self.hung_up = threading.Event()
        self.closing = threading.Event()
        self._scheme = "https" if tls else "http"
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.far_side = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return self.url_at("127.0.0.1")

    def url_at(self, host: str) -> str:
        """Its origin under another name."""
        return f"{self._scheme}://{host}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    far_side: FarSide

    def get_request(self) -> tuple[socket.socket, Any]:
        self.far_side.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is what some tests are about."""
        self.far_side.hung_up.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are sent apart, and would wait for each other
    server: _Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
        self.server.far_side.asked.append(asked)
        self._give(self.server.far_side.answer(asked))

    do_POST = do_GET

    def _give(self, reply: Reply) -> None:
        if self.server.far_side.closing.wait(reply.wait) or reply.silent:
            self.close_connection = True
            return
        if reply.reset is not None:
            self._break_off(reply.reset)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body) if reply.promised is None else reply.promised))
        if reply.drip_headers:
            self._trickle(b"X-Endless: " + b"a" * 1000, reply.drip_headers)
        self.end_headers()
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(reply.body), reply.body) if reply.chunked else reply.body
        if reply.drip:
            self._trickle(body, reply.drip)
        else:
            self.wfile.write(body)
        self.close_connection = reply.promised is not None

    def _break_off(self, said: bytes) -> None:
        self.wfile.write(said)
        self.server.far_side.closing.wait(0.1)  # else the far side of this far side would not even see what was said
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True

    def _trickle(self, content: bytes, pause: float) -> None:
        self.flush_headers()
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.far_side.closing.wait(pause):
                return

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing to the terminal."""


def unused_origin() -> str:
    """An origin on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def resolve(patch: pytest.MonkeyPatch, name: str, *addresses: str) -> None:
    """Has the network's name service give these addresses for the name."""
    known = socket.getaddrinfo

    def answer(host: str, *facts: Any, **more: Any) -> list[Any]:
        return [found for each in (addresses if host == name else (host,)) for found in known(each, *facts, **more)]

    patch.setattr(socket, "getaddrinfo", answer)


def seconds_since(begin: float) -> float:
    return time.monotonic() - begin


def ehr_at(iss: str, **changes: Any) -> EhrSettings:
    """Settings of an EHR with this FHIR base."""
    facts = {
        "name": "north-wing",
        "title": "North Wing EHR",
        "iss": iss,
        "sign_in": "smart",
        "authorization": "smart",
        "client_id": "sightline",
        "client_authentication": "client_secret_basic",
        "client_secret": "s3cret",
        "scopes": ("launch", "openid", "fhirUser", "patient/ImagingStudy.read"),
        "endpoint_origins": (origin_of(iss),),
        "private_networks": (),
        "issuer": "",
        "jwks_uri": "",
        "nonce_required": True,
        "required_claim": "",
        "required_value": "",
        "backend_client_id": "",
        "backend_scopes": ("system/Patient.rs", "system/ImagingStudy.rs"),
        "bearer_token": "",
        "basic_user": "",
        "basic_password": "",
        "frame_ancestors": (),
        "search": frozenset(),
        "reports": "beside",
        "viewer": "display",
    }
    return EhrSettings(**{**facts, **changes})


def archive_at(address: str, **changes: Any) -> ArchiveSettings:
    """Settings of an archive with this DICOMweb address, which knows patients by the numbers of one hospital."""
    facts = {
        "name": "radiology",
        "title": "Radiology archive",
        "address": address,
        "wado_address": address,
        "authorization": "none",
        "ehrs": ("north-wing",),
        "asked_for": frozenset({"studies", "pictures"}),
        "issuers": (("urn:oid:1.2.3", "NORTH"),),
        "case_sensitive": True,
        "issuer_may_be_absent": False,
        "institutions": (),
        "private_networks": (),
        "token_endpoint": "",
        "backend_client_id": "",
        "backend_scopes": (),
        "bearer_token": "",
        "basic_user": "",
        "basic_password": "",
        "limits": limits_of(),
    }
    return ArchiveSettings(**{**facts, **changes})


def limits_of(**changes: Any) -> LimitSettings:
    """Limits of one source, short enough for a test."""
    facts = {"answer_seconds": 5, "list_seconds": 10, "answer_bytes": 1_000_000, "pages": 50, "studies": 10_000}
    facts |= {"page_seconds": 5, "rows_seconds": 5, "report_seconds": 5, "picture_seconds": 2}
    return LimitSettings(**{"launches_a_minute": 1000, **facts, **changes})
