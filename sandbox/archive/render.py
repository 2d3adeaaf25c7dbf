"""Rendered and thumbnail resources (PS3.18 10.4.1.1.3, 10.4.1.1.5, 8.3.5): pictures for a page, at every level."""

import math

from flask import Response, abort, request

from sandbox.archive.accept import best
from sandbox.archive.index import Instance
from sandbox.archive.pixels import FORMATS, Look, Window, rendered
from sandbox.archive.retrieve import frame_numbers, instances_at

THUMBNAIL_PIXELS = 192
LARGEST_VIEWPORT = 8192
FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}


def picture(study: str, series: str | None = None, instance: str | None = None, numbers: str | None = None) -> Response:
    """One frame as JPEG or PNG: of a series or study the middle image, of a cine the middle frame unless named."""
    one, number = _representative(instances_at(study, series, instance), numbers)
    look = Look(_mime(), _window(), *_viewport(), quality=_quality())
    return Response(rendered(one.path, number, look), mimetype=look.mime)


def thumbnail(
    study: str, series: str | None = None, instance: str | None = None, numbers: str | None = None
) -> Response:
    """The same picture, small: within 192 by 192 pixels unless `viewport` says otherwise."""
    one, number = _representative(instances_at(study, series, instance), numbers)
    size, _ = _viewport()
    look = Look(_mime(), size=size or (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), quality=80)
    return Response(rendered(one.path, number, look), mimetype=look.mime)


def _representative(found: tuple[Instance, ...], numbers: str | None) -> tuple[Instance, int]:
    one = found[len(found) // 2]
    if numbers is None:
        return one, (one.frames + 1) // 2
    listed = frame_numbers(one, numbers)
    if len(listed) > 1:
        abort(406, "Several frames cannot be rendered into one picture; ask for one.")
    return one, listed[0]


def _mime() -> str:
    found = best(request, tuple(FORMATS))
    if found is None:
        abort(406, "Pictures are given as image/jpeg or image/png.")
    return found


def _window() -> Window | None:
    text = request.args.get("window")
    if text is None:
        return None
    pieces = text.split(",")
    try:
        centre, width, function = (
            float(pieces[0]),
            float(pieces[1]),
            FUNCTIONS[pieces[2] if len(pieces) > 2 else "linear"],
        )
    except (ValueError, IndexError, KeyError):
        abort(400, "window is centre,width,function; the function is linear, linear-exact or sigmoid.")
    if len(pieces) > 3 or not (math.isfinite(centre) and math.isfinite(width) and width > 0):
        abort(400, "window needs a finite centre and a width above zero.")
    return Window(centre, width, function)


def _viewport() -> tuple[tuple[int, int] | None, tuple[int, int, int, int] | None]:
    text = request.args.get("viewport")
    if text is None:
        return None, None
    pieces = text.split(",")
    if len(pieces) not in (2, 6) or not all(piece.isascii() and piece.isdigit() for piece in pieces):
        abort(400, "viewport is width,height in pixels, or width,height,x,y,width,height.")
    numbers = [int(piece) for piece in pieces]
    sizes = numbers[:2] + numbers[4:]
    if not all(0 < size <= LARGEST_VIEWPORT for size in sizes):
        abort(400, f"viewport sides must be between 1 and {LARGEST_VIEWPORT} pixels.")
    region = (numbers[2], numbers[3], numbers[4], numbers[5]) if len(numbers) == 6 else None
    return (numbers[0], numbers[1]), region


def _quality() -> int:
    text = request.args.get("quality", "90")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        abort(400, "quality is a whole number from 1 to 100.")
    return int(text)
