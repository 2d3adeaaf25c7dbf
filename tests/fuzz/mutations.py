"""Real documents, a little broken: in their bytes, or in their values."""

import json
from copy import deepcopy
from random import Random
from typing import Any

_PIECES = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-0",
    b"99999999999999999999999", b'"\\ud800"', b"\\udfff", b"\\u0000", b"\xff", b"\xc0\xae", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\x00", b"\r\n", b"&", b"=", b"%", b"%2e", b"%ff", b"../", b"..;", b"//", b"#", b"?", b"@", b".",
    b" ", b"+", b"[" * 300, b'{"a":' * 300, b'"x":1,"x":2,', b'"resourceType":"Patient",', b'"total":0,', b"x" * 5000,
]  # fmt: skip
_VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "ada", "\ud800", "Ada \udfff", "\x00", "\u202e", "x" * 5000, [],
    {}, [[]], [None],
    {"reference": "Patient/cleo"}, {"coding": [{}]}, "9999-99-99", "http://[", "urn:oid:", "Patient/ada", 2**63, -0.0,
]  # fmt: skip


def broken(seed: bytes, other: bytes, chance: Random) -> bytes:
    """One of the documents with a few faults; `other` lends it pieces."""
    body = _with_other_values(seed, chance) if chance.random() < 0.5 else seed
    for _ in range(chance.choice([0, 0, 0, 1, 2, 8])):
        body = _with_other_bytes(body, other, chance)
    return body


def _with_other_bytes(body: bytes, other: bytes, chance: Random) -> bytes:
    begin = chance.randint(0, len(body))
    end = min(len(body), begin + chance.choice([0, 1, 1, 2, 5, 20, 200]))
    from_other = chance.randint(0, len(other))
    piece = chance.choice(
        [
            b"",
            bytes([chance.randrange(256)]),
            chance.choice(_PIECES),
            body[begin:end] * 2,
            other[from_other : from_other + chance.choice([1, 10, 100])],
        ]
    )
    return body[:begin] + piece + body[end:]


def _with_other_values(body: bytes, chance: Random) -> bytes:
    try:
        found = json.loads(body)
    except ValueError:
        return body
    for _ in range(chance.choice([1, 1, 2, 5])):
        found = _with_another_value(found, chance)
    return json.dumps(found, ensure_ascii=chance.random() < 0.9).encode("utf-8", "surrogatepass")


def _with_another_value(found: Any, chance: Random) -> Any:
    """Somewhere in it another value, or one more, or one less."""
    if not found or type(found) not in (dict, list) or chance.random() < 0.1:
        return deepcopy(chance.choice(_VALUES))
    key = chance.choice(list(found) if type(found) is dict else range(len(found)))
    inner = found[key]
    if chance.random() < 0.1:
        del found[key]
    elif chance.random() < 0.1:
        found = {**found, "x": inner} if type(found) is dict else [*found, inner]
    else:
        found[key] = _with_another_value(inner, chance)
    return found
