"""The studies around one in the list that it was opened from, as that is filtered and ordered at the moment.

They come out of the list as last read, so all are this chart's patient's. What cannot be opened is passed over.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for
from msgspec import Struct
from msgspec.structs import replace

from sightline.discovery import Findings
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.list_address import ListAddress
from sightline.web.list_part import ROWS_A_PAGE, ListPart
from sightline.web.parts import parts
from sightline.web.rows import Row, rows


class Neighbour(Struct, frozen=True, gc=False):
    """A study in one line, and the address that opens it."""

    label: str
    address: str


class Neighbours:
    """Where Previous and Next lead from a study: None at an end of the list, and from a study that it leaves out.

    `part` is the list, `page` the number of its page that the study stands on, `rows` are those of that page, each with
    the address that opens it. `report` is carried on where the report stands beside the images.
    """

    def __init__(
        self, chart: Chart, study: Study, findings: Findings, address: ListAddress, report: str | None
    ) -> None:
        self._chart, self._address, self._report = chart, address, report
        self.part = ListPart(findings, address, chart.row.context.invoked, parts().settings.time_zone)
        self.page = min(address.page, self.part.last_page)
        self.previous = self.next = None
        identities = [each.identity for each in self.part.studies]
        if study.identity in identities:
            place = identities.index(study.identity)
            self.page = _page_of(place)
            self.previous = self._first_to_open(range(place - 1, -1, -1))
            self.next = self._first_to_open(range(place + 1, len(identities)))

    @property
    def rows(self) -> Iterator[tuple[Row, str]]:
        for shown in rows(self._chart, self.part.page(self.page)):
            yield shown, self._address_of(shown.key, self.page)

    def _first_to_open(self, places: Sequence[int]) -> Neighbour | None:
        shown = rows(self._chart, (self.part.studies[place] for place in places))
        for place, row in zip(places, shown, strict=True):
            if not row.obstacle:
                return Neighbour(row.label, self._address_of(row.key, _page_of(place)))
        return None

    def _address_of(self, key: str, page: int) -> str:
        """With the page of the list that it stands on, so that the way back leads to its row."""
        there: dict[str, Any] = replace(self._address, page=page).way_back
        return url_for("viewer.page", chart_id=self._chart.id, study_key=key, report=self._report, **there)


def _page_of(place: int) -> int:
    return place // ROWS_A_PAGE + 1
