"""One small picture of a series, for the study's page: fetched when the browser wants it, checked, given out, not kept.

The page is on the trail before; here only what it has is given out. A picture never comes before a list: few are
fetched at once, each for a short time, and what is too much is refused at once. Where there is no picture the answer is
a sign, drawn one pixel wide for "none" and two for "not loaded", by which the page's script tells them apart.
"""

from flask import Blueprint, Response, make_response

from sightline.audit_record import Action
from sightline.dicomweb.client import DicomWebClient
from sightline.dicomweb.thumbnail import thumbnail
from sightline.errors import ChartClosed, SourceError, StudyNotFound
from sightline.picture import Picture
from sightline.web import charts, headers, pace, pictures, reading, templates
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.refusals import recorded_as

blueprint = Blueprint("thumbnails", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.PICTURES))
blueprint.register_error_handler(StudyNotFound, recorded_as(Action.PICTURES))


@blueprint.get("/s/<chart_id>/study/<study_key>/picture/<series_key>")
def picture(chart_id: str, study_key: str, series_key: str) -> Response:
    """Finds the series among what the study's page has, asks the archive, gives the picture or a sign in its place."""
    chart = charts.current(chart_id, renews=False)
    pace.kept(Action.PICTURES, chart)
    client, study, series, images = _wanted(chart, study_key, series_key)
    try:
        found = _fetched(client, study, series, images)
    except SourceError as failure:
        noted(f"picture: {type(failure).__name__} {failure.detail}")
        return _sign("failed", failure.status)
    if not chart.lasts:
        raise ChartClosed("closed while a picture was fetched")
    return _given(found.content, found.mime) if found else _sign("none", 200)


def _wanted(chart: Chart, study_key: str, series_key: str) -> tuple[DicomWebClient, str, str, int | None]:
    """Raises StudyNotFound for what no page of this chart has just shown, or the chart's archives no longer serve."""
    kept = pictures.kept(chart, study_key) if reading.may_be_opened(chart) else None
    archive = next((each for each in chart.archives if kept and each.name == kept.archive), None)
    if not kept or not archive or series_key not in kept.series:
        raise StudyNotFound("no page of this chart has a picture of this key")
    return chart.archive_client(archive), kept.study, *kept.series[series_key]


def _fetched(client: DicomWebClient, study: str, series: str, images: int | None) -> Picture | None:
    places = parts().pictures
    places.enter(f"pictures of {client.archive.name}")
    try:
        return thumbnail(client, study, series, images, parts().settings.limits.picture_seconds)
    finally:
        places.leave()


def _sign(name: str, status: int) -> Response:
    response = _given(templates.render(f"thumbnails/{name}.svg").encode(), "image/svg+xml")
    response.status_code = status
    return response


def _given(content: bytes, mime: str) -> Response:
    """Never another type than we say, no page, no script, and not for other sites; `web/headers.py` adds `no-store`."""
    response = make_response(content)
    response.headers["Content-Type"] = mime
    response.headers["Content-Security-Policy"] = headers.policy_of_a_document()
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
