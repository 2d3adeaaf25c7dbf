"""A chart's list as it becomes known: from the store when it is a minute old at most, else from the sources.

Where a source sends the newest first, the first rows leave for the browser while it is still sending the rest.
"""

import time
from collections.abc import Iterator

import msgspec

from sightline.audit import Action
from sightline.discovery import Findings, hidden, studies_of
from sightline.errors import SourceError, StudyNotFound
from sightline.filtering import Filter, types_of
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.parts import parts
from sightline.web.rows import Row, row

ROWS_A_PAGE = 50
_FRESH_SECONDS = 60.0
_OPENABLE_SECONDS = 900.0
_KEPT = "list"

_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Findings)


class Listing:
    """What the list page shows. `rows` may be walked once; what comes after it in the page is then final.

    `is_known` says, before that, whether everything is known already: then notices stand above the rows.
    """

    def __init__(self, chart: Chart, wanted: Filter, page: int, show_hidden: bool, refresh: bool) -> None:
        self._chart, self._zone = chart, parts().settings.time_zone
        self.filter, self.page, self.show_hidden = wanted, page, show_hidden
        self._coming: Iterator[Findings] = iter(())
        self._ordered: list[Study] | None = None
        kept = None if refresh else _kept(chart, _FRESH_SECONDS)
        if kept:
            self._audited(kept)
        self.findings = kept or self._begun()
        if not self.findings.complete and not self._may_begin():
            self._finish()
        self.is_known = self.findings.complete
        self.page = min(page, self.last_page)
        self.rearranged = False

    @property
    def studies(self) -> list[Study]:
        """The studies to look at, filtered and in order, of all pages."""
        if not self.filter.is_on:
            return self._unhidden
        now = self.findings.asked_at
        return [study for study in self._unhidden if self.filter.keeps(study, now, self._zone)]

    @property
    def rows(self) -> Iterator[Row]:
        """This page's rows. Where more is to come they are given out first, and then the rest is read."""
        given = self.studies[self._slice]
        yield from (row(self._chart, study) for study in given)
        if not self.findings.complete:
            self._finish()
            self.rearranged = [s.identity for s in given] != [s.identity for s in self.studies[self._slice]]

    @property
    def total(self) -> int:
        """All studies that may be looked at, the filter left aside."""
        return len(self._unhidden)

    @property
    def hidden_count(self) -> int:
        return sum(map(hidden, self.findings.studies.values()))

    @property
    def undated_count(self) -> int:
        return sum(study.started is None for study in self.studies)

    @property
    def types(self) -> list[str]:
        """The types there are, to choose from."""
        return types_of(self._unhidden)

    @property
    def last_page(self) -> int:
        return max(1, -(-len(self.studies) // ROWS_A_PAGE))

    @property
    def _slice(self) -> slice:
        return slice((self.page - 1) * ROWS_A_PAGE, self.page * ROWS_A_PAGE)

    @property
    def _unhidden(self) -> list[Study]:
        if self._ordered is None:
            ordered = self.findings.newest_first(self._zone)
            self._ordered = [study for study in ordered if self.show_hidden or not hidden(study)]
        return self._ordered

    def _begun(self) -> Findings:
        self._coming = studies_of((self._chart.source,), self._chart.patient.id, time.time())
        try:
            first = next(self._coming)
        except SourceError as refusal:
            parts().trail.write(Action.LIST, self._chart.audit_facts, refusal)
            raise
        if first.complete:
            self._completed(first)
        return first

    def _may_begin(self) -> bool:
        """Whether the first answer's studies may be shown at once: all of the first page, and sent newest first."""
        studies = list(self.findings.studies.values())
        in_order = [s.identity for s in studies] == [s.identity for s in self.findings.newest_first(self._zone)]
        sorts = "sort" in self._chart.ehr.search
        return sorts and in_order and self.page == 1 and not self.filter.is_on and len(studies) >= ROWS_A_PAGE

    def _finish(self) -> None:
        for findings in self._coming:
            self.findings = findings
        self._ordered = None
        self._completed(self.findings)

    def _completed(self, findings: Findings) -> None:
        self._audited(findings)
        self._chart.remember(_KEPT, _encoder.encode(findings), _OPENABLE_SECONDS)

    def _audited(self, findings: Findings) -> None:
        parts().trail.write(Action.LIST, {**self._chart.audit_facts, "studies": len(findings.studies)})


def study_named(chart: Chart, key: str) -> Study:
    """The chart's study of that key, out of the list as last read, else asked anew. Raises StudyNotFound, SourceError."""
    for findings in _kept(chart, _OPENABLE_SECONDS), None:
        studies = (findings or Listing(chart, Filter(), 2, True, True).findings).studies.values()
        if found := next((study for study in studies if chart.study_key(study) == key), None):
            return found
    raise StudyNotFound("no study of this chart has this key")


def _kept(chart: Chart, seconds: float) -> Findings | None:
    """The list as last read whole, if that was at most so many seconds ago. One with failures is asked for again."""
    plain = chart.recall(_KEPT)
    findings = _decoder.decode(plain) if plain else None
    return findings if findings and time.time() - findings.asked_at <= seconds and not findings.failures else None
