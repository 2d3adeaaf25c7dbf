"""What the pages say of reports: the mark in a study's row, and the words for one report's state."""

from datetime import tzinfo

from msgspec import Struct

from sightline import dates
from sightline.phrase import Phrase
from sightline.report import Asked, Report, Reports, ReportStatus
from sightline.reports import Joined

_STATUS_WORDS = {
    ReportStatus.REGISTERED: Phrase("Not written yet"),
    ReportStatus.FINAL: Phrase("Final"),
    ReportStatus.CANCELLED: Phrase("Withdrawn"),
    ReportStatus.ENTERED_IN_ERROR: Phrase("Withdrawn"),
    ReportStatus.UNKNOWN: Phrase("Status unknown"),
}
_REPORT, _REPORT_WITHDRAWN = Phrase("Report"), Phrase("Report withdrawn")
_PRELIMINARY, _PRELIMINARY_REPORT = Phrase("PRELIMINARY"), Phrase("PRELIMINARY report")
_REPORT_WORDS = {
    ReportStatus.REGISTERED: Phrase("Report not written yet"),
    ReportStatus.UNKNOWN: Phrase("Report – status unknown"),
}


class Mark(Struct, frozen=True, gc=False):
    """What a study's row says of its report; `opens` where there is something to read."""

    words: str
    opens: bool


NONE_FOUND = Mark(Phrase("No report found"), opens=False)
UNKNOWN = Mark(Phrase("Look for a report"), opens=True)


def mark(
    joined: list[Joined], reports: Reports | None, zone: tzinfo, calendar: dates.Calendar = dates.ENGLISH
) -> Mark | None:
    """The mark for these reports on a study, the newest of which counts; None where nobody was or could be asked.

    "No report found" is said only where all reports were read: it is not "not reported".
    """
    if joined:
        return Mark(_of(joined[0].report, zone, calendar), opens=joined[0].report.status is not ReportStatus.REGISTERED)
    if reports is None or reports.asked is Asked.FAILED:
        return UNKNOWN
    if reports.asked is not Asked.ANSWERED:
        return None
    return NONE_FOUND if reports.is_whole else UNKNOWN


def status_words(report: Report, zone: tzinfo, calendar: dates.Calendar = dates.ENGLISH) -> str:
    """The state of a report, on its own page."""
    if report.status.is_preliminary:
        return _PRELIMINARY
    if report.status.is_amended:
        day = amended_on(report, zone, calendar)
        return Phrase("Amended %(date)s", date=day) if day else Phrase("Amended")
    return _STATUS_WORDS[report.status]


def amended_on(report: Report, zone: tzinfo, calendar: dates.Calendar = dates.ENGLISH) -> str:
    """The day on which this version was issued (R4 DiagnosticReport.issued)."""
    shown = dates.shown(report.issued, zone, calendar)
    return shown.short[:11] if shown else ""


def _of(report: Report, zone: tzinfo, calendar: dates.Calendar) -> str:
    status = report.status
    if status.is_preliminary:
        return _PRELIMINARY_REPORT
    if status.is_withdrawn:
        return _REPORT_WITHDRAWN
    if status.is_amended:
        day = amended_on(report, zone, calendar)
        return Phrase("Report – amended %(date)s", date=day) if day else Phrase("Report – amended")
    return _REPORT_WORDS.get(status, _REPORT)
