"""What the list page shows of a reading: filtered, in order, a page at a time, with counts.

Where a source sends the newest first, the first rows leave for the browser while it is still sending the rest.
"""

from collections.abc import Iterator

from sightline import modality
from sightline.discovery import Findings, hidden
from sightline.filtering import types_of
from sightline.report import Report, Reports
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.list_address import ListAddress
from sightline.web.parts import parts
from sightline.web.reading import Reading
from sightline.web.report_words import Mark, mark
from sightline.web.rows import Row, rows

ROWS_A_PAGE = 50


class Listing:
    """The list page's facts, which wait for the first answer. `rows` may be walked once; what comes after is final."""

    def __init__(self, chart: Chart, reading: Reading, address: ListAddress) -> None:
        self._chart, self._reading, self._zone = chart, reading, parts().settings.time_zone
        self._page, self.filter, self.show_hidden = address.page, address.filter, address.show_hidden
        self.invoked, self.everything = chart.row.context.invoked, address.everything
        self._ordered: list[Study] | None = None
        self._is_known: bool | None = None  # no cached_property: in Python 3.11 one request would wait for all others
        self._reports: list[Reports | None] = []
        self.rearranged = False

    @property
    def is_known(self) -> bool:
        """Whether everything is known before the first row: then notices stand above the rows."""
        if self._is_known is None:
            if self._page > 1 or not self._may_begin():
                self._reading.finish()
            self._is_known = self.findings.complete
        return self._is_known

    @property
    def goes_on(self) -> bool:
        """Whether the first answer has been waited for and more is to come."""
        return self._is_known is False

    @property
    def findings(self) -> Findings:
        return self._reading.findings

    @property
    def page(self) -> int:
        return min(self._page, self.last_page)

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
        yield from rows(self._chart, given, self._mark)
        if not self.findings.complete:
            self._reading.finish()
            self._ordered = None
            self.rearranged = [s.identity for s in given] != [s.identity for s in self.studies[self._slice]]

    @property
    def total(self) -> int:
        """All studies that may be looked at, the filter left aside."""
        return len(self._unhidden)

    @property
    def asked_for(self) -> str:
        """The part of the list that the EHR asked for, in words; empty where it asked for all."""
        return self.invoked.words(self._zone) if self.invoked.narrows else ""

    @property
    def not_asked_for(self) -> int:
        """How many studies are left out since the EHR did not ask for them."""
        return len(self._known_unhidden) - len(self._unhidden)

    @property
    def hidden_count(self) -> int:
        return sum(map(hidden, self.findings.studies.values()))

    @property
    def undated_count(self) -> int:
        return sum(study.started is None for study in self.studies)

    @property
    def not_found(self) -> list[str]:
        """The studies that the EHR asked for and that are not among those read, as it named them."""
        studies = self.findings.studies.values()
        references = self._chart.row.context.studies
        return [reference.words for reference in references if not any(map(reference.names, studies))]

    @property
    def types(self) -> list[str]:
        """The types there are, to choose from; while the list is still being read, all that there could be."""
        return types_of(self._unhidden) if self.findings.complete else sorted(set(modality.WORDS.values()))

    @property
    def reports(self) -> Reports | None:
        """The reports, if they have come by the time that the rows could be shown; None where they have not."""
        if not self._reports:
            self._reports = [self._reading.reports.by_now() if self._reading.reports else None]
        return self._reports[0]

    @property
    def awaits_reports(self) -> bool:
        """Whether the rows stand there, and the reports are still on their way."""
        return self._reading.reports is not None and self.reports is None

    @property
    def lone_reports(self) -> list[tuple[str, Report]]:
        """Reports on imaging that belong to no study of the list, by their keys; none while its end is not known."""
        if not (self.reports and self._reading.reports and self.findings.complete) or self.findings.failures:
            return []
        lone = self._reading.reports.joins.on_none_of(self.findings.studies.values())
        return [(self._chart.report_key(report), report) for report in lone]

    @property
    def reference(self) -> str:
        """Leads from an incomplete list to the log."""
        return self._reading.reference

    @property
    def last_page(self) -> int:
        return max(1, -(-len(self.studies) // ROWS_A_PAGE))

    @property
    def _slice(self) -> slice:
        return slice((self.page - 1) * ROWS_A_PAGE, self.page * ROWS_A_PAGE)

    @property
    def _unhidden(self) -> list[Study]:
        """What may be looked at, the filter left aside: the part that the EHR asked for, unless all is to be shown."""
        if self.invoked.narrows and not self.everything:
            return self.invoked.keeps(self._known_unhidden, self._zone)
        return self._known_unhidden

    @property
    def _known_unhidden(self) -> list[Study]:
        if self._ordered is None:
            ordered = self.findings.newest_first(self._zone)
            self._ordered = [study for study in ordered if self.show_hidden or not hidden(study)]
        return self._ordered

    def _mark(self, study: Study) -> Mark | None:
        if self._reading.reports is None:
            return None
        reports = self.reports
        return mark(self._reading.reports.on(study) if reports else [], reports, self._zone)

    def _may_begin(self) -> bool:
        """Whether the first answer's studies may be shown at once: a whole page of rows, sent newest first."""
        studies = list(self.findings.studies.values())
        sorts = "sort" in self._chart.ehr.search
        return (
            sorts
            and not self.filter.is_on
            and not self.invoked.narrows
            and len(studies) >= ROWS_A_PAGE
            and [s.identity for s in studies] == [s.identity for s in self.findings.newest_first(self._zone)]
        )
