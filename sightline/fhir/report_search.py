"""One page of a search for reports: a Bundle of any FHIR version -> this patient's reports, and all else, counted."""

from typing import Any

from msgspec import Struct, field

from sightline.batch import LeftOut
from sightline.errors import SourceTooLarge
from sightline.fhir import diagnostic_report, outcome, searchset
from sightline.fhir.elements import objects
from sightline.fhir.subject import Subject, whose
from sightline.fhir.versions import Version
from sightline.outside_text import text
from sightline.report import IMAGING_CATEGORIES, Report

PAGE, SMALL_PAGE = 100, 5
_LARGEST = 16_000_000


class ReportPage(Struct):
    """The reports in it, what was left out of it, how many matches it holds and the server speaks of, its next page."""

    reports: list[Report] = []
    left_out: LeftOut = field(default_factory=LeftOut)
    matches: int = 0
    total: int | None = None
    next_url: str = ""


def questions(version: Version, patient_id: str, count: int = PAGE) -> list[dict[str, str]]:
    """The parameters to ask with, in turn as long as the server does not take them (400).

    By every category that is imaging; by the one that Oracle Health documents, with its system; by the patient alone.
    """
    bare = {version.patient_parameter: patient_id, "_count": str(count)}
    if not version.service_sections:
        return [bare]
    radiology = f"{version.service_sections}|RAD"
    return [{**bare, "category": ",".join(sorted(IMAGING_CATEGORIES))}, {**bare, "category": radiology}, bare]


def page(body: bytes, source: str, patient_id: str, base: str) -> ReportPage:
    """Raises SourceUnreadable where `body` is no Bundle, SourceFailed where it is an OperationOutcome.

    SourceTooLarge where whole documents make it so; fewer at once may do.
    """
    if len(body) > _LARGEST:
        raise SourceTooLarge("reports with their documents in them")
    bundle = searchset.bundle(body, "a search for reports")
    result = ReportPage()
    entries = bundle.get("entry", [])
    for entry in entries if type(entries) is list else [entries]:
        _sort_in(entry if type(entry) is dict else {}, source, patient_id, base, result)
    result.total, is_number = searchset.total(bundle.get("total"), bundle.get("totalResults"))
    follows, next_url = searchset.next_page(bundle.get("link"))
    result.next_url = next_url or ""
    if not is_number or (follows and not next_url):
        result.left_out = result.left_out.plus(LeftOut(troubled=True))
    return result


def _sort_in(entry: dict[str, Any], source: str, patient_id: str, base: str, result: ReportPage) -> None:
    resource = entry.get("resource") or entry.get("content")
    mode = next((search.get("mode") for search in objects(entry.get("search"))), None)
    kind = resource.get("resourceType") if type(resource) is dict else None
    if type(resource) is dict and kind == "OperationOutcome":
        words, troubled = outcome.sentence(resource.get("issue")), outcome.is_error(resource.get("issue"))
        result.left_out = result.left_out.plus(LeftOut(troubled=troubled, warnings=(words,) if words else ()))
        return
    if mode in ("include", "outcome"):
        return
    result.matches += 1
    address = text(entry.get("id")) or ""
    try:
        found = diagnostic_report.report(
            resource if type(resource) is dict else {}, source, address.split("/_history/")[0].rpartition("/")[2]
        )
    except diagnostic_report.Unreadable:
        result.left_out = result.left_out.plus(LeftOut(unreadable=1))
        return
    match whose(found.subject, patient_id, base):
        case Subject.THIS_PATIENT:
            # Where the server searches by no category, laboratory reports come along: those that say so are not ours.
            if found.is_on_imaging or not found.categories:
                result.reports.append(found.head)
        case Subject.OTHER_PATIENT:
            result.left_out = result.left_out.plus(LeftOut(other_patient=1))
        case Subject.NOT_SAID:
            result.left_out = result.left_out.plus(LeftOut(unconfirmed=1))
