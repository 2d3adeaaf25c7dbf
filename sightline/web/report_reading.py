"""A chart's reports as they are read: asked for beside the studies, joined when they have come, kept without words.

The second question runs on a thread of its own, so that the list's rows wait for it a moment at most. What it gave is
kept by that thread, also when the page has long been sent.
"""

import logging
import time
from threading import Thread

import msgspec
from flask import Flask

from sightline.errors import SourceError, SourceSlow, StoreUnavailable
from sightline.fhir.client import FhirClient
from sightline.fhir.reports import ReportQuestions
from sightline.report import Asked, Report, Reports
from sightline.reports import Joined, Joins
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.parts import application, parts

_log = logging.getLogger("sightline")

KEPT = "reports"
_FRESH_SECONDS = 60.0
_OPENABLE_SECONDS = 900.0

_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Reports)


class ReportReading:
    """The reports of one chart from its EHR: those read a minute ago at most, if nobody asks anew, else asked for now.

    `query` is the question for the audit trail; empty where nothing is shown that a question was sent for.
    """

    def __init__(self, chart: Chart, ehr: FhirClient, *, anew: bool = False, seconds: float = _FRESH_SECONDS) -> None:
        self._chart, self._questions = chart, ReportQuestions(ehr)
        self._joins: Joins | None = None
        self._thread: Thread | None = None
        self._reports = _unasked(chart, self._questions)
        if self._reports is None and not anew:
            self._reports = kept(chart, seconds)
        self.query = "" if self._reports and self._reports.asked is not Asked.ANSWERED else self._question
        if self._reports is None:
            self._thread = Thread(target=self._ask, args=(application(),), daemon=True)
            self._thread.start()

    def by_now(self) -> Reports | None:
        """The reports, waited for a moment only; None where they have not come."""
        return self._waited(parts().settings.limits.report_seconds)

    def at_last(self) -> Reports:
        """The reports, waited for as long as a list may take."""
        slow = Reports(Asked.FAILED, time.time(), sentence=SourceSlow.sentence)
        return self._waited(parts().settings.limits.list_seconds) or slow

    def on(self, study: Study) -> list[Joined]:
        """The reports on this study, as far as they have come."""
        return self.joins.of(study) if self._reports and self._reports.found else []

    @property
    def joins(self) -> Joins:
        if self._joins is None:
            found = self._reports.found if self._reports else ()
            joins = Joins(found, self._chart.ehr.iss, parts().settings.time_zone)
            if self._reports is None:
                return joins
            self._joins = joins
        return self._joins

    @property
    def _question(self) -> str:
        return self._questions.question(self._chart.patient.id)

    def _waited(self, seconds: float) -> Reports | None:
        if self._thread and self._reports is None:
            self._thread.join(seconds)
        return self._reports

    def _ask(self, asking: Flask) -> None:
        """On the thread. Whatever happens there is an answer at its end, be it that there was none."""
        reports = Reports(Asked.FAILED, time.time(), sentence=SourceError.sentence, detail="unforeseen")
        with asking.app_context():
            try:
                reports = self._questions.of_patient(self._chart.patient.id)
            finally:
                self._reports = reports
            if reports.asked is Asked.FAILED:
                _log.warning("%s reports of chart: %s", self._questions.client.request_id, reports.detail)
            try:
                if reports.asked is Asked.ANSWERED:
                    self._chart.remember_while_open(KEPT, _encoder.encode(reports), _OPENABLE_SECONDS)
            except StoreUnavailable as failure:
                _log.warning("reports not kept: %s", failure.detail)


class ReportsOnce:
    """A chart's reports, asked for once, by whoever wants them first: the page, or a source that is made of them.

    `reading` is None until then. It stands apart from who shows them, so that no circle keeps a patient's data in
    memory when the page has left.
    """

    def __init__(self, chart: Chart, ehr: FhirClient) -> None:
        self._chart, self._ehr = chart, ehr
        self.reading: ReportReading | None = None

    def begin(self, *, anew: bool = False) -> ReportReading:
        """Asks for them."""
        self.reading = ReportReading(self._chart, self._ehr, anew=anew)
        return self.reading

    def at_last(self) -> Reports:
        """The reports, waited for as long as a list may take; asked for now if nobody has."""
        return (self.reading or self.begin()).at_last()


def kept(chart: Chart, seconds: float = _OPENABLE_SECONDS) -> Reports | None:
    """The reports as last read, if that was at most so many seconds ago and by this build of Sightline."""
    plain = chart.recall(KEPT)
    try:
        reports = _decoder.decode(plain) if plain else None
    except msgspec.DecodeError:
        return None
    return reports if reports and time.time() - reports.asked_at <= seconds else None


def may_be_asked(chart: Chart) -> bool:
    """Whether the site wants reports, and this chart's permission, as far as that is known, holds them."""
    return _unasked(chart, ReportQuestions(chart.source)) is None


def report_named(chart: Chart, key: str) -> Report | None:
    """The chart's report of that key, among those last read, else asked anew."""
    for reports in (kept(chart), None):
        found = reports or ReportReading(chart, chart.source, anew=True).at_last()
        for report in found.found:
            if chart.report_key(report) == key:
                return report
    return None


def _unasked(chart: Chart, questions: ReportQuestions) -> Reports | None:
    """What is known without a question: that the site wants none, or that none is permitted."""
    if chart.ehr.reports == "none":
        return Reports(Asked.SWITCHED_OFF)
    try:
        return None if questions.permitted else Reports(Asked.NOT_PERMITTED)
    except SourceError as refusal:
        return Reports(Asked.NOT_PERMITTED, detail=refusal.detail)
