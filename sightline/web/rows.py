"""One study as the pages show it: every word made ready, so that a template only places them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from functools import lru_cache

from msgspec import Struct

from sightline import dates, modality, origins
from sightline.discovery import Findings
from sightline.filtering import SIDE_WORDS
from sightline.phrase import Phrase, both, counted, either
from sightline.study import Status, Study
from sightline.web import languages
from sightline.web.charts import Chart
from sightline.web.choosing import glances
from sightline.web.languages import Language
from sightline.web.parts import parts
from sightline.web.report_words import Mark

Say = Callable[[str], str]

_STATUS_WORDS = {
    Status.REGISTERED: Phrase("Not ready yet"),
    Status.CANCELLED: Phrase("Cancelled"),
    Status.ENTERED_IN_ERROR: Phrase("Entered in error"),
    Status.INACTIVE: Phrase("Inactive"),
    Status.UNKNOWN: Phrase("Status unknown"),
}
_AVAILABILITY_WORDS = {
    "OFFLINE": Phrase("Offline"),
    "NEARLINE": Phrase("In slow storage"),
    "UNAVAILABLE": Phrase("Not available"),
}

_NO_TYPE, _NO_DATE = Phrase("Type not recorded"), Phrase("date not recorded")
_NO_DESCRIPTION = Phrase("No description recorded")
_NOT_RECORDED = Phrase("not recorded")


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
    """The rows of these studies of this chart, in their order and the page's language, each with its report's mark.

    With `findings` they say where each was found.
    """
    around = _Around(chart, parts().settings.time_zone, languages.current(), findings)
    return (_row(study, around, mark(study)) for study in studies)


class _Around:
    """What is the same for all rows of a list, looked up once: `own` is how archives name the house itself."""

    def __init__(self, chart: Chart, zone: tzinfo, language: Language, findings: Findings | None) -> None:
        self.chart, self.zone, self.language, self.findings = chart, zone, language, findings
        self.meant, self.choice_for = chart.row.context.studies, glances(chart)
        self.own = {archive.title: archive.institutions for archive in chart.archives if archive.institutions}
        self.has_several_sources = findings is not None and len(findings.accounts) > 1


def _row(study: Study, around: _Around, report: Mark | None) -> Row:
    zone, language, say = around.zone, around.language, around.language.say
    shown = dates.shown(study.started, zone, language.calendar)
    type_words, side = " + ".join(map(say, modality.words(study.modalities))) or say(_NO_TYPE), _side(study.sides, say)
    description = study.description or say(_NO_DESCRIPTION)
    choice = around.choice_for(study)
    when = shown.short if shown else say(_NO_DATE)
    notes = [*_asked_for(study, around), *_outside(study, around), *_notes(study), *_origin_notes(study, around)]
    return Row(
        key=around.chart.study_key(study),
        date=shown,
        odd_date="" if shown or not study.started else study.started[:40],
        type=type_words,
        description=description,
        side=side,
        detail=" · ".join(filter(None, (", ".join(study.body_sites), " ".join(study.modalities)))),
        status=say(_STATUS_WORDS.get(study.status, "")) if study.status else "",
        notes=tuple(map(say, notes)),
        counts=_counts(study, say),
        obstacle=say(choice.obstacle),
        others=choice.has_others,
        struck=study.status is Status.ENTERED_IN_ERROR,
        label=f"{type_words} · {description} · {f'{side} · ' if side else ''}{when}",
        origin=" + ".join(study.sources) if around.has_several_sources else "",
        report=report,
    )


def _side(sides: tuple[str, ...], say: Say) -> str:
    """LEFT, RIGHT or BOTH in capitals, as its own element; series that disagree are said to."""
    if not sides:
        return ""
    words = sorted(say(SIDE_WORDS[side]) for side in sides)
    if len(words) > 1:
        return say(Phrase("%(sides)s (by series)", sides=" + ".join(words)))
    return words[0]


_MEANT = Phrase("The EHR asked for this study.")


def _asked_for(study: Study, around: _Around) -> tuple[str, ...]:
    return (_MEANT,) if around.meant and any(reference.names(study) for reference in around.meant) else ()


def _outside(study: Study, around: _Around) -> tuple[str, ...]:
    """Made elsewhere: only where an archive's settings say what is the house's own, and its record says another."""
    if not around.own:
        return ()
    own, records = around.own, study.by_source
    named = [(record.organisation, own.get(record.source, ())) for record in records if record.organisation]
    outside = dict.fromkeys(name for name, ours in named if ours and name not in ours)
    return tuple(Phrase("Outside: %(organisation)s", organisation=name) for name in outside)


def _origin_notes(study: Study, around: _Around) -> tuple[str, ...]:
    """Who has the study and who has not, where everybody was heard, and in what its records do not agree."""
    notes, zone, findings = [], around.zone, around.findings
    if findings and around.has_several_sources:
        if only := origins.only_in(study, findings):
            notes.append(Phrase("Only in %(sources)s", sources=both(only)))
        if missing := origins.missing_from(study, findings):
            notes.append(Phrase("Not in %(sources)s", sources=either(missing)))
    for fact in origins.differences(study, zone):
        stated = [f"{record.source}: {_stated(record, fact, zone, around.language)}" for record in study.records]
        notes.append(_differing(fact, "; ".join(stated)))
    return tuple(notes)


def _differing(fact: str, records: str) -> Phrase:
    if fact == "date":
        return Phrase("The sources give different dates. %(records)s.", records=records)
    if fact == "counts":
        return Phrase("The sources count differently. %(records)s.", records=records)
    return Phrase("The sources give different accession numbers. %(records)s.", records=records)


def _stated(record: Study, fact: str, zone: tzinfo, language: Language) -> str:
    """What one record says of a fact in which records differ."""
    if fact == "counts":
        return _counts(record, language.say)
    not_recorded = language.say(_NOT_RECORDED)
    if fact == "accession":
        return record.accession or not_recorded
    shown = dates.shown(record.started, zone, language.calendar)
    return shown.short if shown else not_recorded


_CONTESTED = Phrase("Another patient's record names the same study, so it is not opened from here.")
_BY_ACCESSION = Phrase("Opened by its accession number. Check the name in the images.")
_IN_DOUBT = Phrase("Carries more than one study number; the first is used. Check the images against the request.")


def _notes(study: Study) -> tuple[str, ...]:
    notes = []
    if study.availability in _AVAILABILITY_WORDS:
        notes.append(_AVAILABILITY_WORDS[study.availability])
    if study.contested:
        notes.append(_CONTESTED)
    if study.accession and not study.uid:
        notes.append(_BY_ACCESSION)
    if study.uid_in_doubt:
        notes.append(_IN_DOUBT)
    if len(study.resource_ids) > 1:
        notes.append(Phrase("Merged from %(number)s records", number=len(study.resource_ids)))
    return tuple(notes)


def _counts(study: Study, say: Say) -> str:
    if study.instance_count == 0:
        return say(_NO_IMAGES)
    said = [_series(study.series_count)] if study.series_count is not None else []
    said += [_images(study.image_count)] if study.image_count else []
    said += modality.objects_in_words(study.objects) if study.objects else ()
    return ", ".join(map(say, said)) or say(_NOTHING_COUNTED)


@lru_cache(512)
def _series(number: int) -> Phrase:
    return counted("%(number)s\N{NO-BREAK SPACE}series", "%(number)s\N{NO-BREAK SPACE}series", number)


@lru_cache(4096)
def _images(number: int) -> Phrase:
    return counted("%(number)s\N{NO-BREAK SPACE}image", "%(number)s\N{NO-BREAK SPACE}images", number)


_NO_IMAGES, _NOTHING_COUNTED = Phrase("No images"), Phrase("Not recorded")
