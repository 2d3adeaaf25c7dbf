"""The report page: what is written about a study, readable without opening its images, and its documents.

Each report is read anew when somebody reads it: its words are kept nowhere, and a version that was amended or withdrawn
a moment ago is never shown as it was. What is read is on the audit trail before it is shown.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from markupsafe import Markup
from msgspec import Struct

from sightline import report_text
from sightline.audit_record import Action
from sightline.errors import (
    ChartClosed,
    NotAllowed,
    ReportMoved,
    ReportNotFound,
    SightlineError,
    SignInEnded,
    SourceError,
)
from sightline.fhir.reports import ReportQuestions
from sightline.phrase import Phrase
from sightline.report import Asked, Report
from sightline.report_text import Passage
from sightline.reports import Joined, Means, means
from sightline.study import Study
from sightline.web import charts, documents, languages, list_address, pace, templates
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.reading import study_named
from sightline.web.refusals import recorded_as
from sightline.web.report_reading import ReportReading, report_named
from sightline.web.report_words import status_words
from sightline.web.rows import row

blueprint = Blueprint("report", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.REPORT))

_MOST = 5
"""So many reports of one study are read at once; older ones have a link each."""

_MEANS_WORDS = {
    Means.ORDER: Phrase("Matched to this study by its order."),
    Means.ACCESSION: Phrase("Matched to this study by its accession number."),
}


class Document(Struct, frozen=True, gc=False):
    """A document of a report: `shown` in the page, or behind links."""

    number: int
    kind: str
    title: str
    is_pdf: bool
    shown: bool


class Shown(Struct, frozen=True, gc=False):
    """One report as the page shows it. `failure` says why there is nothing of it to be read."""

    key: str
    report: Report
    status: str
    note: str = ""
    passages: tuple[Passage, ...] = ()
    documents: tuple[Document, ...] = ()
    failure: str = ""
    reference: str = ""


@blueprint.get("/s/<chart_id>/report/<key>")
def page(chart_id: str, key: str) -> Response:
    """Finds the reports on the study, reads them, records that, shows them; of a report without a study that one."""
    chart, address = charts.current(chart_id), list_address.of_request()
    pace.kept(Action.REPORT, chart)
    lone = report_named(chart, key) if "alone" in request.args else None
    study = None if lone else _study(chart, key)
    reading = ReportReading(chart, chart.source, anew=address.anew, seconds=_KEPT_SECONDS)
    reports = reading.at_last()
    joined = reading.on(study) if study else [Joined(lone, Means.ITSELF)] if lone else []
    if study and not joined:
        parts().trail.write(Action.REPORT, {**chart.audit_facts, **_facts(study), "query": reading.query})
    shown = {
        "chart": chart,
        "address": address,
        "row": row(chart, study) if study else None,
        "here": url_for("report.page", chart_id=chart.id, key=key, **address.way_back),
        "back": url_for("studies.page", chart_id=chart.id, **address.way_back, _anchor=key),
        "beside": "beside" in request.args,
        "asked": reports,
        "reports": [_read(chart, found, study) for found in joined[:_MOST]],
        "older": [(chart.report_key(found.report), found.report) for found in joined[_MOST:]],
        "reference": noted(f"reports: {reports.detail}") if reports.asked is Asked.FAILED else "",
    }
    return make_response(templates.render("report/report.html", **shown))


@blueprint.get("/s/<chart_id>/document/<report_key>/<number>")
def document(chart_id: str, report_key: str, number: str) -> Response:
    """Reads the report anew, fetches its document, records that, gives it out as what it proved to be."""
    chart = charts.current(chart_id)
    pace.kept(Action.REPORT, chart)
    facts: Mapping[str, Any] = chart.audit_facts
    try:
        report = report_named(chart, report_key)
        if report is None:
            raise ReportNotFound("no report of this chart has this key")
        facts = {**facts, "report": report.reference}
        report = _questions(chart).one(report.id, chart.patient.id)
        forms = {} if report.status.is_withdrawn else {str(place): form for place, form in enumerate(report.forms)}
        if number not in forms:
            raise ReportNotFound("withdrawn, or without such a document")
        form = forms[number]
        response = documents.response(form, _questions(chart).document(form), download="download" in request.args)
    except SightlineError as refusal:
        parts().trail.write(Action.REPORT, facts, refusal)
        raise
    parts().trail.write(Action.REPORT, facts)
    return response


_KEPT_SECONDS = 900.0


def _study(chart: Chart, key: str) -> Study:
    try:
        return study_named(chart, key)
    except SightlineError as refusal:
        parts().trail.write(Action.REPORT, chart.audit_facts, refusal)
        raise


def _read(chart: Chart, joined: Joined, study: Study | None) -> Shown:
    """The report as it is now. One that cannot be read is a note in its place; without permission there is no page."""
    zone, key, head = parts().settings.time_zone, chart.report_key(joined.report), joined.report
    facts = {**chart.audit_facts, **(_facts(study) if study else {}), "report": head.reference}
    calendar = languages.current().calendar
    try:
        report = _questions(chart).one(head.id, chart.patient.id)
        if study and joined.means is not Means.ITSELF and means(report, study, chart.ehr.iss) is None:
            raise ReportMoved("joined to its study no more")
        words, passages = status_words(report, zone, calendar), _passages(chart, report)
    except SourceError as failure:
        parts().trail.write(Action.REPORT, facts, failure)
        if isinstance(failure, SignInEnded | NotAllowed):
            raise
        sentence, leads = failure.sentence, noted(f"{type(failure).__name__}: {failure.detail}")
        return Shown(key, head, status_words(head, zone, calendar), failure=sentence, reference=leads)
    parts().trail.write(Action.REPORT, facts)
    if report.status.is_withdrawn:
        return Shown(key, report.head, words)
    return Shown(key, report, words, _MEANS_WORDS.get(joined.means, ""), passages, _documents(key, report, passages))


def _passages(chart: Chart, report: Report) -> tuple[Passage, ...]:
    """The words of the report, unless it was withdrawn. Raises SourceError where a text of it cannot be had."""
    if report.status.is_withdrawn:
        return ()
    texts = [(form, _questions(chart).document(form)) for form in report.forms if report_text.is_text(form)]
    return tuple(report_text.passages(report, texts))


def _documents(key: str, report: Report, passages: tuple[Passage, ...]) -> tuple[Document, ...]:
    """What is no text. The first PDF of a report without words is shown at once, another one when it is asked for."""
    found: list[Document] = []
    for number, form in enumerate(report.forms):
        if report_text.is_text(form):
            continue
        is_pdf = documents.is_pdf(form)
        asked = request.args.get("pdf") == f"{key}-{number}"
        at_once = is_pdf and not passages and not any(document.shown for document in found)
        found.append(Document(number, documents.kind(form), form.title, is_pdf, is_pdf and (asked or at_once)))
    return tuple(found)


def _questions(chart: Chart) -> ReportQuestions:
    return ReportQuestions(chart.source)


def _facts(study: Study) -> dict[str, str]:
    return {"study": study.reference, "study_uid": study.uid or "", "accession": study.accession or ""}


def safe(passage: Passage) -> Markup:
    """What nh3 left of HTML, which may stand in a page as it is."""
    return Markup(passage.html)  # noqa: S704 - cleaned by report_text


blueprint.add_app_template_filter(safe, "cleaned")
