"""Which source has a study and which has not, and where the records of one study do not agree. Never averaged away."""

from collections.abc import Callable
from datetime import tzinfo

from sightline import dates
from sightline.discovery import Findings
from sightline.study import Status, Study

_HOUR = 3600.0
_TO_BE_IN_AN_ARCHIVE = (None, Status.AVAILABLE, Status.INACTIVE, Status.UNKNOWN)


def only_in(study: Study, findings: Findings) -> tuple[str, ...]:
    """The archives that have a study which the EHR, having told everything, does not know.

    Not where the EHR has a record without UID of the same accession number: that may be the very study.
    """
    ehrs = [account for account in findings.accounts if not account.is_archive]
    if not all(account.is_whole for account in ehrs) or {account.source for account in ehrs} & {*study.sources}:
        return ()
    known = (other for other in findings.studies.values() if other.uid is None and other.accession)
    return () if any(other.accession == study.accession for other in known) else study.sources


def missing_from(study: Study, findings: Findings) -> tuple[str, ...]:
    """The archives, all of which told everything, where a study of the EHR should be and is in none."""
    archives = [account for account in findings.accounts if account.is_archive]
    names = tuple(account.source for account in archives)
    if study.uid is None or study.status not in _TO_BE_IN_AN_ARCHIVE or {*names} & {*study.sources}:
        return ()
    return names if all(account.is_whole for account in archives) else ()


def differences(study: Study, zone: tzinfo) -> list[str]:
    """The facts that the study's records have and do not agree in: of "date", "counts" and "accession"."""
    records = study.records
    return [fact for fact, differ in _FACTS.items() if differ(records, zone)] if len(records) > 1 else []


def _dates(records: tuple[Study, ...], zone: tzinfo) -> bool:
    """Another day, or at least an hour apart: clocks of two systems are never the same to the minute."""
    stated = [text for text in (record.started for record in records) if text and dates.instant(text, zone) is not None]
    return any(_apart(stated[0], other, zone) for other in stated[1:])


def _apart(one: str, other: str, zone: tzinfo) -> bool:
    first, second = dates.instant(one, zone), dates.instant(other, zone)
    if "T" in one and "T" in other and first is not None and second is not None:
        return abs(first - second) >= _HOUR
    shorter, longer = sorted((_day(one, zone), _day(other, zone)), key=len)
    return not longer.startswith(shorter)


def _day(text: str, zone: tzinfo) -> str:
    """The day, or as much of it as is recorded, in figures."""
    shown = dates.shown(text, zone)
    return shown.machine[:10] if shown else ""


def _counts(records: tuple[Study, ...], zone: tzinfo) -> bool:
    series = {record.series_count for record in records} - {None}
    instances = {record.instance_count for record in records} - {None}
    images = {record.image_count for record in records} - {None}  # some sources leave out what is no picture
    return len(series) > 1 or (len(instances) > 1 and len(images) > 1)


def _accessions(records: tuple[Study, ...], zone: tzinfo) -> bool:
    return len({record.accession for record in records} - {None}) > 1


_FACTS: dict[str, Callable[[tuple[Study, ...], tzinfo], bool]] = {
    "date": _dates,
    "counts": _counts,
    "accession": _accessions,
}
