"""One study of a QIDO-RS answer (PS3.18 10.6.3.3), in the DICOM JSON model (PS3.18 annex F) -> a Study.

What the record does not say stays empty: no midnight for a date alone, no zone for a time without one, no side and no
body part guessed from words. Archives leave attributes out, give them without `Value`, or give several.
"""

import re
from collections.abc import Iterator
from typing import Any

from sightline.endpoint import Endpoint, Leads
from sightline.outside_text import count, text, unaltered
from sightline.study import Study
from sightline.uid import uid

_DATE = re.compile(r"([0-9]{4})[-.]?([0-9]{2})[-.]?([0-9]{2})")  # points: ACR-NEMA's (PS3.5 6.2, DA)
_TIME = re.compile(r"([01][0-9]|2[0-3]):?([0-5][0-9])(?::?([0-5][0-9]|60)(?:\.[0-9]{1,6})?)?")
_OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4])([0-5][0-9])")
_SIDES = ("L", "R", "B")
_MOST_VALUES = 32


class Unreadable(ValueError):
    """No record of a study: no DICOM JSON object, or none with one Study Instance UID."""


def study(record: dict[str, Any], source: str, roots: tuple[str, ...] = ()) -> Study:
    """The study of one record; `roots` are the addresses of its archive. Raises Unreadable."""
    uids = [uid(value) for value in values(record, "0020000D")]
    if len(uids) != 1 or uids[0] is None:
        raise Unreadable("not one Study Instance UID")
    return Study(
        source,
        uid=uids[0],
        accession=next(filter(None, map(unaltered, values(record, "00080050"))), None),
        availability=_text(record, "00080056"),
        started=started(record),
        modalities=_codes(record, "00080061") or _codes(record, "00080060"),
        description=_text(record, "00081030"),
        body_sites=tuple(_texts(record, "00180015")),
        sides=tuple(side for side in _codes(record, "00200060") if side in _SIDES),
        series_count=_count(record, "00201206"),
        instance_count=_count(record, "00201208"),
        addresses=tuple(Endpoint(root, Leads.TO_AN_ARCHIVE, tuple(_texts(record, "00080080"))) for root in roots),
        organisation=_text(record, "00080080"),
    )


def started(record: dict[str, Any]) -> str | None:
    """Study date and time as FHIR writes them, as exact as recorded; a date that is none stays as it is, to be shown.

    Without 0008,0201 the time is the archive's own, and stays without a zone. FHIR has no minute precision: `0940` gets
    seconds; fractions of them are dropped, and so is an hour alone.
    """
    date, time = _text(record, "00080020"), _TIME.fullmatch(_text(record, "00080030") or "")
    day = _DATE.fullmatch(date or "")
    if not day:
        return date
    written = "-".join(day.groups())
    if not time:
        return written
    clock = f"{time[1]}:{time[2]}:{(time[3] or '00').replace('60', '59')}"  # a leap second is no second elsewhere
    offset = _OFFSET.fullmatch(_text(record, "00080201") or "")
    return f"{written}T{clock}{f'{offset[1]}{offset[2]}:{offset[3]}' if offset else ''}"


def values(record: dict[str, Any], tag: str) -> list[Any]:
    """The attribute's values; none where it is absent, empty, or no element at all."""
    element = record.get(tag)
    if type(element) is not dict:
        element = record.get(tag.lower())  # hexadecimal digits are capitals (PS3.18 F.2.2), with most servers
    listed = element.get("Value") if type(element) is dict else None
    if type(listed) is not list:
        listed = [] if listed is None else [listed]
    return [value for value in listed[:_MOST_VALUES] if value is not None]


def items(record: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    """The items of a sequence."""
    return [value for value in values(record, tag) if type(value) is dict]


def _texts(record: dict[str, Any], tag: str) -> Iterator[str]:
    return filter(None, dict.fromkeys(map(text, values(record, tag))))


def _text(record: dict[str, Any], tag: str) -> str | None:
    return next(_texts(record, tag), None)


def _codes(record: dict[str, Any], tag: str) -> tuple[str, ...]:
    """Codes, each once; some servers give several in one text, with the backslash of DICOM's own encoding."""
    return tuple(
        dict.fromkeys(code.strip() for each in _texts(record, tag) for code in each.split("\\") if code.strip())
    )


def _count(record: dict[str, Any], tag: str) -> int | None:
    return next((count(value) for value in values(record, tag)), None)
