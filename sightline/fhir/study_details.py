"""One whole ImagingStudy resource of any FHIR version -> what its page tells beyond the list's row.

People and places are told by what stands beside the reference (its `display`, or the contained resource it names):
nobody else's record is fetched to put a name on a page.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from sightline.fhir.elements import codings, concept_text, objects
from sightline.fhir.laterality import side_in
from sightline.outside_text import count, text
from sightline.study_details import Identifier, Series, StudyDetails
from sightline.uid import uid

_MOST_SERIES, _MOST = 500, 20


def details(resource: dict[str, Any]) -> StudyDetails:
    """What the resource says, by the element names of DSTU1 to R6; what cannot be read is left out."""
    people = _Named(resource)
    return StudyDetails(
        series=_series(resource.get("series")),
        referrer=people.first("referrer"),
        performers=_each(_performers(resource, people)),
        interpreters=_each(people.all("interpreter")),
        reasons=_each(_reasons(resource, people)),
        procedures=_each(_concepts(resource, "procedureCode", "procedure")),
        location=people.first("location"),
        notes=_each(text(note.get("text")) for note in objects(resource.get("note"))),
        identifiers=_identifiers(resource),
    )


class _Named:
    """The names of those whom a resource refers to."""

    def __init__(self, resource: dict[str, Any]) -> None:
        self._resource = resource
        self._contained = {f"#{text(item.get('id'))}": item for item in objects(resource.get("contained"))}

    def first(self, element: str) -> str:
        return next(self.all(element), "")

    def all(self, element: str) -> Iterator[str]:
        for reference in objects(self._resource.get(element)):
            if name := self.of(reference):
                yield name

    def of(self, reference: Any) -> str | None:
        """The name beside a Reference, or in the contained resource that it names."""
        if type(reference) is not dict:
            return None
        resource = self._contained.get(text(reference.get("reference")) or "")
        return text(reference.get("display")) or (_name(resource.get("name")) if resource else None)


def _name(value: Any) -> str | None:
    """A name as text, as an organisation or a place has it, or of a person: `Dr Solveig Haugen`."""
    if type(value) is str:
        return text(value)
    for name in objects(value):
        family, given = name.get("family"), name.get("given")
        parts = [
            part
            for words in (name.get("prefix"), given, family)
            for part in (words if type(words) is list else [words])
        ]
        if whole := text(name.get("text")) or " ".join(filter(None, map(text, parts))):
            return whole
    return None


def _listed(value: Any) -> list[Any]:
    """Names of people are lists up to STU3, and mixed later."""
    return value if type(value) is list else [value]


def _performers(resource: dict[str, Any], people: _Named) -> Iterator[str | None]:
    """Of all series: a Reference in STU3, an object with `actor` from R4 on."""
    for series in objects(resource.get("series"))[:_MOST_SERIES]:
        for performer in objects(series.get("performer")):
            yield people.of(performer.get("actor")) or people.of(performer)


def _reasons(resource: dict[str, Any], people: _Named) -> Iterator[str | None]:
    """`clinicalInformation` (DSTU1, DSTU2), `reason` (STU3, R5), `reasonCode` and `reasonReference` (R4)."""
    yield text(resource.get("clinicalInformation"))
    yield from _concepts(resource, "reason", "reasonCode")
    yield from people.all("reasonReference")
    for reason in objects(resource.get("reason")):
        yield people.of(reason.get("reference"))


def _concepts(resource: dict[str, Any], *elements: str) -> Iterator[str | None]:
    for element in elements:
        for item in objects(resource.get(element)):
            yield concept_text(item)


def _series(value: Any) -> tuple[Series, ...]:
    """Each once, by their numbers; those without a number at the end, as they came."""
    found: dict[object, Series] = {}
    for item in objects(value)[:_MOST_SERIES]:
        read = _one_series(item)
        found.setdefault(read.uid or id(item), read)
    return tuple(sorted(found.values(), key=lambda one: (one.number is None, one.number or 0)))


def _one_series(item: dict[str, Any]) -> Series:
    stated, listed = count(item.get("numberOfInstances")), objects(item.get("instance"))
    laterality = item.get("laterality")
    return Series(
        uid=uid(item.get("uid")),
        number=count(item.get("number")),
        modality=next((code for _, code in codings(item.get("modality"))), ""),
        description=text(item.get("description")) or "",
        body_site=concept_text(item.get("bodySite")) or "",
        side=(side_in(msgspec.json.encode(laterality)) or "") if laterality else "",
        instance_count=(len(listed) or None) if stated is None else stated,
    )


def _identifiers(resource: dict[str, Any]) -> tuple[Identifier, ...]:
    """All numbers, each once, with the label of its source: its type's words, else its system."""
    stated = [*objects(resource.get("identifier"))]
    stated += [*objects(resource.get("accession")), *objects(resource.get("accessionNo"))]
    found: dict[str, Identifier] = {}
    for item in stated:
        if value := text(item.get("value")):
            label = concept_text(item.get("type")) or text(item.get("label")) or text(item.get("system")) or ""
            found.setdefault(value, Identifier(label, value))
    return tuple(found.values())[:_MOST]


def _each(words: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))[:_MOST]
