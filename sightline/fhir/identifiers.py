"""Which of a study's identifiers is the Study Instance UID, and which the accession number.

R4 and later keep both in one list, official examples mix them with untyped local numbers, and converters use
systems of their own. So each identifier is ranked by how sure its label is, and the grammar has the last word.
"""

from typing import Any

import msgspec

from sightline.fhir.elements import codes_in, objects, text, value_of
from sightline.uid import long_uid, uid, uid_in_wado_url

_STUDY_UID_SYSTEM = "urn:dicom:uid"
_STUDY_UID_TYPE = "110180"  # DCM "Study Instance UID", IHE MADO
_URI_SYSTEM = "urn:ietf:rfc:3986"  # Synthea's system for its Study Instance UIDs
_ACCESSION_TYPES = frozenset({"ACSN", "121022"})
_LABELLED, _BY_ITS_FORM, _OLD = 0, 3, 9


class Identifier(msgspec.Struct, gc=False):
    """The data type Identifier, as far as it matters here."""

    system: Any = None
    value: Any = None
    use: Any = None
    type: msgspec.Raw = msgspec.Raw()


def study_uids(
    identifiers: list[Identifier], uid_element: Any, resource_id: str | None, url: Any
) -> tuple[tuple[str, ...], bool]:
    """All Study Instance UIDs, best first, and whether two are equally good so that the first is in doubt.

    Looked for in the identifiers and the `uid` element (DSTU1 to STU3); only then in the resource id and the WADO address.
    """
    ranked: list[tuple[int, str]] = []
    if stated := uid(uid_element):
        ranked.append((_LABELLED, stated))
    for item in identifiers:
        rank = _rank(item)
        if rank is not None and (found := (long_uid if rank == _BY_ITS_FORM else uid)(item.value)):
            ranked.append((_OLD if item.use == "old" else rank, found))
    if not ranked:
        last = long_uid(resource_id) or uid_in_wado_url(url)
        return ((last,), False) if last else ((), False)
    if len(ranked) == 1:
        return (ranked[0][1],), False
    ranked.sort(key=lambda pair: pair[0])
    best = {found for rank, found in ranked if rank == ranked[0][0]}
    return tuple(dict.fromkeys(found for _, found in ranked)), len(best) > 1


def accession(identifiers: list[Identifier], element: Any, number: Any, orders: bytes | msgspec.Raw) -> str | None:
    """The accession number: the version's own element, else an identifier typed ACSN, here or in the order."""
    for item in (*objects(element), *objects(number)):
        if value := text(item.get("value")):
            return value
    for known in identifiers:
        if _is_accession(known) and (value := text(known.value)):
            return value
    for order in objects(value_of(bytes(orders))) if orders else ():
        named = order.get("identifier")
        if type(named) is dict and _is_accession(_identifier(named)) and (value := text(named.get("value"))):
            return value
    return None


def _identifier(item: dict[str, Any]) -> Identifier:
    return Identifier(
        item.get("system"), item.get("value"), item.get("use"), msgspec.Raw(msgspec.json.encode(item.get("type")))
    )


def _is_accession(item: Identifier) -> bool:
    if item.type and not _ACCESSION_TYPES.isdisjoint(codes_in(bytes(item.type))):
        return True
    return type(item.system) is str and "accession" in item.system.lower()


def _rank(item: Identifier) -> int | None:
    """How sure it is that this identifier is the Study Instance UID: 0 surest, 3 only by its form, None not at all."""
    system = item.system
    if system == _STUDY_UID_SYSTEM or (type(system) is str and system.strip().lower() == _STUDY_UID_SYSTEM):
        return _LABELLED
    if item.type and _STUDY_UID_TYPE in codes_in(bytes(item.type)):
        return 1
    if _is_accession(item):
        return None
    if system == _URI_SYSTEM:
        return 2
    return _BY_ITS_FORM if not system and not item.type else None
