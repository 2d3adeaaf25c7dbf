"""One study on a page of its own: its series, who asked for it and why, its numbers, and the studies related to it."""

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import TypeVar

from flask import Blueprint, Response, make_response, request
from msgspec import Struct
from msgspec.structs import replace

from sightline.audit_record import Action
from sightline.dicomweb.client import DicomWebClient
from sightline.errors import ChartClosed, SourceError
from sightline.filtering import SIDE_WORDS
from sightline.modality import NOT_IMAGES, objects_in_words, words
from sightline.phrase import Phrase
from sightline.priors import related
from sightline.study import Study
from sightline.study_details import Identifier, Series, StudyDetails
from sightline.uid import uid
from sightline.web import charts, languages, list_address, pace, pictures, templates
from sightline.web.charts import Chart
from sightline.web.choosing import named
from sightline.web.error_pages import noted
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.pictures import Place
from sightline.web.reading import study_among_all
from sightline.web.refusals import recorded_as
from sightline.web.rows import rows

blueprint = Blueprint("details", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.LIST))

_RELATED = 5

T = TypeVar("T")


class SeriesRow(Struct, frozen=True, gc=False):
    """One series in words, each empty where it is not recorded."""

    number: str
    type: str
    description: str
    body_site: str
    side: str
    images: str
    place: Place | None


@blueprint.get("/s/<chart_id>/study/<study_key>")
def page(chart_id: str, study_key: str) -> Response:
    """Finds the study among this chart's, asks its source for the whole of it, and who has pictures, shows that."""
    chart, address = charts.current(chart_id), list_address.of_request()
    study, found = study_among_all(chart, study_key)
    row = next(rows(chart, (study,), found))
    archive, no_pictures = (None, "") if row.obstacle else _archive(chart, study)
    details, failure, reference = _asked(chart, study, archive)
    series = [each for each in details.series if each.modality not in NOT_IMAGES]
    opened = request.args.getlist("photos")
    places = pictures.places(chart, study, series, opened) if archive else []
    if archive and places:
        pictures.keep(chart, study, archive, series, places)
    others = related(study, found.studies.values(), parts().settings.time_zone)
    shown = {
        "row": row,
        "key": row.key,
        "details": details,
        "series": [_series_row(*each) for each in zip_longest(series, places)],
        "objects": [_object(each) for each in details.series if each.modality in NOT_IMAGES],
        "pictures": bool(places),
        "no_pictures": no_pictures,
        "opened": [place.key for place in places if place.key in opened],
        "numbers": _numbers(study, details),
        "failure": failure,
        "reference": reference,
        "related": list(rows(chart, others[:_RELATED])),
        "others": len(others),
        "body_sites": study.body_sites,
        "source": " + ".join(study.sources),
    }
    return make_response(templates.render("details/details.html", chart=chart, address=address, **shown))


def _asked(chart: Chart, study: Study, archive: DicomWebClient | None) -> tuple[StudyDetails, SourceError | None, str]:
    """What the EHR says of the study, and an archive of its series; where not, why, and what leads to the log."""
    details, failure, source = StudyDetails(), None, chart.source
    if study.reference:
        facts = {"query": source.details_question(study), "study": study.reference}
        found, failure = _recorded(chart, facts, lambda: source.details(study, chart.patient.id))
        details = found or details
    if archive and not details.series:
        uid, seconds = study.uid or "", parts().settings.limits.picture_seconds
        facts = {**named(study), "archive": archive.archive.address}
        series, missing = _recorded(chart, facts, lambda: archive.series(uid, seconds))
        details, failure = replace(details, series=series or ()), failure or missing
    return details, failure, noted(f"study details: {failure.detail}") if failure else ""


def _recorded(chart: Chart, facts: Mapping[str, str], ask: Callable[[], T]) -> tuple[T | None, SourceError | None]:
    """The answer, or why there is none; either is on the trail before anything of it is shown."""
    pace.kept(Action.LIST, chart)
    try:
        found = ask()
    except SourceError as failure:
        parts().trail.write(Action.LIST, {**chart.audit_facts, **facts}, failure)
        return None, failure
    parts().trail.write(Action.LIST, {**chart.audit_facts, **facts})
    return found, None


def _archive(chart: Chart, study: Study) -> tuple[DicomWebClient | None, str]:
    """The archive that has pictures of the study; where it did not say whether it has, the words for that."""
    try:
        return pictures.archive_of(chart, study), ""
    except SourceError as failure:
        noted(f"pictures: {type(failure).__name__} {failure.detail}")
        return None, failure.sentence


def _series_row(series: Series, place: Place | None = None) -> SeriesRow:
    count = series.instance_count
    return SeriesRow(
        number="" if series.number is None else str(series.number),
        type=" ".join(map(languages.say, words((series.modality,)))) if series.modality else "",
        description=series.description,
        body_site=series.body_site,
        side=languages.say(SIDE_WORDS.get(series.side, "")),
        images="" if count is None else languages.number(count),
        place=place,
    )


def _object(series: Series) -> tuple[str, str]:
    """A series of what is no picture: what and how many, where it says how many, and its description."""
    code, count = series.modality, series.instance_count
    said = objects_in_words([(code, count)]) if count else words((code,))
    return " ".join(map(languages.say, said)), series.description


def _numbers(study: Study, details: StudyDetails) -> list[Identifier]:
    """Everything that the study is known by, each once: its UIDs and accession number first, bare, as archives do."""
    known = [Identifier("Study Instance UID", each) for each in study.uids]
    known += [Identifier(Phrase("Accession number"), study.accession)] if study.accession else []
    values = {each.value for each in known}
    return known + [each for each in details.identifiers if not {each.value, uid(each.value)} & values]
