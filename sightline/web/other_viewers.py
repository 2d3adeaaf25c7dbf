"""The viewers that a study, or all images of the patient, can be opened in: a way into each, or why there is none."""

from typing import Any

from flask import Blueprint, Response, make_response, url_for

from sightline.audit_record import Action
from sightline.errors import CannotOpenAll, ChartClosed
from sightline.viewing import Choice
from sightline.web import charts, choosing, list_address, templates
from sightline.web.charts import Chart
from sightline.web.methods import deliberate_get_only
from sightline.web.reading import study_named
from sightline.web.refusals import recorded_as
from sightline.web.rows import row
from sightline.web.viewer import ALL_IMAGES

blueprint = Blueprint("other_viewers", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.OPEN))


@blueprint.get("/s/<chart_id>/viewers/<study_key>")
def page(chart_id: str, study_key: str) -> Response:
    """Finds the study in this chart, shows what each viewer could do with it; nothing is opened yet."""
    chart, address = charts.current(chart_id), list_address.of_request()
    study = study_named(chart, study_key)
    choice, shown = choosing.for_study(chart, study), row(chart, study)
    place = {"chart_id": chart.id, "study_key": study_key, **address.way_back}
    back = url_for("studies.page", chart_id=chart.id, **address.way_back, _anchor=study_key)
    return _shown(chart, choice, "viewer.page", place, row=shown, label=shown.label, back=back)


@blueprint.get("/s/<chart_id>/all-images/viewers")
def for_patient(chart_id: str) -> Response:
    """The same for all images of the chart's patient."""
    chart, address = charts.current(chart_id), list_address.of_request()
    choice = choosing.for_patient(chart, choosing.asked_limits())
    if choice is None:
        raise CannotOpenAll("no viewer takes PATIENT")
    place = {"chart_id": chart.id, **choosing.whole_or_not(), **address.way_back}
    back = url_for("studies.page", chart_id=chart.id, **address.way_back)
    return _shown(chart, choice, "viewer.all_images", place, label=ALL_IMAGES, back=back)


def _shown(chart: Chart, choice: Choice, endpoint: str, place: dict[str, Any], **about: Any) -> Response:
    """The page: `place` are the arguments of the address that opens it in the usual viewer, `about` what it is."""
    names = [viewer.name for viewer in choice.settings.viewers]
    ways = {name: url_for(endpoint, **place, viewer=name) for name in names}
    return make_response(templates.render("other_viewers/viewers.html", chart=chart, choice=choice, ways=ways, **about))
