"""One page of a searchset, and its Bundle as JSON: the JSON form of an Atom feed in DSTU1."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from sandbox.fhir import Version
from sandbox.fhir.entries import Entry, json_bytes, subsetted
from sandbox.fhir.search import Query


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of one page, how many there are in all, and where the next page is (empty: this is the last)."""

    entries: Sequence[Entry]
    total: int
    self_url: str
    next_url: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A search with all it found, before it is cut into pages. `included` come with every page that has a match."""

    version: Version
    base_url: str
    query: Query
    found: Sequence[Entry]
    included: Sequence[Entry] = ()

    def page(self) -> Page:
        """The page that the query asks for."""
        start, end = self.query.offset, self.query.offset + self.query.count
        matches = () if self.query.summary == "count" or not self.query.count else self.found[start:end]
        return Page(
            entries=[*matches, *self.included] if matches else [],
            total=sum(entry.mode == "match" for entry in self.found),
            self_url=self.link(start),
            next_url=self.link(end) if matches and end < len(self.found) else "",
        )

    def link(self, offset: int) -> str:
        """The absolute address of the page that starts at this entry."""
        items = [item for item in self.query.asked if item[0] != "_offset"]
        items += [("_offset", str(offset))] if offset else []
        return f"{self.base_url}/{self.query.kind}?{urlencode(items)}".rstrip("?")

    def cut(self, greatest: int) -> "Listing":
        """The same listing with pages of at most this many entries."""
        return replace(self, query=replace(self.query, count=min(self.query.count, greatest)))

    def bundle(self, page: Page) -> bytes:
        """The page as a searchset Bundle of this listing's version, in JSON."""
        write = _atom_bundle if self.version.atom_bundle else _bundle
        return write(self, page)


def _form(listing: Listing, entry: Entry) -> bytes:
    if listing.query.elements and entry.resource:
        kept = {"resourceType", "id", "meta", *listing.query.elements}
        cut = {key: value for key, value in entry.resource.items() if key in kept}
        return json_bytes(subsetted(listing.version, cut))
    return entry.short if listing.query.summary == "true" else entry.full


def _bundle(listing: Listing, page: Page) -> bytes:
    links = [{"relation": "self", "url": page.self_url}]
    links += [{"relation": "next", "url": page.next_url}] if page.next_url else []
    head = {"resourceType": "Bundle", "type": "searchset", "total": page.total, "link": links}
    return _joined(head, [_entry(listing, entry) for entry in page.entries])


def _entry(listing: Listing, entry: Entry) -> bytes:
    url = json_bytes({"fullUrl": f"{listing.base_url}/{entry.kind}/{entry.id}"})[1:-1] + b"," if entry.id else b""
    return b'{%b"resource":%b,"search":{"mode":"%b"}}' % (url, _form(listing, entry), entry.mode.encode())


def _atom_bundle(listing: Listing, page: Page) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    links = [{"rel": "self", "href": page.self_url}, {"rel": "fhir-base", "href": listing.base_url}]
    links += [{"rel": "next", "href": page.next_url}] if page.next_url else []
    head = {
        "resourceType": "Bundle",
        "title": f"{listing.query.kind} search",
        "id": page.self_url,
        "updated": now,
        "link": links,
        "totalResults": page.total,
    }
    return _joined(head, [_atom_entry(listing, entry, now) for entry in page.entries])


def _atom_entry(listing: Listing, entry: Entry, now: str) -> bytes:
    url = f"{listing.base_url}/{entry.kind}/{entry.id}"
    head = {"title": entry.kind, "id": url, "updated": now, "published": now}
    return b'%b,"content":%b}' % (json_bytes(head)[:-1], _form(listing, entry))


def _joined(head: dict[str, object], entries: Sequence[bytes]) -> bytes:
    """The Bundle from parts that are JSON already: five hundred studies need not be written anew for each answer."""
    if not entries:
        return json_bytes(head)
    return b'%b,"entry":[%b]}' % (json_bytes(head)[:-1], b",".join(entries))
