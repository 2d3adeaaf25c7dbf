"""A FHIR search, read strictly: every parameter is known to the version and well formed, or the search is refused.

Obeys FHIR "Search" (R4 3.1.1): result parameters `_count`, `_sort`, `_summary`, `_elements`, `_include`; filters are
joined by AND, values of one filter by commas are OR. Strict handling (400 on an unknown parameter) is what HAPI does.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sandbox.fhir import Version
from sandbox.fhir.entries import Entry
from sandbox.fhir.errors import FhirError
from sandbox.fhir.parts import oid

DEFAULT_COUNT, GREATEST_COUNT = 20, 1000
SUMMARIES = ("", "true", "false", "count")
JSON_FORMATS = ("json", "application/json", "application/fhir+json", "application/json+fhir")


@dataclass(frozen=True, slots=True)
class Query:
    """A search that was understood. `asked` are the parameters as they came, for the self and next links."""

    kind: str
    asked: tuple[tuple[str, str], ...]
    patients: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    count: int = DEFAULT_COUNT
    offset: int = 0
    sort: str = ""
    summary: str = ""
    elements: tuple[str, ...] = ()
    include_endpoints: bool = False


def read(version: Version, kind: str, items: Iterable[tuple[str, str]]) -> Query:
    """The search that these query items ask for; FhirError 400 that names what is not understood."""
    asked = tuple(items)
    known = filters_of(version, kind)
    words: dict[str, str] = {}
    filters = []
    for name, value in asked:
        if name in known:
            filters.append((name, value))
        elif name in _result_parameters(version, kind) and name not in words:
            words[name] = value
        else:
            raise FhirError(400, "invalid", f"Search parameter '{name}' is not known for {kind}, or is repeated.")
    patients = tuple(value.removeprefix("Patient/") for name, value in filters if name in version.patient_parameters)
    return Query(
        kind=kind,
        asked=asked,
        patients=patients,
        filters=tuple(item for item in filters if item[0] not in version.patient_parameters),
        count=min(_whole(words, "_count", DEFAULT_COUNT), GREATEST_COUNT),
        offset=_whole(words, "_offset", 0),
        sort=_sort(version, kind, words),
        summary=_one_of(words, "_summary", SUMMARIES),
        elements=tuple(name for name in words.get("_elements", "").split(",") if name),
        include_endpoints=bool(_one_of(words, "_include", ("", "ImagingStudy:endpoint"))),
    )


def filters_of(version: Version, kind: str) -> tuple[str, ...]:
    """The names of the search parameters that choose resources of this kind, in this version."""
    category = () if version.atom_bundle else ("category",)
    return {
        "ImagingStudy": (*version.patient_parameters, *version.study_parameters),
        "DiagnosticReport": (*version.patient_parameters, "_id", "identifier", *category),
        "Patient": ("_id", "identifier", "name", "family", "given", "birthdate"),
        "Endpoint": ("_id", "connection-type"),
    }[kind]


def _result_parameters(version: Version, kind: str) -> tuple[str, ...]:
    sort = ("_sort:desc", "_sort:asc", "_sort") if version.sort_by_modifier else ("_sort",)
    trims = ("_summary",) if version.atom_bundle else ("_summary", "_elements")
    include = ("_include",) if kind == "ImagingStudy" and version.has_endpoints else ()
    return ("_count", "_offset", "_format", *sort, *trims, *include)


def _whole(words: dict[str, str], name: str, otherwise: int) -> int:
    text = words.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise FhirError(400, "invalid", f"{name} must be a whole number, not '{text}'.")
    return int(text)


def _one_of(words: dict[str, str], name: str, allowed: Sequence[str]) -> str:
    value = words.get(name, "")
    if value not in allowed:
        raise FhirError(400, "not-supported", f"{name}={value} is not supported.")
    return value


def _sort(version: Version, kind: str, words: dict[str, str]) -> str:
    """`-` for newest first, `+` for oldest first, empty for as stored."""
    date = version.date_parameter if kind == "ImagingStudy" else "date"
    ways = {("_sort", date): "+", ("_sort", f"-{date}"): "-"}
    if version.sort_by_modifier:
        ways = {("_sort", date): "+", ("_sort:asc", date): "+", ("_sort:desc", date): "-"}
    asked = [(name, value) for name, value in words.items() if name.startswith("_sort")]
    unknown = [value for name, value in asked if (name, value) not in ways]
    if unknown or len(asked) > 1:
        raise FhirError(400, "invalid", f"{kind} can be sorted by {date} only.")
    return ways[asked[0]] if asked else ""


def chosen(query: Query, entries: Iterable[Entry]) -> list[Entry]:
    """Those entries that every filter of the query lets through, in the order it asks for."""
    kept = [
        entry
        for entry in entries
        if all(any(FILTERS[name](entry, v) for v in value.split(",")) for name, value in query.filters)
    ]
    if query.sort:
        kept.sort(key=lambda entry: entry.moment, reverse=query.sort == "-")
    return kept


def _identifier(entry: Entry, value: str) -> bool:
    system, bar, wanted = value.rpartition("|")
    listed = entry.resource.get("identifier", [])
    held = [item for item in (listed if isinstance(listed, list) else [listed]) if isinstance(item, dict)]
    return any(item.get("value") == wanted and (not bar or item.get("system", "") == system) for item in held)


def _category(entry: Entry, value: str) -> bool:
    categories = entry.resource["category"]
    codings = (categories if isinstance(categories, list) else [categories])[0]["coding"]
    system, bar, code = value.rpartition("|")
    return any(item["code"] == code and (not bar or item["system"] == system) for item in codings)


def _name(*parts: str) -> Callable[[Entry, str], bool]:
    """A filter on the beginnings of these parts of a name, in any case (FHIR search, type string)."""

    def matches(entry: Entry, value: str) -> bool:
        held = entry.resource["name"][0]
        words = [word for part in parts for word in ([held[part]] if isinstance(held[part], str) else held[part])]
        return any(word.casefold().startswith(value.casefold()) for word in words)

    return matches


def _connection(entry: Entry, value: str) -> bool:
    held = entry.resource["connectionType"]
    codings = held[0]["coding"] if isinstance(held, list) else [held]
    return any(item["code"] == value.rpartition("|")[2] for item in codings)


FILTERS: dict[str, Callable[[Entry, str], bool]] = {
    "_id": lambda entry, value: entry.id == value,
    "identifier": _identifier,
    "study": lambda entry, value: oid(entry.uid) == value,
    "accession": lambda entry, value: bool(value) and entry.accession == value.rpartition("|")[2],
    "category": _category,
    "name": _name("family", "given"),
    "family": _name("family"),
    "given": _name("given"),
    "birthdate": lambda entry, value: entry.resource["birthDate"] == value,
    "connection-type": _connection,
}
