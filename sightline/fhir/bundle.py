"""One page of a search: a Bundle of any FHIR version, DSTU1's Atom-like form included -> Page.

The whole page is read at once, typed. Only where something in it does not fit are its entries read one by one, so that
one that is broken costs itself and not the page.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from sightline.endpoint import Endpoint
from sightline.errors import SourceFailed, SourceUnreadable
from sightline.fhir import imaging_study, outcome, searchset, twins
from sightline.fhir.imaging_study import StudyElement
from sightline.fhir.searchset import Link
from sightline.json_text import NOT_READABLE, NotReadable, refuse_crowd, unique, without_mark
from sightline.outside_text import text


class Search(msgspec.Struct, gc=False):
    """Why an entry is there: `match`, `include` or `outcome`."""

    mode: Any = None


class Entry(msgspec.Struct, gc=False):
    """`resource` from DSTU2 on; `content` in DSTU1, where the entry's `id` is the resource's address."""

    resource: StudyElement | None = None
    content: StudyElement | None = None
    id: Any = None
    search: Search | None = None
    deleted: Any = None


class RawEntry(msgspec.Struct):
    """An entry whose resource is not looked into yet."""

    resource: msgspec.Raw = msgspec.Raw()
    content: msgspec.Raw = msgspec.Raw()
    id: Any = None
    search: Search | None = None
    deleted: Any = None


class Total:
    """Whatever the server gives as a number of matches; its making counts like the others."""

    def __init__(self, stated: Any) -> None:
        self.stated = stated
        twins.made()


class TypedBundle(msgspec.Struct):
    """The Bundle; `issue` is there when an OperationOutcome came in its place."""

    resourceType: Any = None
    link: list[Link] = []
    entry: list[Entry] = []
    total: Total | None = None
    totalResults: Total | None = None
    issue: Any = None


class RawBundle(msgspec.Struct):
    """The Bundle with its entries left as bytes, whatever they are."""

    resourceType: Any = None
    link: Any = None
    entry: list[msgspec.Raw] = []
    total: Total | None = None
    totalResults: Total | None = None
    issue: Any = None


class Page(Struct):
    """The studies to be read, each with the id that DSTU1 keeps outside the resource; the next page's address.

    `matches` is how many it holds, those that nobody could read included; `total` how many the server speaks of, on all
    pages. `troubled`: it reported an error, a next page without saying where, or what nobody understands. `endpoints`
    are those that came beside the studies, by `Endpoint/<id>`; None for one that is no address of images.
    """

    studies: list[tuple[StudyElement, str | None]] = []
    next_url: str | None = None
    total: int | None = None
    warnings: list[str] = []
    unreadable: int = 0
    troubled: bool = False
    matches: int = 0
    endpoints: dict[str, Endpoint | None] = {}


def _total(_: type, stated: Any) -> Total:
    return Total(stated)


_typed = msgspec.json.Decoder(TypedBundle, dec_hook=_total)
_raw = msgspec.json.Decoder(RawBundle, dec_hook=_total)
_raw_entry = msgspec.json.Decoder(RawEntry)

_LARGEST_TO_MEND = 8_000_000
_OF_A_BUNDLE = ("resourceType", "link", "entry", "total", "totalResults")
_OF_AN_ENTRY = ("resource", "content", "search")
_OF_A_STUDY = ("resourceType", "id", "subject", "patient", "identifier")


def page(body: bytes) -> Page:
    """Raises SourceUnreadable where `body` is no Bundle, SourceFailed where it is an OperationOutcome.

    A study whose names could be read in two ways is unreadable; a Bundle that could be is trouble.
    """
    found: TypedBundle | RawBundle
    entries: Iterator[Entry]
    result, body = Page(), without_mark(body)
    try:
        refuse_crowd(body)
    except NotReadable as cause:
        raise SourceUnreadable(f"not a Bundle: {cause}") from cause
    try:
        found, entries = _at_once(body)
    except NOT_READABLE:
        found = _untyped(body)
        entries = _one_by_one(found.entry, result)
    if found.resourceType == "OperationOutcome":
        raise SourceFailed(f"OperationOutcome instead of a Bundle: {outcome.codes(found.issue)}")
    if found.resourceType != "Bundle":
        raise SourceUnreadable("JSON, but not a Bundle")
    for entry in entries:
        element, search = entry.resource, entry.search
        if element and element.resourceType == "ImagingStudy" and (search is None or search.mode == "match"):
            result.studies.append((element, None))
        else:
            _sort_in(entry, result)
    result.matches = len(result.studies) + result.unreadable
    result.total, is_number = searchset.total(*(said and said.stated for said in (found.total, found.totalResults)))
    follows, result.next_url = searchset.next_page(found.link)
    result.troubled |= not is_number or (follows and result.next_url is None)
    if type(found) is RawBundle or not result.matches:
        result.troubled |= twins.named(body, _OF_A_BUNDLE)
    return result


def _at_once(body: bytes) -> tuple[TypedBundle, Iterator[Entry]]:
    """The Bundle, typed. Raises one of NOT_READABLE, also where something in it was overwritten by its twin."""
    before = twins.made()
    found = _typed.decode(body)
    made = twins.made() - before - 1
    kept = len(found.link) + (found.total is not None) + (found.totalResults is not None)
    for entry in found.entry:
        if element := entry.resource:
            kept += (element.subject is not None) + (element.patient is not None) + len(element.identifier)
        if element := entry.content:
            kept += (element.subject is not None) + (element.patient is not None) + len(element.identifier)
    if made != kept:
        raise NotReadable("a name may stand twice")
    return found, iter(found.entry)


def _sort_in(entry: Entry, result: Page) -> None:
    """A study to read, a warning to show, or something that was only sent along."""
    element = entry.resource or entry.content
    if element is None:
        result.unreadable += entry.deleted is None
        return
    mode = entry.search.mode if entry.search else None
    if element.resourceType == "OperationOutcome" or (mode == "outcome" and element.resourceType != "ImagingStudy"):
        if words := outcome.sentence(element.issue):
            result.warnings.append(words)
        result.troubled |= outcome.is_error(element.issue)
    elif element.resourceType == "Endpoint" and mode in ("include", None):
        result.endpoints[f"Endpoint/{text(element.id)}"] = imaging_study.endpoint_beside(element)
    elif mode in ("include", "outcome"):
        result.unreadable += element.resourceType == "ImagingStudy"  # none was asked for but as a match
    else:
        result.studies.append((element, _id_in(entry.id) if entry.id else None))


def _untyped(body: bytes) -> RawBundle:
    """The Bundle, also where msgspec refuses its text for broken characters (they are replaced) or control characters.

    A number that is none (NaN, 1e999) stays one, so that its entry, or the Bundle around the entries, is not readable.
    """
    with suppress(*NOT_READABLE):
        return _raw.decode(body)
    if len(body) > _LARGEST_TO_MEND:
        raise SourceUnreadable("not a Bundle: broken JSON, too large to be mended")
    try:
        stated = json.loads(body.decode("utf-8", "replace"), strict=False, object_pairs_hook=unique)
        entries = stated.pop("entry", [])
        entries = entries if type(entries) is list else [entries]
        found = _raw.decode(_text(stated))
        found.entry = [msgspec.Raw(_text(entry)) for entry in entries]
    except (ValueError, TypeError, AttributeError, *NOT_READABLE) as cause:
        raise SourceUnreadable(f"not a Bundle: {_kind_of(body)}") from cause
    return found


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _one_by_one(entries: list[msgspec.Raw], result: Page) -> Iterator[Entry]:
    for raw in entries:
        try:
            entry = _raw_entry.decode(raw)
            resource = entry.resource or entry.content
            if twins.named(bytes(raw), _OF_AN_ENTRY) or twins.named(bytes(resource), _OF_A_STUDY):
                raise NotReadable("a name stands twice")
            element = imaging_study.decode(resource) if resource else None
            content = None if entry.resource else element
            yield Entry(element if entry.resource else None, content, entry.id, entry.search, entry.deleted)
        except (*NOT_READABLE, imaging_study.Unreadable):
            result.unreadable += 1


def _id_in(address: Any) -> str | None:
    """DSTU1: the last part of the entry's address, without a version."""
    found = text(address)
    return found.split("/_history/")[0].rsplit("/", 1)[-1] if found else None


def _kind_of(body: bytes) -> str:
    """What came instead, in a word for the log; never its content, which may be patient data."""
    start = body[:200].lstrip()
    if not start:
        return "an empty answer"
    return "HTML or XML" if start.startswith(b"<") else "broken or unexpected JSON"
