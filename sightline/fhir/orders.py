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


def names_in(based_on: msgspec.Raw, order: msgspec.Raw) -> tuple[str, ...]:
    """`names`, from the bytes of the two elements that a study has for them."""
    if based_on and not order:
        try:
            orders = _usual.decode(based_on)
        except NOT_READABLE:
            orders = []
        if len(orders) == 1 and not orders[0].identifier:
            reference = text(orders[0].reference)
            return (reference,) if reference else ()
    elif not order:
        return ()
    return names([item for raw in (based_on, order) if raw for item in objects(value_of(bytes(raw)))])


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
