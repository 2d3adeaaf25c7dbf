"""A chart's list of studies as it is read: out of the store while it is fresh, else from the sources, then kept.

So "Images" and "Back" ask nobody. The audit trail says that a list is shown before its first row leaves.
"""

import time

import msgspec

from sightline.audit_record import Action
from sightline.authorization import Authorization
from sightline.discovery import Findings, Inquiry, Source
from sightline.errors import (
    NotAllowed,
    OwnAccessRefused,
    SightlineError,
    SignInEnded,
    SourceError,
    SourceFailed,
    StudyNotFound,
)
from sightline.fhir.client import FhirClient
from sightline.study import Study
from sightline.web import pace, report_reading
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.parts import application, parts
from sightline.web.report_reading import ReportReading, ReportsOnce

_FRESH_SECONDS = 60.0
_OPENABLE_SECONDS = 900.0
_KEPT = "list"

_encoder, _decoder = msgspec.msgpack.Encoder(enc_hook=str), msgspec.msgpack.Decoder(Findings)


class Reading:
    """The list of one chart. `findings` holds what has come so far; `hear` and `finish` wait for more.

    Begins with the list as last read, if that was a minute ago at most, whole, and nobody asked for a new one; else the
    sources are asked, and nothing is waited for yet. Raises SourceError where nothing may be asked, and TooOften.
    `reference` leads from an incomplete list to the log. `with_reports` asks for the reports at the same time:
    `reports`, None without. `again` is a list that is shown once more as it is, however it was read.
    """

    def __init__(self, chart: Chart, *, anew: bool, with_reports: bool = False, again: Findings | None = None) -> None:
        self._chart, self._ehr, self.reference = chart, chart.source, ""
        self._reports = ReportsOnce(chart, self._ehr)
        self._sources = chart.sources(self._ehr, self._reports.at_last)
        self._recorded: set[str] = set()
        self._inquiry: Inquiry | None = None
        known = again or (None if anew else _fresh(chart))
        self._known_accounts = known.accounts if known else []
        if known:
            self.findings = known
        else:
            self._inquiry = self._begun()
            self.findings = self._inquiry.findings
        if with_reports:
            self._reports.begin(anew=anew)

    @property
    def reports(self) -> ReportReading | None:
        return self._reports.reading

    @property
    def authorization(self) -> Authorization:
        """What lets the chart's questions in."""
        return self._ehr.authorization

    def hear(self, seconds: float | None = None) -> bool:
        """Takes in the next answer; False where none came in time. Raises SourceError where there is no list at all."""
        if self._inquiry is None:
            return False
        try:
            return self._inquiry.listen(seconds)
        except SourceError as refusal:
            self._inquiry.give_up()
            self._refused(refusal)
            raise

    def finish(self) -> None:
        """Reads on until every source has said its last word. Raises what `hear` raises."""
        while not self.findings.complete:
            self.hear()
        self.record()

    def record(self) -> None:
        """Puts on the trail what was asked of each source that has answered; before anything of it is shown.

        A list that broke off is there twice: as it was begun, and that it is not whole.
        """
        for source in self._sources:
            account = next((each for each in self.findings.accounts if each.source == source.name), None)
            if account and (account.answered or account.complete) and source.name not in self._recorded:
                self._recorded.add(source.name)
                self._write(source, self.findings.count_of(source.name), self._error_of(source.name))
        if self._inquiry and self.findings.complete and self.findings.failures and not self.reference:
            self.reference = noted("incomplete list: " + "; ".join(each.detail for each in self.findings.failures))
            for source in self._sources:
                if self._broke_off(source.name):
                    self._write(source, self.findings.count_of(source.name), SourceFailed())

    def keep(self) -> None:
        """Keeps what was read; for when its page has been sent, since it may be large. Studies of it can be opened.

        Not for a chart that was closed while it was read: nothing of that one is to stay.
        """
        if self._inquiry:
            self._chart.remember_while_open(_KEPT, _encoder.encode(self.findings), _OPENABLE_SECONDS)

    def leave(self) -> None:
        """Has no further page asked for: nobody waits for it any more."""
        if self._inquiry:
            self._inquiry.give_up()

    def _refused(self, refusal: SourceError) -> None:
        """A list that there is not: each source's own reason is on the trail, or the one for which none was asked."""
        failed = [source for source in self._sources if self._error_of(source.name)]
        for source in failed or self._sources[:1]:
            if source.name not in self._recorded:
                self._recorded.add(source.name)
                self._write(source, 0, self._error_of(source.name) or refusal)
        if isinstance(refusal, SignInEnded | NotAllowed | OwnAccessRefused):
            for kept in (_KEPT, report_reading.KEPT):
                self._chart.forget(kept)  # what may no longer be asked for may no longer be opened either

    def _error_of(self, name: str) -> SourceError | None:
        if self._inquiry:
            return self._inquiry.errors.get(name)
        failed = any(account.source == name and account.failure for account in self._known_accounts)
        return SourceFailed("as it was when the list was read") if failed else None

    def _broke_off(self, name: str) -> bool:
        accounts = (account for account in self.findings.accounts if account.source == name)
        return any(account.answered and account.failure for account in accounts)

    def _write(self, source: Source, studies: int, refusal: SightlineError | None) -> None:
        asked = {"query": source.question} | ({"archive": source.archive} if source.archive else {})
        if self.reports and not source.archive:
            asked["report_query"] = self.reports.query
        parts().trail.write(Action.LIST, {**self._chart.audit_facts, **asked, "studies": studies}, refusal)

    def _begun(self) -> Inquiry:
        pace.kept(Action.LIST, self._chart)
        try:
            _permitted(self._ehr)
        except SourceError as refusal:
            self._refused(refusal)
            raise
        # A chart's token lies in the store, which the application has; other threads run in no request of it.
        return Inquiry(self._sources, time.time(), application().app_context)


