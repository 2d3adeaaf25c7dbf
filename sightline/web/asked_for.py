"""Where a launch for one certain study lands: at once at its images, if it is this patient's and is found.

SMART 2.2 "fhirContext", or an EHR that asks by Invoke Image Display, for one study or for a part of a patient's studies
that has but one. Several studies, or one that is not found, lead to the list, which says so.
"""

from flask import Blueprint, Response, make_response, redirect, url_for

from sightline.audit_record import Action
from sightline.discovery import Findings, hidden
from sightline.errors import ChartClosed
from sightline.study import Study
from sightline.web import charts
from sightline.web.charts import Chart
from sightline.web.choosing import glances
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
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
    context, findings = chart.row.context, reading.findings
    named = [[study for study in findings.studies.values() if each.names(study)] for each in context.studies]
    if context.invoked.narrows and findings.is_whole:
        named.append(_part(chart, findings))
    keys = {chart.study_key(study) for found in named for study in found}
    if len(keys) == 1 and all(named):
        return make_response(redirect(url_for("viewer.page", chart_id=chart.id, study_key=keys.pop()), 303))
    return make_response(redirect(chart.path, 303))


def _part(chart: Chart, findings: Findings) -> list[Study]:
    """The part of the studies that the EHR asked for; none where its only one cannot be opened: the list says why."""
    zone = parts().settings.time_zone
    unhidden = [study for study in findings.newest_first(zone) if not hidden(study)]
    found = chart.row.context.invoked.keeps(unhidden, zone)
    return [] if len(found) == 1 and glances(chart)(found[0]).obstacle else found
