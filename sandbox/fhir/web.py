"""The FHIR server's HTTP face: metadata, reads and searches, below every base of `sandbox.fhir.bases`."""

import base64
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, g, request

from sandbox.fhir.access import is_system, require, require_patient
from sandbox.fhir.bases import ALIASES, BASES, SYSTEM_ALIASES, Base
from sandbox.fhir.capability import statement
from sandbox.fhir.entries import Entries, Entry, json_bytes
from sandbox.fhir.errors import FhirError, operation_outcome
from sandbox.fhir.faults import FAULTS, PAGE_SIZE
from sandbox.fhir.hostile_reports import hostile_report
from sandbox.fhir.page import Listing, Page
from sandbox.fhir.parts import Resource
from sandbox.fhir.search import JSON_FORMATS, Query, chosen, read
from sandbox.fhir.whereabouts import UNREADABLE_ID, WAYS, Place, referred_to, told
from sandbox.patients import CLEO
from sandbox.smart.configuration import smart_configuration
from sandbox.smart.grants import AccessToken
from sandbox.smart.scopes import allows

_ALIASES = ", ".join(f'"{alias}"' for alias in (*ALIASES, *SYSTEM_ALIASES))
KINDS = "any(ImagingStudy, DiagnosticReport, Patient, Endpoint)"
PREFIXES = {
    "fhir": "/fhir/<version>",
    "fhir_alias": f"/<any({_ALIASES}):alias>/fhir/<version>",
    "fhir_fault": "/fault/<fault>/fhir/<version>",
    "fhir_way": "/endpoints/<way>/fhir/<version>",
}

blueprint = Blueprint("fhir", __name__)


