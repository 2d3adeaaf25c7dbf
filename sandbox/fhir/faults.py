"""What can go wrong with a search for studies or reports: `FAULTS`, by name. Only searches fail: launches work."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Response, current_app
from markupsafe import Markup

from sandbox.fhir.entries import Entry, json_bytes, make_entry
from sandbox.fhir.errors import FhirError, operation_outcome
from sandbox.fhir.hostile import hostile
from sandbox.fhir.page import Listing, Page

# Small enough that Ada's list has at least three pages.
PAGE_SIZE = 5
SLOW_SECONDS = 30
ELSEWHERE = "http://fhir.elsewhere.example/fhir/r4/ImagingStudy?_offset=5"
LOGIN_PAGE = Markup(
    "<!doctype html><html lang='en'><title>Sign in</title><h1>Your session has ended</h1>"
    "<form><label>User <input name='user'></label> <button>Sign in</button></form></html>"
)

Answer = Page | Response
Spoil = Callable[[Listing, tuple[Entry, ...]], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for searches of this kind to fail, in a sentence. `answer` gets the listing and a stranger's entries."""

    sentence: str
    answer: Spoil
    kind: str = "ImagingStudy"


def _status(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Spoil:
    def answer(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
        raise FhirError(status, code, text, headers)

    return answer


def _slow(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    time.sleep(current_app.config["SLOW_SECONDS"])
    return listing.page()


def _as_it_is(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    return listing.page()


def _html(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    return Response(LOGIN_PAGE, mimetype="text/html")


def _outcome(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    text = "The imaging index is being rebuilt."
    resource = operation_outcome("transient", text, dstu1=listing.version.atom_bundle)
    return Response(json_bytes(resource), mimetype=listing.version.media_type)


def _truncated(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    whole = listing.bundle(listing.page())
    return Response(whole[: len(whole) * 2 // 3], mimetype=listing.version.media_type)


def _second_page(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    if listing.query.offset:
        raise FhirError(500, "exception", "The continuation of this search could not be read.")
    return listing.page()


def _next_elsewhere(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    return replace(listing.page(), next_url=ELSEWHERE)


def _endless_next(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    first = replace(listing, query=replace(listing.query, offset=0)).page()
    further = listing.link(listing.query.offset + listing.query.count)
    return replace(first, self_url=listing.link(listing.query.offset), next_url=further)


def _next_same(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    page = listing.page()
    return replace(page, next_url=page.self_url)


def _other_patient(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    page = listing.page()
    return replace(page, entries=[*strangers[:1], *page.entries, *strangers[1:2]])


def _empty_page(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    size, offset = listing.query.count, listing.query.offset
    if offset == size:
        return Page((), len(listing.found), listing.link(offset), listing.link(offset + size))
    shifted = offset - size if offset > size else offset
    page = replace(listing, query=replace(listing.query, offset=shifted)).page()
    following = listing.link(offset + size) if page.next_url else ""
    return replace(page, self_url=listing.link(offset), next_url=following)


def _hostile(listing: Listing, strangers: tuple[Entry, ...]) -> Answer:
    page = listing.page()
    whole = [{**entry.resource, "id": entry.id} for entry in page.entries if entry.resource]
    resources = hostile(whole, listing.query.offset)
    return replace(page, entries=[make_entry(listing.version, resource) for resource in resources])


FAULTS = {
    "slow": Fault("The record system answers after 30 seconds.", _slow),
    "unauthorized": Fault(
        "The record system refuses the token (401).",
        _status(401, "login", "The access token is not valid.", {"WWW-Authenticate": 'Bearer error="invalid_token"'}),
    ),
    "forbidden": Fault(
        "The record system does not allow imaging for this user (403).",
        _status(403, "forbidden", "This user may not see imaging studies."),
    ),
    "not-found": Fault(
        "The record system has no imaging studies at all (404).",
        _status(404, "not-supported", "Resource type ImagingStudy is not supported by this server."),
    ),
    "error": Fault(
        "The record system fails (500).", _status(500, "exception", "Unexpected error in the search index.")
    ),
    "unavailable": Fault(
        "The record system is closed for maintenance (503).",
        _status(503, "transient", "The server is being maintained.", {"Retry-After": "120"}),
    ),
    "html": Fault("A sign-in page comes instead of data.", _html),
    "outcome": Fault("An OperationOutcome comes instead of a Bundle.", _outcome),
    "truncated": Fault("The answer breaks off in the middle.", _truncated),
    "second-page": Fault("The first page comes, the second fails.", _second_page),
    "next-elsewhere": Fault("The next page is said to be on another host.", _next_elsewhere),
    "endless-next": Fault("There is always one more page, with the same studies.", _endless_next),
    "next-same": Fault("The next page is the same page.", _next_same),
    "other-patient": Fault("Studies of another patient are among the answers.", _other_patient),
    "empty-page": Fault("The second of the pages is empty, the list goes on after it.", _empty_page),
    "hostile": Fault("Texts hold HTML, very long words and characters that cannot be shown.", _hostile),
    "reports-forbidden": Fault(
        "The record system does not allow reports for this user (403).",
        _status(403, "forbidden", "This user may not see reports."),
        "DiagnosticReport",
    ),
    "reports-error": Fault(
        "The record system fails when it is asked for reports (500).",
        _status(500, "exception", "Unexpected error in the report index."),
        "DiagnosticReport",
    ),
    "reports-slow": Fault("Reports come after 30 seconds.", _slow, "DiagnosticReport"),
    "reports-other-patient": Fault(
        "Reports of another patient are among the answers.", _other_patient, "DiagnosticReport"
    ),
    "reports-hostile": Fault(
        "Reports hold HTML, scripts and documents that are not what they say.", _as_it_is, "DiagnosticReport"
    ),
}
