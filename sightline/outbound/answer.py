"""An HTTP answer, read as far as Sightline means to read: no redirect, no foreign encoding, not without end.

httptools (llhttp, the parser of Node.js) takes the bytes apart; what is not HTTP to the letter is no answer.
"""

import zlib
from collections.abc import Mapping
from http.client import RemoteDisconnected
from typing import Self

import httptools
from msgspec import Struct
from requests.structures import CaseInsensitiveDict

from sightline.errors import SourceFailed, SourceTooLarge
from sightline.outbound.deadline import TimedSocket

_LARGEST_HEAD = 64 * 1024
# The one that is asked for, under the names it comes by (RFC 9110 section 8.4.1.3). Any other could be any bomb.
_PLAIN, _ZIPPED = ("", "identity"), ("gzip", "x-gzip")
_GZIP = 16 + zlib.MAX_WBITS


class Answer(Struct, frozen=True):
    """A whole HTTP answer. Header names are read in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Incoming:
    """An answer as it comes in on a connection, inside `with`.

    Afterwards the connection is closed, unless `leaves_connection` says that it may serve another question.
    """

    def __init__(self, connection: TimedSocket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        self._parser = httptools.HttpResponseParser(self)
        self._headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        self._body: list[bytes] = []
        self._size = self._messages = 0
        self._has_head = self._is_whole = self.leaves_connection = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        del self._parser  # which holds this, and would leave both to the garbage collector
        if kind or not self.leaves_connection:
            self.leaves_connection = False
            self._connection.close()

    def head(self) -> int:
        """Reads the head and gives the status. Raises RemoteDisconnected where not a byte of it came."""
        came = 0
        while not self._has_head:
            try:
                piece = self._connection.receive(self._deadline)
            except ConnectionError as cause:
                if came:
                    raise
                raise RemoteDisconnected("broke before the answer's first byte") from cause
            if not piece:
                raise ConnectionResetError("broke in the answer's head") if came else RemoteDisconnected("hung up")
            self._feed(piece)
            came += len(piece)
            if came > _LARGEST_HEAD and not self._has_head:
                raise SourceTooLarge("a head of more bytes than any has")
        return int(self._parser.get_status_code())

    def whole(self, limit: int) -> Answer:
        """The answer with its body, of `limit` bytes at most after decompression.

        Raises SourceFailed before the body is read where it would not be used, SourceTooLarge as soon as it is.
        """
        status = self.head()
        if 300 <= status < 400:
            raise SourceFailed(f"redirect ({status}), which Sightline does not follow")
        if status < 200:
            raise SourceFailed(f"status {status}, which is no answer")
        encoding = self._headers.get("Content-Encoding", "").lower()
        if encoding not in _PLAIN + _ZIPPED:
            raise SourceFailed("an encoding that was not asked for")
        while not self._is_whole and self._size <= limit:
            piece = self._connection.receive(self._deadline)
            if piece:
                self._feed(piece)
            elif self._ends_with_connection:
                break
            else:
                raise ConnectionResetError("broke in the answer's body")
        if self._size > limit:
            raise SourceTooLarge(f"more than {limit} bytes")
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        return Answer(status, self._headers, _unzipped(body, limit) if encoding in _ZIPPED and body else body)

    def _feed(self, piece: bytes) -> None:
        """Raises ConnectionError for what is not HTTP; what follows a whole answer is not looked at, and not kept."""
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            pass  # 101, which `whole` refuses by its status
        except httptools.HttpParserError as cause:
            if not self._is_whole:
                raise ConnectionAbortedError(f"not HTTP: {type(cause).__name__}") from cause
            self.leaves_connection = False

    @property
    def _ends_with_connection(self) -> bool:
        """Whether the end of the connection is the body's (RFC 9112 section 6.3)."""
        chunked = "chunked" in self._headers.get("Transfer-Encoding", "").lower()
        return not chunked and "Content-Length" not in self._headers

    # What the parser calls.

    def on_message_begin(self) -> None:
        self._messages += 1
        self.leaves_connection = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._messages == 1:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, piece: bytes) -> None:
        if self._messages == 1:
            self._body.append(piece)
            self._size += len(piece)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() == 100:  # "go on", which nobody asked for; the answer follows
            self._headers.clear()
            self._messages, self._has_head = 0, False
        else:
            self._is_whole = True
            self.leaves_connection = self._messages == 1 and self._parser.should_keep_alive()


def _unzipped(body: bytes, limit: int) -> bytes:
    """All members of a gzip file. Raises SourceTooLarge, zlib.error."""
    pieces, size = [], 0
    while body:
        member = zlib.decompressobj(_GZIP)
        pieces.append(member.decompress(body, limit + 1 - size))
        size += len(pieces[-1])
        if size > limit:
            raise SourceTooLarge(f"more than {limit} bytes")
        if not member.eof:
            raise zlib.error("breaks off")
        body = member.unused_data.lstrip(b"\0")
    return b"".join(pieces)
