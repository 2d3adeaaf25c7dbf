"""A chart's list of studies as it is read: out of the store while it is fresh, else from the sources, then kept.

So "Images" and "Back" ask nobody, and each time the list is shown the audit trail says so.
"""

import time
from collections.abc import Iterator

import msgspec

from sightline.audit import Action
from sightline.discovery import Findings, studies_of
from sightline.errors import SourceError, StudyNotFound
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.parts import parts

_FRESH_SECONDS = 60.0
_OPENABLE_SECONDS = 900.0
_KEPT = "list"

_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Findings)


class Reading:
    """The list of one chart. `findings` holds what has come so far; `finish` waits for the rest.

    Begins with the list as last read, if that was a minute ago at most and nobody asked for a new one. Raises
    SourceError where no source gives even a first answer.
    """

    def __init__(self, chart: Chart, *, anew: bool) -> None:
        self._chart = chart
        self._coming: Iterator[Findings] = iter(())
        kept = None if anew else _kept(chart, _FRESH_SECONDS)
        self.findings = kept or self._begun()
        if kept:
            self._audit()
        elif self.findings.complete:
            self._keep()

    def finish(self) -> None:
        """Reads on until every source has said its last word."""
        if not self.findings.complete:
            for findings in self._coming:
                self.findings = findings
            self._keep()

    def _begun(self) -> Findings:
        self._coming = studies_of((self._chart.source,), self._chart.patient.id, time.time())
        try:
            return next(self._coming)
        except SourceError as refusal:
            parts().trail.write(Action.LIST, self._chart.audit_facts, refusal)
            raise

    def _keep(self) -> None:
        self._audit()
        self._chart.remember(_KEPT, _encoder.encode(self.findings), _OPENABLE_SECONDS)

    def _audit(self) -> None:
        parts().trail.write(Action.LIST, {**self._chart.audit_facts, "studies": len(self.findings.studies)})


def study_named(chart: Chart, key: str) -> Study:
    """The chart's study of that key, in the list as last read, else asked anew. Raises StudyNotFound, SourceError."""
    kept = _kept(chart, _OPENABLE_SECONDS)
    return (_named(chart, key, kept) if kept else None) or _named_anew(chart, key)


def _named_anew(chart: Chart, key: str) -> Study:
    reading = Reading(chart, anew=True)
    reading.finish()
    if found := _named(chart, key, reading.findings):
        return found
    raise StudyNotFound("no study of this chart has this key")


def _named(chart: Chart, key: str, findings: Findings) -> Study | None:
    return next((study for study in findings.studies.values() if chart.study_key(study) == key), None)


def _kept(chart: Chart, seconds: float) -> Findings | None:
    """The list as last read whole, if that was at most so many seconds ago. One with failures is asked for again."""
    plain = chart.recall(_KEPT)
    findings = _decoder.decode(plain) if plain else None
    return findings if findings and time.time() - findings.asked_at <= seconds and not findings.failures else None
