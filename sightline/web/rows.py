"""One study as the pages show it: every word made ready, so that a template only places them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo

from msgspec import Struct

from sightline import dates, modality, origins
from sightline.discovery import Findings
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

_DIFFERENT = {
    "date": "The sources give different dates.",
    "counts": "The sources count differently.",
    "accession": "The sources give different accession numbers.",
}


class Row(Struct, frozen=True, gc=False):
    """`obstacle` says in words why there is no Images button; empty where there is one.

    `label` is the study in one line, as strip, title and screen readers say it. `origin` names the sources that have
    it, where there are several to choose from.
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
    origin: str = ""
    report: Mark | None = None


def row(chart: Chart, study: Study) -> Row:
    """The row of one study of this chart."""
    return next(rows(chart, (study,)))


def rows(
    chart: Chart,
    studies: Iterable[Study],
    findings: Findings | None = None,
    mark: Callable[[Study], Mark | None] = lambda study: None,
) -> Iterator[Row]:
    """The rows of these studies of this chart, in their order, each with the mark of its report.

    With `findings` they say where each was found.
    """
    zone = parts().settings.time_zone
    return (_row(chart, study, zone, findings, mark(study)) for study in studies)


def _row(chart: Chart, study: Study, zone: tzinfo, findings: Findings | None, report: Mark | None) -> Row:
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
        notes=_asked_for(chart, study) + _outside(chart, study) + _notes(study) + _origin_notes(study, zone, findings),
        counts=_counts(study),
        obstacle=choice.obstacle,
        others=choice.has_others,
        struck=study.status is Status.ENTERED_IN_ERROR,
        label=f"{type_words} · {description} · {f'{side} · ' if side else ''}{when}",
        origin=" + ".join(study.sources) if findings and len(findings.accounts) > 1 else "",
        report=report,
    )


def _side(sides: tuple[str, ...]) -> str:
    """LEFT, RIGHT or BOTH in capitals, as its own element; series that disagree are said to."""
    words = [SIDE_WORDS[side] for side in sides]
    return words[0] if len(words) == 1 else f"{' + '.join(sorted(words))} (by series)" if words else ""


def _asked_for(chart: Chart, study: Study) -> tuple[str, ...]:
    meant = any(reference.names(study) for reference in chart.row.context.studies)
    return ("The EHR asked for this study.",) if meant else ()


def _outside(chart: Chart, study: Study) -> tuple[str, ...]:
    """Made elsewhere: only where an archive's settings say what is the house's own, and its record says another."""
    own = {archive.title: archive.institutions for archive in chart.archives if archive.institutions}
    named = [(record.organisation, own.get(record.source, ())) for record in study.by_source if record.organisation]
    return tuple(dict.fromkeys(f"Outside: {name}" for name, ours in named if ours and name not in ours))


def _origin_notes(study: Study, zone: tzinfo, findings: Findings | None) -> tuple[str, ...]:
    """Who has the study and who has not, where everybody was heard, and in what its records do not agree."""
    notes = []
    if findings and len(findings.accounts) > 1:
        if only := origins.only_in(study, findings):
            notes.append(f"Only in {' and '.join(only)}")
        if missing := origins.missing_from(study, findings):
            notes.append(f"Not in {' or '.join(missing)}")
    for fact in origins.differences(study, zone):
        stated = [f"{record.source}: {_stated(record, fact, zone) or 'not recorded'}" for record in study.records]
        notes.append(f"{_DIFFERENT[fact]} {'; '.join(stated)}.")
    return tuple(notes)


def _stated(record: Study, fact: str, zone: tzinfo) -> str:
    """What one record says of a fact in which records differ."""
    if fact == "date":
        shown = dates.shown(record.started, zone)
        return shown.short if shown else ""
    return _counts(record) if fact == "counts" else record.accession or ""


def _notes(study: Study) -> tuple[str, ...]:
    notes = []
    if study.availability in _AVAILABILITY_WORDS:
        notes.append(_AVAILABILITY_WORDS[study.availability])
    if study.contested:
        notes.append("Another patient's record names the same study, so it is not opened from here.")
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
