"""One DiagnosticReport resource of any FHIR version -> a Report. Read by the key that is found, as studies are.

| | DSTU1 | DSTU2 | STU3 | R4, R4B | R5 |
|---|---|---|---|---|---|
| title | `name` | `code` | `code` | `code` | `code` |
| category | `serviceCategory` | `category` | `category` | `category[]` | `category[]` |
| time of the examination | `diagnosticDateTime` | `effective` | `effective` | `effective` | `effective` |
| study | `imagingStudy[]` | `imagingStudy[]` | `imagingStudy[]` | `imagingStudy[]` | `study[]` |
| order | `requestDetail[]` | `request[]` | `basedOn[]` | `basedOn[]` | `basedOn[]` |
| who | `performer` | `performer` | `performer[].actor` | `performer[]`, `resultsInterpreter[]` | the same |
"""

from typing import Any

from sightline.fhir import orders
from sightline.fhir.elements import codings, concept_text, objects
from sightline.outside_text import text, unaltered
from sightline.report import Form, Report, ReportStatus, StudyLink
from sightline.uid import long_uid, uid

_LONGEST = 400_000
_LONGEST_DATA = 64_000_000
_MOST = 64
# What could turn the reading direction, or is no character to be shown; lines and tabs stay.
_UNSHOWABLE = dict.fromkeys([*range(0x9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0)], " ")
_UNSHOWABLE |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "")


class Unreadable(ValueError):
    """Not a DiagnosticReport, or one without an id."""


def report(resource: dict[str, Any], source: str, resource_id: str | None = None) -> Report:
    """The report in `resource`, named by `resource_id` where it carries no id (DSTU1). Raises Unreadable."""
    id_ = text(resource.get("id")) or resource_id
    if resource.get("resourceType") != "DiagnosticReport" or not id_:
        raise Unreadable("not a DiagnosticReport, or none with an id")
    asked_by = [item for name in _ORDERS for item in objects(resource.get(name))]
    studies = [item for name in _STUDIES for item in objects(resource.get(name))]
    accessions, labelled = _accessions(objects(resource.get("identifier")), [*asked_by, *studies])
    return Report(
        source,
        id_,
        _subject(resource),
        _status(resource.get("status")),
        concept_text(resource.get("code")) or concept_text(resource.get("name")),
        text(resource.get("issued")),
        _effective(resource),
        _authors(resource),
        tuple(dict.fromkeys(code for _, code in codings([resource.get(name) for name in _CATEGORIES]))),
        _links(studies),
        orders.names(asked_by),
        accessions,
        labelled,
        words(resource.get("conclusion")),
        _narrative(resource.get("text")),
        _forms(objects(resource.get("presentedForm"))),
    )


def words(value: Any) -> str:
    """Text of many lines, as it stands there, without what could deceive the eye."""
    return value[:_LONGEST].translate(_UNSHOWABLE).strip() if type(value) is str else ""


_CATEGORIES = ("category", "serviceCategory")
_STUDIES = ("imagingStudy", "study")
_ORDERS = ("basedOn", "request", "requestDetail")
_STATUSES = {status.value: status for status in ReportStatus}


def _status(value: Any) -> ReportStatus:
    return _STATUSES.get((text(value) or "").replace(" ", "-"), ReportStatus.UNKNOWN)


def _subject(resource: dict[str, Any]) -> str | None:
    """Whose report it is; one whose `subject` and `patient` name two people says nothing."""
    stated = {text(item.get("reference")) for name in ("subject", "patient") for item in objects(resource.get(name))}
    return stated.pop() if len(stated) == 1 else None


def _effective(resource: dict[str, Any]) -> str | None:
    dated = next(filter(None, (text(resource.get(name)) for name in ("effectiveDateTime", "diagnosticDateTime"))), None)
    periods = [item for name in ("effectivePeriod", "diagnosticPeriod") for item in objects(resource.get(name))]
    return dated or next(filter(None, (text(period.get("start")) for period in periods)), None)


def _authors(resource: dict[str, Any]) -> tuple[str, ...]:
    """Who interpreted it, then who else answers for it: by the words that stand beside the reference."""
    people = [
        *objects(resource.get("resultsInterpreter")),
        *(person for item in objects(resource.get("performer")) for person in (objects(item.get("actor")) or [item])),
    ]
    contained = {f"#{item.get('id')}": item for item in objects(resource.get("contained"))}
    named = (text(item.get("display")) or _name(contained.get(str(item.get("reference")), {})) for item in people)
    return tuple(dict.fromkeys(filter(None, named)))[:_MOST]


def _name(resource: dict[str, Any]) -> str | None:
    """The name of a contained person (HumanName with its text) or organisation."""
    if type(resource.get("name")) is str:
        return text(resource["name"])
    return next(filter(None, (text(name.get("text")) for name in objects(resource.get("name")))), None)


def _links(named: list[dict[str, Any]]) -> tuple[StudyLink, ...]:
    stated = ((text(item.get("reference")) or "", _study_uid(objects(item.get("identifier")))) for item in named)
    return tuple(StudyLink(reference, uid_) for reference, uid_ in stated if reference or uid_)[:_MOST]


def _study_uid(identifiers: list[dict[str, Any]]) -> str:
    """The Study Instance UID among the identifiers of a logical reference; what nothing labels must be a long one."""
    for item in identifiers:
        if orders.is_accession(item):
            continue
        labelled = (text(item.get("system")) or "").lower() in ("urn:dicom:uid", "urn:ietf:rfc:3986")
        if found := (uid if labelled else long_uid)(item.get("value")):
            return found
    return ""


def _accessions(identifiers: list[dict[str, Any]], named: list[dict[str, Any]]) -> tuple[tuple[str, ...], bool]:
    """What may be the accession number, and whether it is said to be one; then nothing else may."""
    beside = [each for item in named for each in objects(item.get("identifier"))]
    labelled = _values(item for item in (*identifiers, *beside) if orders.is_accession(item))
    return (labelled, True) if labelled else (_values(identifiers), False)


def _values(identifiers: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (unaltered(item.get("value")) for item in identifiers))))[:_MOST]


def _narrative(value: Any) -> str:
    div = value.get("div") if type(value) is dict else None
    return div[:_LONGEST] if type(div) is str else ""


def _forms(attachments: list[dict[str, Any]]) -> tuple[Form, ...]:
    forms = (
        Form(
            (text(item.get("contentType")) or "").partition(";")[0].strip().lower(),
            text(item.get("title")) or "",
            item["data"] if type(item.get("data")) is str and len(item["data"]) <= _LONGEST_DATA else "",
            text(item.get("url")) or "",
        )
        for item in attachments
    )
    return tuple(form for form in forms if form.data or form.url)[:_MOST]