def may_be_opened(chart: Chart) -> bool:
    """Whether there is a list of the chart's that studies are opened from. Raises NotAllowed, SignInEnded."""
    _permitted(chart.source)
    return chart.recall(_KEPT) is not None


def study_named(chart: Chart, key: str) -> Study:
    """The chart's study of that key, in the list as last read, else asked anew. Raises StudyNotFound, SourceError."""
    return study_in_list(chart, key)[0]


def study_in_list(chart: Chart, key: str) -> tuple[Study, Findings]:
    """The same, and the list that it was found in, which may not be whole yet."""
    _permitted(chart.source)
    kept = _kept(chart, _OPENABLE_SECONDS)
    found = _named(chart, key, kept) if kept else None
    return (found, kept) if kept and found else _named_anew(chart, key)


def study_among_all(chart: Chart, key: str) -> tuple[Study, Findings]:
    """The chart's study of that key, and the list that it stands in, read to its end: as it was last, else anew.

    So a source that does not answer is not waited for again with each study. Raises StudyNotFound, SourceError.
    """
    _permitted(chart.source)
    kept = _kept(chart, _OPENABLE_SECONDS)
    if kept and kept.complete and (found := _named(chart, key, kept)):
        return found, kept
    reading = Reading(chart, anew=False)
    reading.finish()
    reading.keep()
    if found := _named(chart, key, reading.findings):
        return found, reading.findings
    raise StudyNotFound("no study of this chart has this key")


def _named_anew(chart: Chart, key: str) -> tuple[Study, Findings]:
    reading = Reading(chart, anew=True)
    reading.finish()
    reading.keep()
    if found := _named(chart, key, reading.findings):
        return found, reading.findings
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


def _fresh(chart: Chart) -> Findings | None:
    """The list as last read a minute ago at most, if it was read to its end and nobody failed."""
    kept = _kept(chart, _FRESH_SECONDS)
    return kept if kept and kept.complete and not kept.failures else None


def _permitted(ehr: FhirClient) -> None:
    """Raises NotAllowed where the EHR did not grant a search for studies, SignInEnded where its grant has run out."""
    ehr.authorization.header()
