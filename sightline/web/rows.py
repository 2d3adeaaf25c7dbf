"""One study as the pages show it: every word made ready, so that a template only places them."""

from dataclasses import dataclass

from sightline import dates, modality, viewing
from sightline.filtering import SIDE_WORDS
from sightline.study import Status, Study
from sightline.web.charts import Chart
from sightline.web.parts import parts

_STATUS_WORDS = {
    Status.REGISTERED: "Not ready yet",
    Status.CANCELLED: "Cancelled",
    Status.ENTERED_IN_ERROR: "Entered in error",
    Status.INACTIVE: "Inactive",
    Status.UNKNOWN: "Status unknown",
}
_AVAILABILITY_WORDS = {"OFFLINE": "Offline", "NEARLINE": "In slow storage", "UNAVAILABLE": "Not available"}


@dataclass(frozen=True, slots=True)
class Row:
    """`obstacle` says in words why there is no Images button; empty where there is one."""

    key: str
    date: dates.ShownDate | None
    odd_date: str
    type: str
    description: str
    side: str
    detail: str
    status: str
    notes: tuple[str, ...]
    counts: str
    obstacle: str
    struck: bool

    @property
    def label(self) -> str:
        """The study in one line, as strip, title and screen readers say it."""
        when = self.date.short if self.date else "date not recorded"
        return " · ".join(part for part in (self.type, self.description, self.side, when) if part)


def row(chart: Chart, study: Study) -> Row:
    """The row of one study of this chart."""
    settings = parts().settings
    shown = dates.shown(study.started, settings.time_zone)
    return Row(
        key=chart.study_key(study),
        date=shown,
        odd_date="" if shown or not study.started else study.started[:40],
        type=" + ".join(modality.words(study.modalities)) or "Type not recorded",
        description=study.description or "No description recorded",
        side=_side(study.sides),
        detail=" · ".join(filter(None, (", ".join(study.body_sites), " ".join(study.modalities)))),
        status=_STATUS_WORDS.get(study.status, "") if study.status else "",
        notes=_notes(study),
        counts=_counts(study),
        obstacle=viewing.obstacle(study, settings.viewer_of(chart.ehr)),
        struck=study.status is Status.ENTERED_IN_ERROR,
    )


def _side(sides: tuple[str, ...]) -> str:
    """LEFT, RIGHT or BOTH in capitals, as its own element; series that disagree are said to."""
    words = [SIDE_WORDS[side] for side in sides]
    return words[0] if len(words) == 1 else f"{' + '.join(sorted(words))} (by series)" if words else ""


def _notes(study: Study) -> tuple[str, ...]:
    notes = []
    if study.availability in _AVAILABILITY_WORDS:
        notes.append(_AVAILABILITY_WORDS[study.availability])
    if study.uid_in_doubt:
        notes.append("Carries more than one study number; the first is used. Check the images against the request.")
    if len(study.resource_ids) > 1:
        notes.append(f"Merged from {len(study.resource_ids)} records")
    return tuple(notes)


def _counts(study: Study) -> str:
    parts_of = ((study.series_count, "series", "series"), (study.instance_count, "image", "images"))
    said = [f"{number:,} {one if number == 1 else many}" for number, one, many in parts_of if number is not None]
    return ", ".join(said) or "Not recorded"
