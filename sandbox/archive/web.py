"""The archive's address: DICOMweb under `/dicom-web`. Reads the archive from `current_app.extensions["archive"]`."""

from collections.abc import Callable

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from sandbox.archive import render, retrieve, search
from sandbox.archive.matching import BadQuery

blueprint = Blueprint("archive", __name__, url_prefix="/dicom-web")

STUDY = "/studies/<study>"
SERIES = f"{STUDY}/series/<series>"
INSTANCE = f"{SERIES}/instances/<instance>"
FRAMES = f"{INSTANCE}/frames/<numbers>"

ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("/studies", "search_studies", search.studies),
    ("/series", "search_series", search.series),
    ("/instances", "search_instances", search.instances),
    (f"{STUDY}/series", "search_series", search.series),
    (f"{STUDY}/instances", "search_instances", search.instances),
    (f"{SERIES}/instances", "search_instances", search.instances),
    (STUDY, "retrieve_study", retrieve.retrieve),
    (SERIES, "retrieve_series", retrieve.retrieve),
    (INSTANCE, "retrieve_instance", retrieve.retrieve),
    (f"{INSTANCE}/bulkdata/<tag>", "bulkdata", retrieve.bulkdata),
    (FRAMES, "frames", retrieve.frames),
    *((f"{level}/metadata", "metadata", retrieve.metadata) for level in (STUDY, SERIES, INSTANCE)),
    *((f"{level}/rendered", "rendered", render.picture) for level in (STUDY, SERIES, INSTANCE, FRAMES)),
    *((f"{level}/thumbnail", "thumbnail", render.thumbnail) for level in (STUDY, SERIES, INSTANCE, FRAMES)),
)

for rule, endpoint, view in ROUTES:
    blueprint.add_url_rule(rule, endpoint, view)


@blueprint.errorhandler(HTTPException)
def refusal(error: HTTPException) -> Response:
    """A refusal is one plain sentence."""
    return Response(f"{error.description}\n", error.code, mimetype="text/plain")


@blueprint.errorhandler(BadQuery)
def bad_query(error: BadQuery) -> Response:
    """A query that cannot be understood (PS3.18 8.3.4: 400)."""
    return Response(f"{error}\n", 400, mimetype="text/plain")


@blueprint.after_request
def pictures_may_be_kept(response: Response) -> Response:
    """Stored pictures never change, so a browser may keep them a while; they are one person's, so no proxy may."""
    keep = response.status_code == 200 and not response.is_json
    response.headers["Cache-Control"] = "private, max-age=600" if keep else "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
