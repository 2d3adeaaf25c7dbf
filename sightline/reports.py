"""Use case: which reports are on which study?

No FHIR version before R5 has a search for that, so all reports of the patient are asked for once and joined here. The
joins are tried from the surest to the least sure: the report names the study's record; its Study Instance UID; the same
order; the same accession number. What a sure one contradicts no weaker one joins.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from sightline import dates
from sightline.batch import Batch, Coming
from sightline.errors import NotAllowed, SourceFailed, SourceWithoutStudies
from sightline.report import Asked, Report, Reports
from sightline.study import Study

_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}\Z")


class Means(StrEnum):
    """What a report was joined to its study by."""

    ITSELF = "the list is made of reports"
    REFERENCE = "it names the study's record"
    UID = "it names the study's number"
    ORDER = "both answer one order"
    ACCESSION = "both have one accession number"


class Joined(Struct, frozen=True, gc=False):
    """A report on a study, and how that is known."""

    report: Report
    means: Means


class Joins:
    """The reports of one patient, ready to be found by study. `base` is the FHIR base that their references are below.

    Accession numbers are unique to their issuer only: whoever makes this has left out every report whose patient is not
    clearly the studies' patient.
    """

    def __init__(self, reports: Iterable[Report], base: str, zone: tzinfo) -> None:
        self._base = base
        self._reports = newest_first(reports, zone)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, report in enumerate(self._reports):
            for name in self._names(report):
                self._places[name].append(place)

    def of(self, study: Study) -> list[Joined]:
        """The reports on this study, the newest first, those that were withdrawn at the end."""
        places = {place for name in self._names_of(study) for place in self._places.get(name, ())}
        candidates = (self._reports[place] for place in sorted(places))
        joined = [Joined(report, by) for report in candidates if (by := means(report, study, self._base))]
        return sorted(joined, key=lambda found: found.report.status.is_withdrawn)

    def on_none_of(self, studies: Iterable[Study]) -> list[Report]:
        """The reports on imaging that belong to none of these studies, the newest first."""
        joined = {found.report.id for study in studies for found in self.of(study)}
        lone = (report for report in self._reports if report.id not in joined)
        return [report for report in lone if report.is_on_imaging and not report.status.is_withdrawn]

    def _names(self, report: Report) -> Iterable[str]:
        yield report.reference
        for link in report.links:
            yield from (_local(link.reference, self._base), link.uid)
        yield from (_local(order, self._base) for order in report.orders)
        yield from report.accessions

    def _names_of(self, study: Study) -> Iterable[str]:
        yield from _records(study)
        yield from study.uids
        yield from (_local(order, self._base) for order in study.orders)
        if study.accession:
            yield study.accession


def means(report: Report, study: Study, base: str) -> Means | None:
    """What joins this report to this study of the same patient; None where nothing does, or something contradicts it.

    A link with only a display, to a contained resource, or to another server's record names nothing that could be
    compared.
    """
    if report.reference in study.resource_ids:
        return Means.ITSELF
    named = [(_study_record(link.reference, base), link.uid) for link in report.links]
    if any(record or uid for record, uid in named):
        return next(filter(None, (_by_link(record, uid, study) for record, uid in named)), None)
    ours, theirs = ({_local(order, base) for order in orders} for orders in (study.orders, report.orders))
    if not ours.isdisjoint(theirs):
        has_other = study.accession and report.accession_labelled and study.accession not in report.accessions
        return None if has_other else Means.ORDER
    if not _systems(ours).isdisjoint(_systems(theirs)):
        return None  # both name their order, and it is another one
    return Means.ACCESSION if study.accession and study.accession in report.accessions else None


def newest_first(reports: Iterable[Report], zone: tzinfo) -> list[Report]:
    """In the order of when they were issued, those without a readable date at the end."""

    def age(report: Report) -> float:
        moment = dates.instant(report.issued or report.effective, zone)
        return float("inf") if moment is None else -moment

    return sorted(reports, key=age)


def as_studies(reports: Iterable[Report]) -> list[Study]:
    """The studies that reports on imaging speak of, where the server has no list of studies: one for each accession.

    An accession number that is not labelled as one counts if it is the report's only number: another one could open
    other images.
    """
    found: dict[str, Study] = {}
    for report in reports:
        if not report.is_on_imaging:
            continue
        accession = report.accessions[0] if len(report.accessions) == 1 else None
        uids = tuple(dict.fromkeys(link.uid for link in report.links if link.uid))
        uid = uids[0] if len(uids) == 1 else None
        found.setdefault(
            uid or accession or report.reference,
            Study(
                report.source,
                report.subject,
                uid,
                accession=accession,
                resource_ids=(report.reference,),
                started=report.effective or report.issued,
                modalities=tuple(_MODALITIES[code] for code in report.categories if code in _MODALITIES),
                description=report.title,
            ),
        )
    return list(found.values())


class Studies(Protocol):
    """A server that is asked for a patient's studies, as `fhir/client` is."""

    @property
    def is_connected(self) -> bool: ...

    def studies(self, patient_id: str) -> Coming: ...


