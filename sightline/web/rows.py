"""One study as the pages show it: every word made ready, so that a template only places them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo

from msgspec import Struct

from sightline import dates, modality
from sightline.filtering import SIDE_WORDS
from sightline.study import Status, Study
from sightline.web.charts import Chart
from sightline.web.choosing import at_a_glance
from sightline.web.parts import parts
from sightline.web.report_words import Mark

_STATUS_WORDS = {
    Status.REGISTERED: "Not ready yet",
    Status.CANCELLED: "Cancelled",
    Status.ENTERED_IN_ERROR: "Entered in error",
    Status.INACTIVE: "Inactive",
    Status.UNKNOWN: "Status unknown",
}
_AVAILABILITY_WORDS = {"OFFLINE": "Offline", "NEARLINE": "In slow storage", "UNAVAILABLE": "Not available"}


class Row(Struct, frozen=True, gc=False):
    """`obstacle` says in words why there is no Images button; empty where there is one.

    `label` is the study in one line, as strip, title and screen readers say it.
    """

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
    others: bool
    struck: bool
    label: str
    report: Mark | None = None


def row(chart: Chart, study: Study) -> Row:
    """The row of one study of this chart."""
    return next(rows(chart, (study,)))


def rows(
    chart: Chart, studies: Iterable[Study], mark: Callable[[Study], Mark | None] = lambda study: None
) -> Iterator[Row]:
    """The rows of these studies of this chart, in their order, each with the mark of its report."""
    zone = parts().settings.time_zone
    return (_row(chart, study, zone, mark(study)) for study in studies)


def _row(chart: Chart, study: Study, zone: tzinfo, report: Mark | None) -> Row:
    shown = dates.shown(study.started, zone)
    type_words, side = " + ".join(modality.words(study.modalities)) or "Type not recorded", _side(study.sides)
    description = study.description or "No description recorded"
    choice = at_a_glance(chart, study)
    when = shown.short if shown else "date not recorded"
    return Row(
        key=chart.study_key(study),
        date=shown,
        odd_date="" if shown or not study.started else study.started[:40],
        type=type_words,
        description=description,
        side=side,
        detail=" · ".join(filter(None, (", ".join(study.body_sites), " ".join(study.modalities)))),
        status=_STATUS_WORDS.get(study.status, "") if study.status else "",
        notes=_asked_for(chart, study) + _notes(study),
        counts=_counts(study),
        obstacle=choice.obstacle,
        others=choice.has_others,
        struck=study.status is Status.ENTERED_IN_ERROR,
        label=f"{type_words} · {description} · {f'{side} · ' if side else ''}{when}",
        report=report,
    )


def _side(sides: tuple[str, ...]) -> str:
    """LEFT, RIGHT or BOTH in capitals, as its own element; series that disagree are said to."""
    words = [SIDE_WORDS[side] for side in sides]
    return words[0] if len(words) == 1 else f"{' + '.join(sorted(words))} (by series)" if words else ""


def _asked_for(chart: Chart, study: Study) -> tuple[str, ...]:
    meant = any(reference.names(study) for reference in chart.row.context.studies)
    return ("The EHR asked for this study.",) if meant else ()


def _notes(study: Study) -> tuple[str, ...]:
    notes = []
    if study.availability in _AVAILABILITY_WORDS:
        notes.append(_AVAILABILITY_WORDS[study.availability])
    if study.contested:
        notes.append("Another patient's record names the same study. Check the name in the images.")
    if study.accession and not study.uid:
        notes.append("Opened by its accession number. Check the name in the images.")
    if study.uid_in_doubt:
        notes.append("Carries more than one study number; the first is used. Check the images against the request.")
    if len(study.resource_ids) > 1:
        notes.append(f"Merged from {len(study.resource_ids)} records")
    return tuple(notes)


def _counts(study: Study) -> str:
    parts_of = ((study.series_count, "series", "series"), (study.instance_count, "image", "images"))
    if study.instance_count == 0:
        return "No images"
    said = [
        f"{number:,}\N{NO-BREAK SPACE}{one if number == 1 else many}"
        for number, one, many in parts_of
        if number is not None
    ]
    return ", ".join(said) or "Not recorded"
