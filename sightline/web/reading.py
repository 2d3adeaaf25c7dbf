"""A chart's list of studies as it is read: out of the store while it is fresh, else from the sources, then kept.

So "Images" and "Back" ask nobody. The audit trail says that a list is shown before its first row leaves.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from sightline.audit_record import Action
from sightline.discovery import Findings, studies_of
from sightline.errors import (
    NotAllowed,
    OwnAccessRefused,
    SightlineError,
    SignInEnded,
    SourceError,
    SourceFailed,
    StudyNotFound,
)
from sightline.report import Reports
from sightline.reports import StudiesOrReports
from sightline.study import Study
from sightline.web import pace, report_reading
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.parts import parts
from sightline.web.report_reading import ReportReading

_FRESH_SECONDS = 60.0
_OPENABLE_SECONDS = 900.0
_KEPT = "list"

_encoder, _decoder = msgspec.msgpack.Encoder(enc_hook=str), msgspec.msgpack.Decoder(Findings)


class Reading:
    """The list of one chart. The sources have been asked when it is made; `findings` waits for their first answer.

    Begins with the list as last read, if that was a minute ago at most, whole, and nobody asked for a new one. Raises
    TooOften at once, and SourceError, at once or by `findings`, where no source gives even a first answer. `reference`
    leads from an incomplete list to the log. `with_reports` asks for the reports at the same time: `reports`, None
    without.
    """

    def __init__(self, chart: Chart, *, anew: bool, with_reports: bool = False) -> None:
        self._chart = chart
        self._coming: Iterator[Findings] = iter(())
        self.reference = ""
        self.reports: ReportReading | None = None
        self._source = self._of_chart()
        self._facts: dict[str, str] = {}
        kept = None if anew else _kept(chart, _FRESH_SECONDS)
        self._is_new = kept is None or bool(kept.failures)
        self._findings = None if self._is_new else kept
        if self._is_new:
            self._ask()
        if with_reports:
            self.reports = ReportReading(chart, anew=anew)
        self._facts = self._facts or self._known()  # while the sources think
        if self._findings:
            self._audit(len(self._findings.studies))

    @property
    def findings(self) -> Findings:
        """What has come so far, which is on the trail."""
        if self._findings is None:
            self._findings = self._first()
            self._audit(len(self._findings.studies))
        return self._findings

    def finish(self) -> None:
        """Reads on until every source has said its last word."""
        last = self.findings
        for last in self._coming:
            self._findings = last
        if self._is_new and last.failures and not self.reference:
            self.reference = noted("incomplete list: " + "; ".join(each.detail for each in last.failures))
            self._audit(len(last.studies), SourceFailed())

    def keep(self) -> None:
        """Keeps a list that was read to its end; for when its page has been sent, since it may be large.

        Not for a chart that was closed while it was read: nothing of that one is to stay.
        """
        if self._is_new and self.findings.complete and self._chart.lasts:
            self._chart.remember(_KEPT, _encoder.encode(self.findings), _OPENABLE_SECONDS)

    def _ask(self) -> None:
        pace.kept(Action.LIST, self._chart)
        with self._refusals_told():
            _permitted(self._chart)  # whose refusal is the list's, whatever other sources say
            self._coming = studies_of((self._source,), self._chart.patient.id, time.time())

    def _first(self) -> Findings:
        with self._refusals_told():
            return next(self._coming)

    @contextmanager
    def _refusals_told(self) -> Iterator[None]:
        try:
            yield
        except SourceError as refusal:
            self._audit(0, refusal)
            if isinstance(refusal, SignInEnded | NotAllowed | OwnAccessRefused):
                for kept in (_KEPT, report_reading.KEPT):
                    self._chart.forget(kept)  # what may no longer be asked for may no longer be opened either
            raise

    def _of_chart(self) -> StudiesOrReports:
        chart = self._chart

        def reports() -> Reports:
            self.reports = self.reports or ReportReading(chart)
            return self.reports.at_last()

        return StudiesOrReports(chart.source, reports, only=chart.ehr.reports == "only")

    def _known(self) -> dict[str, str]:
        chart = self._chart
        query = "" if chart.ehr.reports == "only" else chart.source.question(chart.patient.id)
        return {**chart.audit_facts, "query": query}

    def _audit(self, studies: int, refusal: SightlineError | None = None) -> None:
        report_query = self.reports.query if self.reports else ""
        facts = {**(self._facts or self._known()), "report_query": report_query, "studies": studies}
        parts().trail.write(Action.LIST, facts, refusal)


def study_named(chart: Chart, key: str) -> Study:
    """The chart's study of that key, in the list as last read, else asked anew. Raises StudyNotFound, SourceError."""
    _permitted(chart)
    kept = _kept(chart, _OPENABLE_SECONDS)
    return (_named(chart, key, kept) if kept else None) or _named_anew(chart, key)


def study_among_all(chart: Chart, key: str) -> tuple[Study, Findings]:
    """The chart's study of that key, and the list that it stands in, read to its end.

    Raises StudyNotFound, SourceError.
    """
    reading = Reading(chart, anew=False)
    reading.finish()
    reading.keep()
    if found := _named(chart, key, reading.findings):
        return found, reading.findings
    raise StudyNotFound("no study of this chart has this key")


def _named_anew(chart: Chart, key: str) -> Study:
    reading = Reading(chart, anew=True)
    reading.finish()
    reading.keep()
    if found := _named(chart, key, reading.findings):
        return found
    if reading.findings.failures:
        raise SourceFailed(f"list not read to its end, see {reading.reference}")
    raise StudyNotFound("no study of this chart has this key")


def _named(chart: Chart, key: str, findings: Findings) -> Study | None:
    return next((study for study in findings.studies.values() if chart.study_key(study) == key), None)


def _kept(chart: Chart, seconds: float) -> Findings | None:
    """The list as last read, if that was at most so many seconds ago and by this build of Sightline."""
    plain = chart.recall(_KEPT)
    try:
        findings = _decoder.decode(plain) if plain else None
    except msgspec.DecodeError:
        return None
    return findings if findings and time.time() - findings.asked_at <= seconds else None


def _permitted(chart: Chart) -> None:
    """Raises NotAllowed where the EHR did not grant a search for studies, SignInEnded where its grant has run out."""
    chart.authorization.header()
