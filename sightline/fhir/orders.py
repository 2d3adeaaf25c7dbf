"""The orders that studies and reports name: `basedOn` from STU3 on; before that `order`, `request`, `requestDetail`."""

from typing import Any

import msgspec

from sightline.fhir.elements import codings, objects, value_of
from sightline.json_text import NOT_READABLE
from sightline.outside_text import text

_MOST = 64
_ACCESSION_TYPES = frozenset({"ACSN", "121022"})


class Order(msgspec.Struct, gc=False):
    """A Reference to an order, as nearly all come: without the identifier that could stand in it."""

    reference: Any = None
    identifier: msgspec.Raw = msgspec.Raw()


_usual = msgspec.json.Decoder(list[Order])


def names_in(raw: msgspec.Raw) -> tuple[str, ...]:
    """`names`, from the bytes of the element."""
    try:
        orders = _usual.decode(raw)
    except NOT_READABLE:
        return names(objects(value_of(bytes(raw))))
    references = []
    for order in orders:
        if order.identifier:
            return names(objects(value_of(bytes(raw))))
        if reference := text(order.reference):
            references.append(reference)
    return tuple(dict.fromkeys(references) if len(references) > 1 else references)[:_MOST]


def names(orders: list[dict[str, Any]]) -> tuple[str, ...]:
    """References to orders, and their identifiers as `system|value`, but for the accession number among these."""
    references = (text(order.get("reference")) for order in orders)
    numbers = (each for order in orders for each in objects(order.get("identifier")) if not is_accession(each))
    spelled = (f"{text(each.get('system')) or ''}|{value}" for each in numbers if (value := text(each.get("value"))))
    return tuple(dict.fromkeys((*filter(None, references), *spelled)))[:_MOST]


def is_accession(identifier: dict[str, Any]) -> bool:
    """Whether the identifier is labelled as an accession number, by its type or its system."""
    codes = {code for _, code in codings(identifier.get("type"))}
    return not codes.isdisjoint(_ACCESSION_TYPES) or "accession" in (text(identifier.get("system")) or "").lower()
