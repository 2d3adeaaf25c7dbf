"""A small picture from outside: it is what its first bytes say, whatever its sender calls it, and it is small.

Decoded, a picture is as large as its sides, not as its bytes: so these are read too, before a browser does.
"""

from msgspec import Struct

MOST_BYTES, LONGEST_SIDE = 1_000_000, 4096
_PNG, _GIFS, _JPEG = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a"), b"\xff\xd8\xff"
# JPEG's frame headers (ITU-T T.81 table B.1): all of SOF0 to SOF15 but DHT, JPG and DAC. Markers without a length.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class NotAPicture(ValueError):
    """No JPEG, PNG or GIF, or one that is too large. Its text says why and quotes nothing."""


class Picture(Struct, frozen=True):
    """`mime` is what the bytes are."""

    mime: str
    content: bytes


def picture(content: bytes) -> Picture:
    """Raises NotAPicture."""
    mime, sides = _read(content)
    if len(content) > MOST_BYTES or max(sides) > LONGEST_SIDE:
        raise NotAPicture(f"a picture of {len(content)} bytes, {sides[0]} by {sides[1]}")
    if min(sides) < 1:
        raise NotAPicture("a picture without sides")
    return Picture(mime, content)


def _read(content: bytes) -> tuple[str, tuple[int, int]]:
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        return "image/png", (_number(content[16:20]), _number(content[20:24]))
    if content.startswith(_GIFS):
        return "image/gif", (int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little"))
    if content.startswith(_JPEG):
        return "image/jpeg", _sides_of_jpeg(content)
    raise NotAPicture("no JPEG, PNG or GIF")


def _sides_of_jpeg(content: bytes) -> tuple[int, int]:
    """Width and height of its first frame header, which stands behind segments that say their length."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _FRAMES:
            return _number(content[place + 7 : place + 9]), _number(content[place + 5 : place + 7])
        # 0xFF may be repeated before a marker
        place += 1 if marker == 0xFF else 2 if marker in _ALONE else 2 + _number(content[place + 2 : place + 4])
    raise NotAPicture("a JPEG without a frame")


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")
