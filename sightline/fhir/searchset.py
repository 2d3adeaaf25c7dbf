"""What a Bundle says of itself: that it is one, how many matches there are, and whether another page follows."""

from typing import Any

import msgspec

from sightline import json_text
from sightline.errors import SourceFailed, SourceUnreadable
from sightline.fhir import outcome, twins
from sightline.outside_text import count, text


class Link(msgspec.Struct, gc=False):
    """`relation` and `url` from DSTU2 on, `rel` and `href` in DSTU1."""

    relation: Any = None
    url: Any = None
    rel: Any = None
    href: Any = None
    number: int = twins.number()


def bundle(body: bytes, question: str) -> dict[str, Any]:
    """The Bundle in an answer to this question, such as "a search for patients".

    Raises SourceUnreadable where it is none, SourceFailed where an OperationOutcome came in its place.
    """
    try:
        found = json_text.value(body)
    except json_text.NotReadable as cause:
        raise SourceUnreadable(f"the answer to {question}: {cause}") from cause
    kind = found.get("resourceType") if type(found) is dict else None
    if kind == "OperationOutcome":
        raise SourceFailed(f"OperationOutcome instead of a Bundle: {outcome.codes(found.get('issue'))}")
    if type(found) is not dict or kind != "Bundle":
        raise SourceUnreadable(f"the answer to {question} is no Bundle")
    return found


def total(*stated: Any) -> tuple[int | None, bool]:
    """The first number that is stated, and whether it, if there is one, is a number of things."""
    said = next((value for value in stated if value is not None), None)
    number = count(said)
    return number, said is None or number is not None


def next_page(links: Any) -> tuple[bool, str | None]:
    """Whether another page may follow, and its address. A link outside of a list counts as well.

    A link that does not say where it leads may lead there.
    """
    unclear = False
    for link in links if type(links) is list else [] if links is None else [links]:
        if type(link) is dict:
            link = Link(link.get("relation"), link.get("url"), link.get("rel"), link.get("href"))
        relation = (text(link.relation) or text(link.rel) or "").lower() if type(link) is Link else ""
        if type(link) is Link and relation == "next":
            return True, text(link.url) or text(link.href)
        unclear |= not relation
    return unclear, None
