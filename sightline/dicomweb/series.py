"""The series of a study in a QIDO-RS answer (PS3.18 10.6.3.3.2) -> what its page tells of them."""

from collections.abc import Iterable
from typing import Any

from sightline.dicomweb.qido import values
from sightline.outside_text import count, text
from sightline.study_details import Series
from sightline.uid import uid

# Not in every server's answer unasked: description, body part, side, count.
SERIES_FIELDS = "includefield=0008103E,00180015,00200060,00201209"
_SIDES = ("L", "R", "B")
_MOST_SERIES = 500


def series_of(records: Iterable[dict[str, Any]], study: str) -> tuple[Series, ...]:
    """Each once, by their numbers; a record without one Series UID, or of another study, is left out."""
    found: dict[str, Series] = {}
    for record in records:
        uids, studies = values(record, "0020000E"), values(record, "0020000D")
        if len(uids) == 1 and (name := uid(uids[0])) and studies in ([], [study]) and len(found) < _MOST_SERIES:
            found.setdefault(name, _series(record, name))
    return tuple(sorted(found.values(), key=lambda one: (one.number is None, one.number or 0)))


def _series(record: dict[str, Any], name: str) -> Series:
    side = _text(record, "00200060")
    return Series(
        uid=name,
        number=_count(record, "00200011"),
        modality=_text(record, "00080060"),
        description=_text(record, "0008103E"),
        body_site=_text(record, "00180015"),
        side=side if side in _SIDES else "",
        instance_count=_count(record, "00201209"),
    )


def _text(record: dict[str, Any], tag: str) -> str:
    return next(filter(None, map(text, values(record, tag))), "")


def _count(record: dict[str, Any], tag: str) -> int | None:
    return next((count(value) for value in values(record, tag)), None)
