"""Which of a study's identifiers is the Study Instance UID, and which the accession number.

R4 and later keep both in one list, official examples mix them with untyped local numbers, and converters use
systems of their own. So each identifier is ranked by how sure its label is, and the grammar has the last word.
"""

from functools import lru_cache
from typing import Any

import msgspec

from sightline.fhir import twins
from sightline.fhir.elements import codes_in, objects, value_of
from sightline.outside_text import unaltered
from sightline.uid import long_uid, uid, uid_in_wado_url

_STUDY_UID_SYSTEM = "urn:dicom:uid"
_STUDY_UID_TYPE = "110180"  # DCM "Study Instance UID", IHE MADO
_URI_SYSTEM = "urn:ietf:rfc:3986"  # Synthea's system for its Study Instance UIDs
_ACCESSION_TYPES = frozenset({"ACSN", "121022"})

# How sure a label is of a Study Instance UID, the surest first.
_LABELLED, _TYPED, _ANY_URI, _BY_ITS_FORM, _OLD = range(5)
_ACCESSION, _OTHER = -1, -2

Uids = tuple[str, ...]


class Identifier(msgspec.Struct, gc=False):
    """The data type Identifier, as far as it matters here."""

    use: Any = None
    type: msgspec.Raw = msgspec.Raw()
    system: Any = None
    value: Any = None
    number: int = twins.number()


def numbers(
    identifiers: list[Identifier], uid_element: Any, resource_id: str | None, url: Any
) -> tuple[str | None, Uids, bool, str | None]:
    """The best Study Instance UID; the others; whether one is as good, so that the best is in doubt; the accession.

    UIDs are looked for in the identifiers and the `uid` element (DSTU1 to STU3); only then in the resource's id and in
    its WADO address.
    """
    ranked: list[tuple[int, str]] = []
    accession = None
    if uid_element is not None and (stated := uid(uid_element)):
        ranked.append((_LABELLED, stated))
    for item in identifiers:
        system = item.system if type(item.system) is str else ""
        label = _label(system, b"" + item.type) if item.type else _label_of_system(system)
        if label >= 0:
            if found := (long_uid if label == _BY_ITS_FORM else uid)(item.value):
                ranked.append((_OLD if item.use == "old" else label, found))
        elif label == _ACCESSION and not accession:
            accession = _accession(item.value)
    if not ranked:
        return long_uid(resource_id) or uid_in_wado_url(url), (), False, accession
    if len(ranked) == 1:
        return ranked[0][1], (), False, accession
    ranked.sort(key=lambda pair: pair[0])
    best = {found for rank, found in ranked if rank == ranked[0][0]}
    first, *others = dict.fromkeys(found for _, found in ranked)
    return first, tuple(others), len(best) > 1, accession


def accession_element(element: Any, number: Any) -> str | None:
    """The accession number where the version has an element of its own for it (DSTU1 to STU3)."""
    stated = (_accession(item.get("value")) for item in (*objects(element), *objects(number)))
    return next(filter(None, stated), None)


def accession_of_order(orders: bytes) -> str | None:
    """The accession number in `basedOn`, where R5 and some R4 guides put it: an identifier typed ACSN."""
    for order in objects(value_of(orders)):
        for item in objects(order.get("identifier")):
            system = item.get("system")
            label = _label(system if type(system) is str else "", msgspec.json.encode(item.get("type", "")))
            if label == _ACCESSION and (value := _accession(item.get("value"))):
                return value
    return None


def _accession(value: Any) -> str | None:
    """Bahmni writes its accession numbers as `urn:oid:ORD-307`, which no archive knows them by."""
    found = unaltered(value)
    return unaltered(found[8:]) if found and found[0] in "uU" and found[:8].lower() == "urn:oid:" else found


@lru_cache(32)
def _label_of_system(system: str) -> int:
    return _label(system, b"")


@lru_cache(32)
def _label(system: str, type_element: bytes) -> int:
    """What an identifier with this system and type is. Few are remembered: a hostile server may make them long."""
    system, codes = system.strip(), codes_in(type_element)
    if not _ACCESSION_TYPES.isdisjoint(codes) or "accession" in system.lower():
        return _ACCESSION  # whatever the system says: `2017.092` passes the grammar of UIDs too
    if system.lower() == _STUDY_UID_SYSTEM:
        return _LABELLED
    if _STUDY_UID_TYPE in codes:
        return _TYPED
    if system == _URI_SYSTEM:
        return _ANY_URI
    return _OTHER if system or codes else _BY_ITS_FORM
