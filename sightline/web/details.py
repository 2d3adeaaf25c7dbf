"""One study on a page of its own: its series, who asked for it and why, its numbers, and the studies related to it."""

from flask import Blueprint, Response, make_response, render_template
from msgspec import Struct

from sightline.audit_record import Action
from sightline.errors import ChartClosed, SourceError
from sightline.filtering import SIDE_WORDS
from sightline.modality import words
from sightline.phrase import Phrase
from sightline.priors import related
from sightline.study import Study
from sightline.study_details import Identifier, Series, StudyDetails
from sightline.uid import uid
from sightline.web import charts, languages, list_address, pace
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.parts import parts
from sightline.web.reading import study_among_all
from sightline.web.refusals import recorded_as
from sightline.web.rows import rows

blueprint = Blueprint("details", __name__)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.LIST))

_RELATED = 5


class SeriesRow(Struct, frozen=True, gc=False):
    """One series in words, each empty where it is not recorded."""

    number: str
    type: str
    description: str
    body_site: str
    side: str
    images: str


@blueprint.get("/s/<chart_id>/study/<study_key>")
def page(chart_id: str, study_key: str) -> Response:
    """Finds the study among this chart's, asks its source for the whole of it, shows that."""
    chart, address = charts.current(chart_id), list_address.of_request()
    study, found = study_among_all(chart, study_key)
    details, failure, reference = _asked(chart, study)
    others = related(study, found.studies.values(), parts().settings.time_zone)
    shown = {
        "row": next(rows(chart, (study,), found)),
        "details": details,
        "series": [_series_row(series) for series in details.series],
        "numbers": _numbers(study, details),
        "failure": failure,
        "reference": reference,
        "related": list(rows(chart, others[:_RELATED])),
        "others": len(others),
        "body_sites": study.body_sites,
        "source": " + ".join(study.sources),
    }
    return make_response(render_template("details/details.html", chart=chart, address=address, **shown))


def _asked(chart: Chart, study: Study) -> tuple[StudyDetails, SourceError | None, str]:
    """What the source says of the study; where it does not, why, and what leads from there to the log."""
    source = chart.source
    if not study.reference:
        return StudyDetails(), None, ""
    pace.kept(Action.LIST, chart)
    facts = {**chart.audit_facts, "query": source.details_question(study), "study": study.reference}
    try:
        found = source.details(study, chart.patient.id)
    except SourceError as failure:
        parts().trail.write(Action.LIST, facts, failure)
        return StudyDetails(), failure, noted(f"study details: {failure.detail}")
    parts().trail.write(Action.LIST, facts)
    return found, None, ""


def _series_row(series: Series) -> SeriesRow:
    count = series.instance_count
    return SeriesRow(
        number="" if series.number is None else str(series.number),
        type=" ".join(map(languages.say, words((series.modality,)))) if series.modality else "",
        description=series.description,
        body_site=series.body_site,
        side=languages.say(SIDE_WORDS.get(series.side, "")),
        images="" if count is None else languages.number(count),
    )


def _numbers(study: Study, details: StudyDetails) -> list[Identifier]:
    """Everything that the study is known by, each once: its UIDs and accession number first, bare, as archives do."""
    known = [Identifier("Study Instance UID", each) for each in study.uids]
    known += [Identifier(Phrase("Accession number"), study.accession)] if study.accession else []
    values = {each.value for each in known}
    return known + [each for each in details.identifiers if not {each.value, uid(each.value)} & values]
