"""What the pages say of reports: the mark in a study's row, and the words for one report's state."""

from datetime import tzinfo

from msgspec import Struct

from sightline import dates
from sightline.report import Asked, Report, Reports, ReportStatus
from sightline.reports import Joined

_STATUS_WORDS = {
    ReportStatus.REGISTERED: "Not written yet",
    ReportStatus.FINAL: "Final",
    ReportStatus.CANCELLED: "Withdrawn",
    ReportStatus.ENTERED_IN_ERROR: "Withdrawn",
    ReportStatus.UNKNOWN: "Status unknown",
}


class Mark(Struct, frozen=True, gc=False):
    """What a study's row says of its report; `opens` where there is something to read."""

    words: str
    opens: bool


NONE_FOUND = Mark("No report found", opens=False)
UNKNOWN = Mark("Look for a report", opens=True)


def mark(joined: list[Joined], reports: Reports | None, zone: tzinfo) -> Mark | None:
    """The mark for these reports on a study, the newest of which counts; None where nobody was or could be asked.

    "No report found" is said only where all reports were read: it is not "not reported".
    """
    if joined:
        return Mark(_of(joined[0].report, zone), opens=joined[0].report.status is not ReportStatus.REGISTERED)
    if reports is None or reports.asked is Asked.FAILED:
        return UNKNOWN
    if reports.asked is not Asked.ANSWERED:
        return None
    return NONE_FOUND if reports.is_whole else UNKNOWN


def status_words(report: Report, zone: tzinfo) -> str:
    """The state of a report, on its own page."""
    if report.status.is_preliminary:
        return "PRELIMINARY"
    if report.status.is_amended:
        return f"Amended {amended_on(report, zone)}".strip()
    return _STATUS_WORDS[report.status]


def amended_on(report: Report, zone: tzinfo) -> str:
    """The day on which this version was issued (R4 DiagnosticReport.issued)."""
    shown = dates.shown(report.issued, zone)
    return shown.short[:11] if shown else ""


def _of(report: Report, zone: tzinfo) -> str:
    status = report.status
    if status.is_preliminary:
        return "PRELIMINARY report"
    if status.is_withdrawn:
        return "Report withdrawn"
    if status.is_amended:
        return f"Report – amended {amended_on(report, zone)}".strip()
    return {ReportStatus.REGISTERED: "Report not written yet", ReportStatus.UNKNOWN: "Report – status unknown"}.get(
        status, "Report"
    )
