"""JSON from outside, read so that its text can do no harm: limits first, then the values, and no second meaning.

A document that a decision hangs on (who signed in, where a code is sent, whose record this is) is read by `value`. A
Bundle, which may be large and is read by types of its own, passes `refuse_crowd` first.
"""

import json
import random
import re
from typing import Any

import msgspec

_MARK = b"\xef\xbb\xbf"
_LARGEST_DOCUMENT, _MOST_IN_A_DOCUMENT = 16_000_000, 500_000
_DEEPEST = 100
# In a Bundle so many values are harmless; of more, one in so many bytes is more than any server's honest answer has.
_HARMLESS, _BYTES_A_VALUE = 100_000, 8
_STRETCH, _SAMPLE = 65_536, 256

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LONE = re.compile("[\ud800-\udfff]")


class NotReadable(ValueError):
    """Not JSON (RFC 8259), or JSON that is not safe to read. Its text says why and quotes nothing."""


# What a reader with types of its own raises for bytes that it cannot read: broken JSON, other types, endless brackets.
NOT_READABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NotReadable)


def value(body: bytes) -> Any:
    """The value of a document in UTF-8, with or without a byte order mark; a lone surrogate becomes U+FFFD.

    Raises NotReadable, also for a name that stands twice in an object (two readers could take two values), for NaN,
    Infinity and numbers beyond a float's range, and for a document too large, too deep or too crowded.
    """
    if len(body) > _LARGEST_DOCUMENT:
        raise NotReadable("too large")
    if _values(body) > _MOST_IN_A_DOCUMENT:
        raise NotReadable("too many values")
    _refuse_deep(body)
    try:
        found = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=unique, parse_constant=_no_number, parse_float=_finite
        )
    except NotReadable:
        raise
    except (ValueError, RecursionError) as cause:
        raise NotReadable("broken JSON") from cause
    return _whole_characters(found) if rb"\u" in body else found


def without_mark(body: bytes) -> bytes:
    """`body` without the byte order mark that some servers begin with (RFC 8259 section 8.1)."""
    return body.removeprefix(_MARK)


def refuse_crowd(body: bytes) -> None:
    """Raises NotReadable for a Bundle of so many values so close together that reading them would take all memory.

    Counted are the signs that stand before a value, those in strings too. Counting a large Bundle costs as much as
    reading it, so a sample at places of chance is counted first, and the whole only where the sample has too many.
    """
    allowed = max(_HARMLESS, len(body) // _BYTES_A_VALUE)
    if len(body) > allowed and _values(_sample(body)) * _STRETCH // _SAMPLE > allowed and _values(body) > allowed:
        raise NotReadable("too many values")


def _sample(body: bytes) -> bytes:
    """A few bytes of each stretch, nobody outside knows which."""
    room = _STRETCH - _SAMPLE
    starts = (begin + int(random.random() * room) for begin in range(0, len(body), _STRETCH))  # noqa: S311
    return b"".join([body[start : start + _SAMPLE] for start in starts])


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"{") + body.count(b"[") + 1


def _refuse_deep(body: bytes) -> None:
    """Takes the innermost brackets away, again and again: as often as the text is deep."""
    brackets = _STRING.sub(b"", body).translate(_BRACKETS, _NO_BRACKETS)
    for _ in range(_DEEPEST):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise NotReadable("too deep, or brackets that do not match")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these names and values. Raises NotReadable where a name stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("a name stands twice")
    return found


def _no_number(_: str) -> Any:
    raise NotReadable("a number that is none")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotReadable("a number that is none")
    return number


def _whole_characters(found: Any) -> Any:
    """The same value without lone surrogates, which no page and no log could be written with."""
    if type(found) is str:
        return _LONE.sub("\ufffd", found)
    if type(found) is list:
        return [_whole_characters(item) for item in found]
    if type(found) is dict:
        return {_whole_characters(name): _whole_characters(item) for name, item in found.items()}
    return found
