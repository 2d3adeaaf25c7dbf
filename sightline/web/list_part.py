"""The part of a chart's list that an address asks for, in its order."""

from collections.abc import Sequence
from datetime import tzinfo

from sightline.discovery import Findings, hidden
from sightline.invoked import Invoked
from sightline.ordering import NEWEST, in_order
from sightline.study import Study
from sightline.web import languages
from sightline.web.list_address import ListAddress

ROWS_A_PAGE = 50


class ListPart:
    """`studies` are those to look at, of all pages, in order; what the filter leaves out is not among them.

    `unfiltered` are those with the filter left aside: the part that the EHR asked for, unless all is to be shown.
    `asked_for` is that part in phrases, empty where it asked for all; `not_asked_for` is how many are left out for it.
    """

    def __init__(self, findings: Findings, address: ListAddress, invoked: Invoked, zone: tzinfo) -> None:
        self.asked_for = invoked.parts(zone, languages.current().calendar) if invoked.narrows else ()
        ordered = findings.newest_first(zone)
        known = [study for study in ordered if address.show_hidden or not hidden(study)]
        narrows = invoked.narrows and not address.everything
        self.unfiltered: Sequence[Study] = invoked.keeps(known, zone) if narrows else known
        self.not_asked_for = len(known) - len(self.unfiltered)
        self.studies: Sequence[Study] = self.unfiltered
        if address.filter.is_on:
            now, say = findings.asked_at, languages.current().say
            self.studies = [study for study in self.unfiltered if address.filter.keeps(study, now, zone, say)]
        if address.order != NEWEST:
            self.studies = in_order(self.studies, address.order, zone, languages.current().say)

    @property
    def last_page(self) -> int:
        return max(1, -(-len(self.studies) // ROWS_A_PAGE))

    def page(self, number: int, first: int = 0, end: int | None = None) -> Sequence[Study]:
        """The studies of one page, the first of which is 1; those among them that stand from `first` up to `end`."""
        last = number * ROWS_A_PAGE
        return self.studies[max(first, last - ROWS_A_PAGE) : last if end is None else min(end, last)]
