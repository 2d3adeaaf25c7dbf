"""A whole HTTP answer, read as far as Sightline means to read: no redirect, no foreign encoding, not without end."""

from collections.abc import Mapping
from dataclasses import dataclass

import urllib3

from sightline.errors import SourceFailed, SourceTooLarge

_CHUNK = 256 * 1024
# The one that is asked for, under the names it comes by (RFC 9110 section 8.4.1.3). Any other could be any bomb.
_ENCODINGS = ("", "identity", "gzip", "x-gzip")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are read in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def whole(response: urllib3.BaseHTTPResponse, limit: int) -> Answer:
    """The answer with its body, of `limit` bytes at most after decompression.

    Raises SourceFailed before the body is touched where it would not be used, SourceTooLarge as soon as it is.
    """
    if 300 <= response.status < 400:
        raise SourceFailed(f"redirect ({response.status}), which Sightline does not follow")
    if response.status < 200:
        raise SourceFailed(f"status {response.status}, which is no answer")
    encoding = response.headers.get("Content-Encoding", "").lower()
    if encoding not in _ENCODINGS:
        raise SourceFailed("an encoding that was not asked for")
    chunks, size = [], 0
    for chunk in response.stream(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > limit:
            raise SourceTooLarge(f"more than {limit} bytes")
        chunks.append(chunk)
    return Answer(response.status, response.headers, chunks[0] if len(chunks) == 1 else b"".join(chunks))
