"""What the list page shows of a reading: filtered, in order, a page at a time, with counts.

A page never waits long: it begins with the patient's line while sources still think, and shows what has come while one
of them is missing. What comes later follows below, so that no row moves under a finger; the list in order is a link.
Where one source sends the newest first, its first rows leave while it is still sending the rest.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from sightline import modality
from sightline.discovery import Account, Findings, hidden
from sightline.errors import SightlineError, SourceError
from sightline.filtering import body_parts_of, types_of
from sightline.ordering import NEWEST, Year, years
from sightline.phrase import Phrase
from sightline.report import Report, Reports
from sightline.study import Study
from sightline.web import languages
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.list_address import ListAddress
from sightline.web.list_part import ROWS_A_PAGE, ListPart
from sightline.web.parts import parts
from sightline.web.reading import Reading
from sightline.web.report_words import Mark, mark
from sightline.web.rows import Row, rows

_TAKEN_IN_AT_A_GLANCE = 20  # studies; a list no longer than that needs no years

STILL_ASKED = Phrase("still being asked")
_FAILED, _NO_ANSWER = Phrase("failed"), Phrase("did not answer")
_STATES = {"SourceNotAsking": Phrase("not asked"), "SourceSlow": _NO_ANSWER, "SourceUnreachable": _NO_ANSWER}


class Listing:
    """The list page's facts. `progress`, `rows` and `rest` may be walked once, in this order, as the page is written.

    `is_known` says whether everything is known already: then notices stand above the rows. It is asked for first, waits
    for the sources as long as a page may, and raises SourceError where there is no list at all. `pauses` is true where
    the next step may take a while: what was written before must leave. `goes_on` says that the sources have been waited
    for as long as a page may, and that more is to come. `refusal` is why there is no list at all, where
    that came to light only after the page had begun.
    """

    def __init__(self, chart: Chart, reading: Reading, address: ListAddress) -> None:
        self._chart, self._reading, self._zone = chart, reading, parts().settings.time_zone
        self._began, self._limits = time.monotonic(), parts().settings.limits
        self._address, self.filter, self.show_hidden = address, address.filter, address.show_hidden
        self.order = address.order
        self.invoked, self.everything = chart.row.context.invoked, address.everything
        self._known_part: ListPart | None = None
        self._given: Sequence[Study] = ()
        self.refusal: SightlineError | None = None
        self.pauses = self.goes_on = False
        self._is_waiting: bool | None = None
        self._reports: list[Reports | None] = []  # no cached_property: up to Python 3.11 one would wait for all others

    @property
    def is_begun(self) -> bool:
        """Whether the sources have been waited for, as far as a page waits for them before it begins."""
        return self._is_waiting is not None

    @property
    def findings(self) -> Findings:
        return self._reading.findings

    @property
    def is_known(self) -> bool:
        _ = self.is_waiting
        return self._is_over

    @property
    def is_waiting(self) -> bool:
        """Whether the page had to begin before there was anything to show."""
        if self._is_waiting is None:
            for _ in self._heard(until=self._began + self._limits.page_seconds):
                pass
            self._is_waiting = not (self.findings.complete or self._may_begin())
            if not self._is_waiting:
                self._reading.record()
            self.goes_on = not self._is_over
        return self._is_waiting

    @property
    def needs_all(self) -> bool:
        """Whether nothing may be shown before all is known: a part that is filtered or sorted says nothing."""
        return self.filter.is_on or self.order != NEWEST

    @property
    def _is_over(self) -> bool:
        return self.findings.complete or self.refusal is not None

    @property
    def page(self) -> int:
        return min(self._address.page, self.last_page)

    @property
    def has_several_sources(self) -> bool:
        return len(self.findings.accounts) > 1

    @property
    def told(self) -> list[tuple[str, str]]:
        """Each source, and how many studies it has or why it told nothing."""
        return [(account.source, self._state(account)) for account in self.findings.accounts]

    @property
    def still_asked(self) -> list[str]:
        """The sources that have told nothing yet."""
        return [source for source, state in self.told if state is STILL_ASKED]

    @property
    def progress(self) -> Iterator[Account | None]:
        """Each source as it gives its first answer, until there is something to show; None before a pause."""
        spoken: list[Account] = []
        try:
            for _ in self._heard():
                yield from self._new(spoken)
                self.pauses = True
                yield None
            yield from self._new(spoken)
            self._reading.record()
        except SightlineError as refusal:
            self._refused(refusal)
            return
        if not self.findings.complete:
            self._reading.keep()  # so that what is shown can be opened while one source is still thinking

    @property
    def studies(self) -> Sequence[Study]:
        """The studies to look at, filtered and in order, of all pages."""
        return self._part.studies

    @property
    def rows(self) -> Iterator[tuple[Year | None, Iterator[Row]]]:
        """This page's rows, as far as they are known, by year; all together, with None, where there are no years."""
        found, marks = self.years, self._marks()
        self._given = self._part.page(self.page)
        if not found:
            yield None, rows(self._chart, self._given, self.findings, marks)
        for year in found:
            if part := self._part.page(self.page, year.first, year.end):
                yield year, rows(self._chart, part, self.findings, marks)

    @property
    def years(self) -> list[Year]:
        """The years of the whole list, as far as it is known; none where it is short, or not sorted by date."""
        found = list(years(self.studies, self.order, self._zone)) if len(self.studies) > _TAKEN_IN_AT_A_GLANCE else []
        return found if len(found) > 1 else []

    def page_of(self, year: Year) -> int:
        """The page of the list on which the year begins."""
        return 1 + year.first // ROWS_A_PAGE

    @property
    def rest(self) -> Iterator[None]:
        """Reads what is not known yet; None before each pause."""
        while not self.findings.complete and not self.refusal:
            self.pauses = True
            yield None
            try:
                self._reading.hear()
            except SourceError as refusal:
                self._refused(refusal)
        self._known_part = None
        self._reading.record()

    @property
    def late_rows(self) -> Iterator[Row]:
        """The rows of this page that came after the others, in order."""
        return rows(self._chart, self._late, self.findings, self._marks())

    @property
    def late_count(self) -> int:
        return len(self._late)

    @property
    def rearranged(self) -> bool:
        """Whether the page in order would be another."""
        return [study.identity for study in self._given] != [study.identity for study in self._part.page(self.page)]

    @property
    def contested_since(self) -> list[Row]:
        """Rows above that turned out, after they had been given out, to be somebody else's too."""
        found = [self.findings.studies[study.identity] for study in self._given if not study.contested]
        return list(rows(self._chart, (study for study in found if study.contested)))

    @property
    def _late(self) -> list[Study]:
        given = {study.identity for study in self._given}
        return [study for study in self._part.page(self.page) if study.identity not in given]

    @property
    def total(self) -> int:
        """All studies that may be looked at, the filter left aside."""
        return len(self._part.unfiltered)

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The part of the list that the EHR asked for, in phrases; none where it asked for all."""
        return self._part.asked_for

    @property
    def not_asked_for(self) -> int:
        """How many studies are left out since the EHR did not ask for them."""
        return self._part.not_asked_for

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
        reports = self.reports
        if (
            not (reports and reports.found and self._reading.reports and self.findings.complete)
            or self.findings.failures
        ):
            return []
        lone = self._reading.reports.joins.on_none_of(self.findings.studies.values())
        return [(self._chart.report_key(report), report) for report in lone]

    def _marks(self) -> Callable[[Study], Mark | None]:
        """What gives a study's mark for its report."""
        reading, reports = self._reading.reports, self.reports
        if reading is None:
            return lambda study: None
        zone, calendar = self._zone, languages.current().calendar
        of_none = mark([], reports, zone, calendar)
        if not (reports and reports.found):
            return lambda study: of_none
        return lambda study: mark(reading.on(study), reports, zone, calendar)

    @property
    def types(self) -> list[str]:
        """The types there are, to choose from; while the list is still being read, all that there could be."""
        found = types_of(self._part.unfiltered) if self.findings.complete else set(modality.WORDS.values())
        say = languages.current().say
        return sorted(found, key=lambda type_: say(type_).casefold())

    @property
    def body_parts(self) -> list[str]:
        """The body parts that records name, as far as they are known, and the one that is asked for."""
        asked = self.filter.body_part
        found = body_parts_of(self._part.unfiltered)
        return found if asked.casefold() in ("", *map(str.casefold, found)) else [*found, asked]

    @property
    def origins(self) -> tuple[str, ...]:
        """The sources, to choose from where there are several."""
        return self.findings.sources if self.has_several_sources else ()

    @property
    def reference(self) -> str:
        """Leads from an incomplete list to the log."""
        return self._reading.reference

    @property
    def last_page(self) -> int:
        return self._part.last_page

    @property
    def _part(self) -> ListPart:
        """Of what is known by now; thrown away when more has been heard."""
        if self._known_part is None:
            self._known_part = ListPart(self.findings, self._address, self.invoked, self._zone)
        return self._known_part

    def _heard(self, until: float | None = None) -> Iterator[None]:
        """Listens until everything is known, something may be shown, or it is `until`; None before each pause.

        What has come by then is taken in, however late it is when this is asked.
        """
        late = self._began + self._limits.rows_seconds
        while not self.findings.complete and not self._may_begin():
            end = late if until is None and self._may_be_shown_in_part() else until
            patience = None if end is None else max(0.0, end - time.monotonic())
            yield None
            if not self._reading.hear(patience):
                return
            self._known_part = None

    def _refused(self, refusal: SightlineError) -> None:
        self.refusal = refusal
        self._reading.reference = noted(f"{type(refusal).__name__}: {refusal.detail}")

    def _new(self, spoken: list[Account]) -> list[Account]:
        """The sources that have given their first answer and are not among `spoken` yet; then they are."""
        said = [account for account in self.findings.accounts if account.answered or account.complete]
        found = [account for account in said if account not in spoken]
        spoken += found
        return found

    def _may_be_shown_in_part(self) -> bool:
        """Whether there are rows to show although a source is missing: with no filter, on the first page."""
        is_all = not (self.needs_all or self.invoked.narrows)
        return self.has_several_sources and is_all and self._address.page == 1 and bool(self._part.unfiltered)

    def _may_begin(self) -> bool:
        """Whether the first answer's studies may be shown at once: a whole page of rows, sent newest first."""
        if self.has_several_sources or self.needs_all or self._address.page > 1:
            return False
        studies = list(self.findings.studies.values())
        return (
            "sort" in self._chart.ehr.search
            and not self.invoked.narrows
            and len(studies) >= ROWS_A_PAGE
            and [s.identity for s in studies] == [s.identity for s in self.findings.newest_first(self._zone)]
        )

    def _state(self, account: Account) -> str:
        if account.answered:
            return languages.number(self.findings.count_of(account.source))
        return _STATES.get(account.failure.kind, _FAILED) if account.failure else STILL_ASKED
