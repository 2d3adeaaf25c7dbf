"""How the photo archive's search goes wrong: `SPOILS`, by the names of `sandbox.archive_faults`.

`/archive-fault/<fault>/dicom-web/studies` is the photo archive's search on a bad day.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from sandbox.archive import search
from sandbox.archive.dicom_json import made, tag
from sandbox.patients import CLEO

blueprint = Blueprint("archive_fault", __name__, url_prefix="/archive-fault/<fault>/dicom-web")

_SIGN_IN = "<!doctype html><html lang='en'><title>Sign in</title><h1>Please sign in to the photo archive</h1></html>"

Spoil = Callable[[Response], Response]
"""Makes of the archive's own answer the one that is given."""


def _slow(own: Response) -> Response:
    time.sleep(current_app.config["SLOW_SECONDS"])
    return own


def _instead(status: int, body: str = "", mimetype: str = "text/plain") -> Spoil:
    return lambda own: Response(body, status, mimetype=mimetype)


def _more(own: Response) -> Response:
    """A first record, and the word that there are others; asked for them, there is nothing."""
    if int(request.args.get("offset", "0")):
        return Response(status=204)
    first = Response(json.dumps(_records(own)[:1]), mimetype="application/dicom+json")
    first.headers["Warning"] = f'299 {request.host}: "There are 2 additional results that can be requested"'
    return first


def _changed(**elements: dict[str, Any] | None) -> Spoil:
    """Every record with these attributes by keyword; without those that are None."""

    def spoil(own: Response) -> Response:
        changed = {tag(keyword): element for keyword, element in elements.items()}
        records = ({**record, **changed} for record in _records(own))
        kept = [{number: element for number, element in record.items() if element is not None} for record in records]
        return Response(json.dumps(kept), mimetype="application/dicom+json")

    return spoil


def _records(own: Response) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(own.data or "[]")
    return records


SPOILS: dict[str, Spoil] = {
    "slow": _slow,
    "error": _instead(500, "Index not available."),
    "nothing": _instead(204),
    "more": _more,
    "other-patient": _changed(PatientID=made("LO", [CLEO.mrn])),
    "no-issuer": _changed(IssuerOfPatientID=None),
    "too-many": _instead(413, "Too many results."),
    "html": _instead(200, _SIGN_IN, "text/html"),
}


@blueprint.get("/studies")
def studies(fault: str) -> Response:
    """The photo archive's search, spoiled."""
    spoil = SPOILS.get(fault) or abort(404)
    return spoil(search.studies())