class StudiesOrReports(Struct, frozen=True):
    """A source that answers with its studies; where it has no list of them, with those that its reports speak of.

    Such a list is never whole: a study without a report is not in it. `only`: studies are not even asked for.
    """

    source: Studies
    reports: Callable[[], Reports]
    only: bool

    def at_once(self, patient_id: str) -> Coming | None:
        """Asks, unless that would mean to wait for something: a connection, or the reports, which another asks for."""
        return None if self.only or not self.source.is_connected else self.studies(patient_id)

    def studies(self, patient_id: str) -> Coming:
        """Asks at once, as every source does; raises SourceError where not even a first answer came."""
        if self.only:
            return Coming(self._of_reports(), lambda _: False)
        coming = self.source.studies(patient_id)
        return Coming(self._answered(coming), coming.begins)

    def _answered(self, coming: Coming) -> Iterator[Batch]:
        try:
            yield from coming
        except SourceWithoutStudies:
            if self.reports().asked is not Asked.ANSWERED:
                raise
            yield from self._of_reports()

    def _of_reports(self) -> Iterator[Batch]:
        answer = self.reports()
        match answer.asked:
            case Asked.ANSWERED:
                yield Batch(as_studies(answer.found), replace(answer.left_out, reports_only=True))
            case Asked.FAILED:
                raise SourceFailed(answer.detail, answer.sentence)
            case Asked.NOT_OFFERED:
                raise SourceWithoutStudies(answer.detail)
            case _:
                raise NotAllowed(answer.detail or "the granted scopes hold no search for DiagnosticReport")


# HL7 v2-0074 -> DICOM modality, where the one means the other.
_MODALITIES = {"CT": "CT", "NMR": "MR", "NMS": "NM", "RUS": "US", "OUS": "US", "VUS": "US", "CUS": "US"}


def _by_link(record: str, uid: str, study: Study) -> Means | None:
    """A link whose reference means this study and whose UID another one, or the reverse, means neither."""
    records = _records(study)
    if (record and records and record not in records) or (uid and study.uids and uid not in study.uids):
        return None
    if record in records:
        return Means.REFERENCE
    return Means.UID if uid in study.uids else None


def _records(study: Study) -> tuple[str, ...]:
    return tuple(id_ if "/" in id_ else f"ImagingStudy/{id_}" for id_ in study.resource_ids)


def _study_record(reference: str, base: str) -> str:
    """`ImagingStudy/7`, where the reference is to a record of this very server."""
    local = _local(reference, base)
    return local if local.startswith("ImagingStudy/") else ""


def _local(reference: str, base: str) -> str:
    return _VERSION.sub("", reference.removeprefix(f"{base.rstrip('/')}/"))


def _systems(orders: set[str]) -> set[str]:
    """The kinds of names among these orders: two orders of one kind can be compared."""
    return {order.rpartition("|")[0] if "|" in order else "a reference" for order in orders}
