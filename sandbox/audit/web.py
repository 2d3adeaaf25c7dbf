"""The audit repository's HTTP face: `create` of an AuditEvent (FHIR R4 3.1.0.8), and nothing else."""

import secrets

from flask import Blueprint, Response, current_app, request

from sandbox.audit.repository import NotAnAuditEvent, Repository
from sandbox.fhir.entries import json_bytes
from sandbox.fhir.errors import operation_outcome

BASE = "/audit/fhir/r4"
MEDIA_TYPES = ("application/fhir+json", "application/json")

blueprint = Blueprint("audit", __name__, url_prefix=BASE)


@blueprint.post("/AuditEvent")
def create() -> Response:
    """Takes one event; 201 with its address, which nobody may read here."""
    token = current_app.config["AUDIT_TOKEN"]
    if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return _refused(401, "login", "The audit repository's own bearer token is needed.")
    if request.mimetype not in MEDIA_TYPES:
        return _refused(415, "not-supported", "Events are taken as JSON only.")
    repository: Repository = current_app.extensions["audit"]
    try:
        repository.take(request.get_json(silent=True))
    except NotAnAuditEvent as reason:
        return _refused(422, "invalid", str(reason))
    location = f"{current_app.config['HOSPITAL_URL']}{BASE}/AuditEvent/{secrets.token_hex(8)}"
    return Response(status=201, headers={"Location": location})


def _refused(status: int, code: str, text: str) -> Response:
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(json_bytes(operation_outcome(code, text)), status, challenge, mimetype=MEDIA_TYPES[0])
