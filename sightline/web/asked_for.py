"""Where a launch for one certain study lands: at once at its images, if it is this patient's and is found.

SMART 2.2 "fhirContext". Several studies, or one that is not found, lead to the list, which says so.
"""

from flask import Blueprint, Response, make_response, redirect, url_for

from sightline.audit_record import Action
from sightline.errors import ChartClosed
from sightline.web import charts
from sightline.web.methods import deliberate_get_only
from sightline.web.reading import Reading
from sightline.web.refusals import recorded_as

blueprint = Blueprint("asked_for", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.LIST))


@blueprint.get("/s/<chart_id>/asked-for")
def page(chart_id: str) -> Response:
    """Reads the list to its end, finds the study, sends the browser on. Raises SourceError where there is no list."""
    chart = charts.current(chart_id)
    reading = Reading(chart, anew=False)
    reading.finish()
    reading.keep()
    studies = list(reading.findings.studies.values())
    named = [[study for study in studies if reference.names(study)] for reference in chart.row.context.studies]
    keys = {chart.study_key(study) for found in named for study in found}
    if len(keys) == 1 and all(named):
        return make_response(redirect(url_for("viewer.page", chart_id=chart.id, study_key=keys.pop()), 303))
    return make_response(redirect(url_for("studies.page", chart_id=chart.id), 303))
