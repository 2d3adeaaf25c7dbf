"""The studies around one in the list that it was opened from, as that is filtered and ordered at the moment.

They come out of the list as last read, so all are this chart's patient's. What cannot be opened is passed over.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import url_for
from msgspec import Struct

from sightline.discovery import Findings
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.choosing import glances
from sightline.web.list_address import ListAddress
from sightline.web.list_part import ROWS_A_PAGE, ListPart
from sightline.web.parts import parts
from sightline.web.rows import row


class Neighbour(Struct, frozen=True, gc=False):
    """A study in one line, and the address that opens it."""

    label: str
    address: str


class Neighbours:
    """Where Previous and Next lead from a study: None at an end of the list, and from a study that it leaves out.

    `report` is carried on where the report stands beside the images.
    """

    def __init__(
        self, chart: Chart, study: Study, findings: Findings, address: ListAddress, report: str | None
    ) -> None:
        self._chart, self._address, self._report = chart, address, report
        self._part = ListPart(findings, address, chart.row.context.invoked, parts().settings.time_zone)
        identities = [each.identity for each in self._part.studies]
        self._at = identities.index(study.identity) if study.identity in identities else None
        self.previous = self.next = None
        if self._at is not None:
            self.previous = self._first_to_open(range(self._at - 1, -1, -1))
            self.next = self._first_to_open(range(self._at + 1, len(identities)))

    def _first_to_open(self, places: Iterable[int]) -> Neighbour | None:
        for place in places:
            study = self._part.studies[place]
            if not glances(self._chart)(study).obstacle:
                return Neighbour(row(self._chart, study).label, self._address_of(study, place))
        return None

    def _address_of(self, study: Study, place: int) -> str:
        """With the page of the list that it stands on, so that the way back leads to its row."""
        there: dict[str, Any] = replace(self._address, page=place // ROWS_A_PAGE + 1).way_back
        key = self._chart.study_key(study)
        return url_for("viewer.page", chart_id=self._chart.id, study_key=key, report=self._report, **there)