@blueprint.url_value_preprocessor
def find_base(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Leave the base that the address names in `g.base`; the views know nothing of prefixes."""
    for name in ("version", "alias", "fault", "way"):
        (values or {}).pop(name, None)
    path = request.path.partition("/fhir/")
    base = BASES.get(f"{path[0]}/fhir/{path[2].partition('/')[0]}")
    g.base = base or abort(404)


@blueprint.get("/metadata")
def metadata() -> Response:
    """The capability document; open to everybody (FHIR R4 3.1.0.9)."""
    return _answer(statement(g.base.version, _base_url(), current_app.config["AUTH_URL"]))


@blueprint.get("/.well-known/smart-configuration")
def smart() -> Response:
    """SMART 2.2 "Conformance": where to authorize for this base; open to everybody, always `application/json`.

    An old base has none: there `/metadata` alone says it.
    """
    if g.base.audience.is_old:
        raise FhirError(404, "not-supported", ".well-known is not served here.")
    return Response(json_bytes(smart_configuration(current_app.config["AUTH_URL"])), mimetype="application/json")


@blueprint.get("/Binary/<id_>")
def binary(id_: str) -> Response:
    """A document: as it is, or as a resource to whoever asks for FHIR (R4 Binary, "serving Binary resources")."""
    token = require(g.base, _base_url(), "Binary", "r")
    held = _entries().holder("Binary", g.base.version, id_)
    if held is None:
        raise FhirError(404, "not-found", f"Binary/{id_} is not known.")
    require_patient(token, held[0])
    if request.accept_mimetypes.best_match(["application/pdf", g.base.version.media_type]) == "application/pdf":
        content = held[1].resource.get("data") or held[1].resource["content"]
        return Response(base64.b64decode(content), mimetype="application/pdf")
    return Response(held[1].full, mimetype=g.base.version.media_type)


@blueprint.get(f"/<{KINDS}:kind>/<id_>")
def resource(kind: str, id_: str) -> Response:
    """One resource by its id."""
    _check_kind(kind)
    token = require(g.base, _base_url(), kind, "r")
    if (kind, id_) == ("Endpoint", UNREADABLE_ID):
        raise FhirError(500, "exception", "The register of addresses does not answer.")
    held = _entries().holder(kind, g.base.version, id_, former=is_system(token))
    if held is None:
        raise FhirError(404, "not-found", f"{kind}/{id_} is not known.")
    if kind != "Endpoint":
        require_patient(token, held[0])
    full = _as_told(held[1]).full
    if kind == "DiagnosticReport" and g.base.fault == "reports-hostile":
        full = json_bytes(hostile_report(held[1].resource))
    return Response(full, mimetype=g.base.version.media_type)


@blueprint.get(f"/<{KINDS}:kind>")
def search(kind: str) -> Response:
    """A search in the compartment of the token's patient; in all of them where a system asks."""
    return _searched(kind, request.args.items(multi=True))


@blueprint.post(f"/<{KINDS}:kind>/_search")
def search_by_post(kind: str) -> Response:
    """The same with the parameters in the body (R4 3.1.1.1)."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise FhirError(415, "not-supported", "A search by POST has its parameters as a form.")
    return _searched(kind, (*request.args.items(multi=True), *request.form.items(multi=True)))


def _searched(kind: str, items: Iterable[tuple[str, str]]) -> Response:
    _check_kind(kind)
    token = require(g.base, _base_url(), kind, "s")
    query = read(g.base.version, kind, items)
    for patient_id in query.patients:
        require_patient(token, patient_id)
    listing = _listing(query, token)
    if g.base.fault and kind == FAULTS[g.base.fault].kind:
        return _faulty(listing, g.base)
    return _bundle(listing, listing.page())


@blueprint.get("/<path:rest>")
def not_served(rest: str) -> Response:
    """Anything else below a base: a FHIR server answers that as FHIR too."""
    raise FhirError(404, "not-supported", f"{rest.partition('/')[0]} is not served here.")


@blueprint.errorhandler(FhirError)
def refuse(error: FhirError) -> Response:
    """Every refusal is an OperationOutcome with the right status."""
    outcome = operation_outcome(error.code, error.text, dstu1=g.base.version.atom_bundle)
    response = _answer(outcome)
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


@blueprint.after_request
def never_stored(response: Response) -> Response:
    """Patient data stays out of caches."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _base_url() -> str:
    url: str = current_app.config["HOSPITAL_URL"] + g.base.path
    return url


def _entries() -> Entries:
    entries: Entries = current_app.extensions["fhir"]
    return entries


def _check_kind(kind: str) -> None:
    """FhirError 404 for a resource type that this version or server does not have, 406 for a format other than JSON."""
    if kind == "Endpoint" and not g.base.version.has_endpoints:
        raise FhirError(404, "not-supported", f"FHIR {g.base.version.number} has no Endpoint.")
    if kind in g.base.lacks:
        raise FhirError(404, "not-supported", f"{kind} is not served here.")
    if request.args.get("_format", "json") not in JSON_FORMATS:
        raise FhirError(406, "not-supported", "This server answers in JSON only.")


def _listing(query: Query, token: AccessToken) -> Listing:
    """All that the query finds for the token's patient; FhirError 403 where it finds only somebody else."""
    held = [e for patient in _compartments(query, token) for e in _entries().of(query.kind, g.base.version, patient)]
    found = list(map(_as_told, chosen(query, held)))
    if query.kind == "Patient" and not is_system(token) and not found and _finds_others(query):
        raise FhirError(403, "forbidden", "The token was not given for this patient.")
    return Listing(g.base.version, _base_url(), query, found, _included(query, found, token))


def _as_told(entry: Entry) -> Entry:
    """The entry as this base serves it: a study says where its images are in the base's own way."""
    if not g.base.way or entry.kind != "ImagingStudy":
        return entry
    return told(entry, WAYS[g.base.way], Place(g.base.version, _base_url(), current_app.config["HOSPITAL_URL"]))


def _compartments(query: Query, token: AccessToken) -> tuple[str, ...]:
    """The patients among whom is searched: the token's, or for a system those it asks for, else everybody."""
    if not is_system(token):
        return (token.patient,)
    hospital = current_app.extensions["hospital"]
    known = (*hospital.patients, *(hospital.former if query.kind == "Patient" else ()))
    return tuple(patient for patient in query.patients if patient in known) if query.patients else known


def _finds_others(query: Query) -> bool:
    everybody = current_app.extensions["hospital"].patients
    return any(chosen(query, _entries().of("Patient", g.base.version, patient)) for patient in everybody)


def _included(query: Query, found: Iterable[Entry], token: AccessToken) -> list[Entry]:
    """The endpoints to send along: none that the token may not read, for a reference may dangle."""
    if not query.include_endpoints or not allows(token.scopes, "Endpoint", "r"):
        return []
    held, wanted = _entries().of("Endpoint", g.base.version, token.patient), referred_to(found)
    return [replace(entry, mode="include") for entry in held if entry.id in wanted]


def _faulty(listing: Listing, base: Base) -> Response:
    answer = FAULTS[base.fault].answer(
        listing := listing.cut(PAGE_SIZE), _entries().of(listing.query.kind, base.version, CLEO.id)
    )
    return _bundle(listing, answer) if isinstance(answer, Page) else answer


def _bundle(listing: Listing, page: Page) -> Response:
    return Response(listing.bundle(page), mimetype=listing.version.media_type)


def _answer(document: Resource) -> Response:
    return Response(json_bytes(document), mimetype=g.base.version.media_type)
