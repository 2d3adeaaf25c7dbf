"""FHIR's data types as they come in raw JSON, read so that nothing in them can raise.

Two kinds of reader. Those for any JSON value give text, or None (an empty tuple) where what they look for is not there.
Those for `Raw` bytes are remembered: a hospital's studies repeat the same few codings thousands of times, and reading
each of them once is most of this reader's speed. They hold codes and body sites, never anything of one patient. A Raw
has no hash; `b"" + raw` makes it the bytes to look up, in half of the time that `bytes(raw)` takes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import msgspec

from sightline.json_text import NOT_READABLE
from sightline.outside_text import text

T = TypeVar("T")

MOST_REFERENCES = 32
_DISTINCT_CODINGS, _USUAL_CODING = 4096, 1024
_SHARED_ENDPOINTS = 16


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; a lone object counts as a list of one, since some servers forget the brackets."""
    if type(value) is list:
        return [item for item in value if type(item) is dict]
    return [value] if type(value) is dict else []


def codings(value: Any) -> Iterator[tuple[str | None, str]]:
    """(system, code) of a code, Coding, CodeableConcept, CodeableReference, or a list of any of them."""
    if type(value) is str:
        yield None, value
    elif type(value) is list:
        for item in value:
            yield from codings(item)
    elif type(value) is dict:
        if code := text(value.get("code")):
            yield text(value.get("system")), code
        else:
            yield from codings(value.get("coding") or value.get("concept"))


def concept_text(value: Any) -> str | None:
    """The words of the first Coding, CodeableConcept or CodeableReference that has any: text, display, then code."""
    for item in objects(value):
        inner = item.get("concept")
        concept = inner if type(inner) is dict else item
        if words := text(concept.get("text")) or text(concept.get("display")):
            return words
        for coding in objects(concept.get("coding")):
            if words := text(coding.get("display")) or text(coding.get("code")):
                return words
    return None


def value_of(raw: bytes) -> Any:
    """The JSON value in `raw`; None where it is no JSON."""
    try:
        return msgspec.json.decode(raw)
    except NOT_READABLE:
        return None


class _Remembered(dict[bytes, T]):
    """What `read` found in each distinct element; looked up without a step of Python."""

    def __init__(self, read: Callable[[bytes], T], most: int) -> None:
        self._read, self._most = read, most

    def __missing__(self, raw: bytes) -> T:
        found = self._read(raw)
        if len(raw) <= _USUAL_CODING:
            if len(self) >= self._most:
                self.clear()
            self[raw] = found
        return found


def remembered(read: Callable[[bytes], T], *, most: int = _DISTINCT_CODINGS) -> Callable[[bytes], T]:
    """`read`, but each distinct element once, unless it is too large to be one of a hospital's usual codings.

    So many of them at `most` are kept.
    """
    return _Remembered(read, most).__getitem__


@remembered
def codes_in(raw: bytes) -> tuple[str, ...]:
    """The codes of `codings`, from the bytes of the element."""
    return tuple(code for _, code in codings(value_of(raw)))


@remembered
def words_in(raw: bytes) -> str | None:
    """The words of `concept_text`, from the bytes of the element."""
    return concept_text(value_of(raw))


@partial(remembered, most=_SHARED_ENDPOINTS)
def references_in(raw: bytes) -> tuple[str, ...]:
    """The references in a list of References (or in a lone one), each once, from the bytes of the element.

    Few are remembered: a server has a handful of Endpoints, or one for each study.
    """
    stated = (text(item.get("reference")) for item in objects(value_of(raw)))
    return tuple(dict.fromkeys(reference for reference in stated if reference))[:MOST_REFERENCES]
