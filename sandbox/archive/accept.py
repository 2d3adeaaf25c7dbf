"""Choosing a media type (PS3.18 8.7): the Accept header, or the `accept` query parameter that stands in for it."""

import re
from dataclasses import dataclass

from flask import Request


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One acceptable media type: `multipart/related` with its `type` as `inner`, or a plain one with `inner` empty."""

    name: str
    inner: str = ""
    transfer_syntax: str = ""
    quality: float = 1.0


def ranges(request: Request) -> list[MediaRange]:
    """What the request accepts, best first. Nothing said means anything."""
    text = request.args.get("accept") or request.headers.get("Accept") or "*/*"
    found = [_range(part) for part in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', text) if part.strip()]
    return sorted((one for one in found if one.quality > 0), key=lambda one: -one.quality)


def best(request: Request, offered: tuple[str, ...]) -> str | None:
    """The first acceptable of the offered media types (the server's order breaks ties), or None for 406."""
    for wanted in ranges(request):
        for name in offered:
            if wanted.name in (name, "*/*", f"{name.split('/')[0]}/*"):
                return name
    return None


def multipart(request: Request, inner: str) -> MediaRange | None:
    """The range that allows multipart/related of that inner type, or None for 406."""
    family = f"{inner.split('/')[0]}/*"
    for wanted in ranges(request):
        if wanted.name == "*/*" or (
            wanted.name in ("multipart/related", "multipart/*") and wanted.inner in ("", inner, "*/*", family)
        ):
            return wanted
    return None


def _range(text: str) -> MediaRange:
    name, *rest = (piece.strip() for piece in re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', text))
    pairs = (piece.partition("=") for piece in rest)
    parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        quality = 0.0
    return MediaRange(name.lower(), parameters.get("type", "").lower(), parameters.get("transfer-syntax", ""), quality)
