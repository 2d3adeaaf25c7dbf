"""Single values out of JSON from outside, FHIR's or DICOM's, read so that nothing in them can raise."""

from typing import Any

_LARGEST_COUNT = 10**9
_LONGEST_TEXT = 4096

_PADDING = " \t\n\v\f\r\0\x85\xa0"

# What could turn the reading direction of the words around it, or is no character to be shown at all.
_UNSHOWABLE = {**dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ")}
_UNSHOWABLE |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "")


def text(value: Any) -> str | None:
    """A string with something in it, trimmed, without control characters and without overrides of direction."""
    if type(value) is not str:
        return None
    if len(value) > _LONGEST_TEXT or not value.isprintable():
        value = value[:_LONGEST_TEXT].translate(_UNSHOWABLE)
    return value.strip() or None


def unaltered(value: Any) -> str | None:
    """A string by which a study or a patient is known, as it is but for padding (spaces, line ends, NUL) around it.

    None where it holds what nobody can see: without that it would be the number of another one.
    """
    bare = value.strip(_PADDING) if type(value) is str else ""
    return bare if bare and len(bare) <= _LONGEST_TEXT and bare.isprintable() else None


def count(value: Any) -> int | None:
    """A number of things: an integer from 0, also where a server sends it as a string."""
    if type(value) is int:
        return value if 0 <= value < _LARGEST_COUNT else None
    plain = type(value) is str and value.isascii() and value.isdigit() and len(value) < 10
    return int(value) if plain else None
