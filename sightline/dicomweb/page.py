"""One answer to a QIDO-RS search: its records, and what the answer says of itself (PS3.18 8.3.4.4)."""

import re
from typing import Any

import msgspec
from msgspec import Struct

from sightline import json_text
from sightline.errors import SourceUnreadable
from sightline.json_text import NOT_READABLE, NotReadable
from sightline.outbound import Answer
from sightline.outside_text import text
from sightline.phrase import Phrase

_NO_CONTENT, _PARTIAL_CONTENT = 204, 206
_ADDITIONAL = re.compile(r"there (?:are|is) ([0-9]{1,9}) additional results?", re.IGNORECASE)
_WARNING = re.compile(r'299 [^",]*"((?:[^"\\]|\\.)*)"')

_records = msgspec.json.Decoder(list[msgspec.Raw])


class Page(Struct):
    """`size` counts the records that came, those that nobody could read (`unreadable`) included.

    `more`: the answer says that there are others; `additional` how many, where it says that. `warnings` are what else
    it has to say.
    """

    records: list[dict[str, Any]] = []
    size: int = 0
    unreadable: int = 0
    more: bool = False
    additional: int = 0
    warnings: tuple[str, ...] = ()


def page(answer: Answer) -> Page:
    """Raises SourceUnreadable where it is neither 204 nor a list; an empty body is no empty list."""
    stated = answer.headers.get("Warning", "")
    additional = _ADDITIONAL.search(stated)
    warnings = (text(words) for words in _WARNING.findall(stated) if not _ADDITIONAL.search(words))
    found = Page(
        more=additional is not None or answer.status == _PARTIAL_CONTENT,
        additional=int(additional[1]) if additional else 0,
        warnings=tuple(filter(None, warnings)),
    )
    for raw in [] if answer.status == _NO_CONTENT else _listed(answer.body):
        found.size += 1
        try:
            record = json_text.value(bytes(raw))
        except NotReadable:
            record = None
        if type(record) is dict and record:
            found.records.append(record)
        else:
            found.unreadable += 1
    return found


def _listed(body: bytes) -> list[msgspec.Raw]:
    body = json_text.without_mark(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        body = body.decode("utf-8", "replace").encode()  # one broken letter must not cost the whole list
    try:
        json_text.refuse_crowd(body)
        return _records.decode(body)
    except NOT_READABLE as cause:
        kind = "HTML or XML" if body[:200].lstrip().startswith(b"<") else "an empty answer" if not body else "no list"
        raise SourceUnreadable(
            f"not an answer to QIDO-RS: {kind}", Phrase("The archive sent an answer that is not readable as DICOM.")
        ) from cause
