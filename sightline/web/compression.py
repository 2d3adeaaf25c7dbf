"""What leaves compressed (gzip): static files, and the page of a long list where nothing of the request stands in it.

Who can have a page repeat chosen words beside its secrets, and sees how long it is, can guess them letter by letter
(BREACH). So a page leaves compressed only if its address has no query: what is filtered by, or asked for, is not in it.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flask import Flask, Response, request

_LONG_LISTS = "studies.page"
_LEAST = 28_000  # bytes of a page; with style and module, a shorter one is below 40 kB as it is, and costs nothing here
_QUICK, _SMALLEST = 1, 9
_GZIP = 31


def register(app: Flask) -> None:
    """Compresses where the browser takes it. What a proxy in front is told to compress is the hospital's own choice."""
    app.after_request(_packed)


def _packed(response: Response) -> Response:
    is_static = request.endpoint == "static"
    if response.status_code != 200 or not (is_static or (request.endpoint == _LONG_LISTS and not request.query_string)):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    if is_static:
        _of_file(response)
    elif response.is_streamed:
        # The rows that are there leave at once: each piece can be unpacked without the next.
        written = response.response
        response.call_on_close(written.close)  # type: ignore[union-attr]
        response.response = _of_pieces(response.iter_encoded())
        response.content_encoding = "gzip"
    elif len(page := response.get_data()) >= _LEAST:
        response.set_data(gzip.compress(page, _QUICK, mtime=0))
        response.content_encoding = "gzip"
    return response


def _of_file(response: Response) -> None:
    response.call_on_close(response.response.close)  # type: ignore[union-attr]
    response.direct_passthrough = False
    response.set_data(_file(response.get_data()))
    response.content_encoding = "gzip"
    response.set_etag(response.get_etag()[0] or "", weak=True)


@lru_cache(16)
def _file(content: bytes) -> bytes:
    return gzip.compress(content, _SMALLEST, mtime=0)


def _of_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_QUICK, wbits=_GZIP)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
