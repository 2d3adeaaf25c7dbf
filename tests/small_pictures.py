"""Small pictures that are what they say, as far as anybody looks at them without drawing them."""

JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def png(width: int = 192, height: int = 128, filling: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + _sides(width, height, 4, "big") + bytes(20 + filling)


def gif(width: int = 192, height: int = 128) -> bytes:
    return b"GIF89a" + _sides(width, height, 2, "little") + bytes(20)


def jpeg(width: int = 192, height: int = 128, frame: int = 0xC0) -> bytes:
    return JPEG_HEAD + b"\xff" + bytes([frame]) + b"\x00\x11\x08" + _sides(height, width, 2, "big") + bytes(20)


def _sides(one: int, other: int, octets: int, order: str) -> bytes:
    return one.to_bytes(octets, order) + other.to_bytes(octets, order)  # type: ignore[arg-type]
