"""One ImagingStudy resource of any FHIR version -> a Study.

What is typed below is read by msgspec straight from the bytes: instances are counted without being built, which is
the whole weight of a large study. What does not fit the types is mended (parts of a wrong kind are dropped), and read
again.
"""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import msgspec

from sightline.endpoint import Endpoint, Leads
from sightline.fhir import orders, twins
from sightline.fhir.elements import MOST_REFERENCES, codes_in, objects, references_in, value_of, words_in
from sightline.fhir.endpoint import answered, contained, endpoint
from sightline.fhir.identifiers import Identifier, accession_element, accession_of_order, numbers
from sightline.fhir.laterality import side_in
from sightline.json_text import NOT_READABLE
from sightline.modality import NOT_IMAGES
from sightline.outside_text import count, text
from sightline.study import Status, Study
from sightline.uid import uid

_NOTHING = msgspec.Raw()
_LONGEST_NARRATIVE = 20_000


class Unreadable(ValueError):
    """Not an ImagingStudy, or none that says anything a person could use."""


class Counted(msgspec.Struct, gc=False):
    """Something of which only the number matters."""


class Reference(msgspec.Struct, gc=False):
    """A Reference; one with only a display or an identifier refers to nothing that could be compared."""

    reference: Any = None
    number: int = twins.number()


class SeriesElement(msgspec.Struct, gc=False):
    """`ImagingStudy.series` of every version: `uid` has `urn:oid:` up to STU3, R4 and later give it bare."""

    uid: str | None = None
    modality: msgspec.Raw = _NOTHING
    description: Any = None
    numberOfInstances: Any = None
    endpoint: msgspec.Raw = _NOTHING
    bodySite: msgspec.Raw = _NOTHING
    laterality: msgspec.Raw = _NOTHING
    instance: list[Counted] | None = None


class StudyElement(msgspec.Struct, gc=False):
    """The elements of ImagingStudy that a list needs, under every name that a version or a converter gives them.

    They stand in R4's order, since msgspec looks for each name first behind the one before it: 7 % of a page's reading.
    The last three are those of an Endpoint, which may come beside studies.
    """

    resourceType: Any = None
    id: Any = None
    text: msgspec.Raw = _NOTHING
    contained: msgspec.Raw = _NOTHING
    url: Any = None
    uid: Any = None
    identifier: list[Identifier] = []
    accession: Any = None
    accessionNo: Any = None
    status: Any = None
    availability: Any = None
    modality: msgspec.Raw = _NOTHING
    modalityList: msgspec.Raw = _NOTHING
    subject: Reference | None = None
    patient: Reference | None = None
    started: Any = None
    dateTime: Any = None
    basedOn: msgspec.Raw = _NOTHING
    order: msgspec.Raw = _NOTHING
    endpoint: msgspec.Raw = _NOTHING
    numberOfSeries: Any = None
    numberOfInstances: Any = None
    procedureCode: msgspec.Raw = _NOTHING
    procedure: msgspec.Raw = _NOTHING
    note: msgspec.Raw = _NOTHING
    description: Any = None
    series: list[SeriesElement] = []
    resource: Any = None
    issue: Any = None
    address: Any = None
    connectionType: msgspec.Raw = _NOTHING
    managingOrganization: msgspec.Raw = _NOTHING


_NO_SERIES = SeriesElement()
_decoder = msgspec.json.Decoder(StudyElement)


def decode(raw: bytes | msgspec.Raw) -> StudyElement:
    """The elements of one resource. Raises Unreadable where it is no JSON object."""
    try:
        return _decoder.decode(raw)
    except NOT_READABLE:
        return _mended(value_of(bytes(raw)))


def study(found: StudyElement, source: str, resource_id: str | None = None) -> Study:
    """The study in `found`, named by `resource_id` where the resource carries no id (DSTU1). Raises Unreadable."""
    if found.resourceType != "ImagingStudy" or found.resource is not None:
        found = _unwrapped(found)
    resource_id = text(found.id) or resource_id
    study_uid, other_uids, in_doubt, accession = numbers(found.identifier, found.uid, resource_id, found.url)
    if found.accession or found.accessionNo:
        accession = accession_element(found.accession, found.accessionNo) or accession
    if found.basedOn and not accession:
        accession = accession_of_order(bytes(found.basedOn))
    if not (study_uid or accession or resource_id):
        raise Unreadable("neither Study Instance UID nor accession number nor id")
    listed = found.series
    series = _unique(listed) if len(listed) > 1 else listed
    series_count, instance_count = count(found.numberOfSeries), count(found.numberOfInstances)
    repeated = series is not listed
    codes, sites, sides = _of_series(found.modality or found.modalityList, series)
    addresses, references = _whereabouts(found, listed)
    return Study(
        source,
        _subject(found),
        study_uid,
        other_uids,
        in_doubt,
        accession,
        (resource_id,) if resource_id else (),
        (_STATUSES.get(str(found.status)) or Status.UNKNOWN) if found.status else None,
        text(found.availability) if found.availability else None,
        text(found.started) or text(found.dateTime),
        codes,
        text(found.description) or _description(found, series),
        sites,
        sides,
        (len(series) or None) if repeated or series_count is None else series_count,
        _summed(series) if repeated or instance_count is None else instance_count,
        references,
        addresses,
        orders=orders.names_in(found.basedOn, found.order),
        objects=None if NOT_IMAGES.isdisjoint(codes) else _objects(series),
    )


def _subject(found: StudyElement) -> str | None:
    """Whose study it is; a record whose `subject` and `patient` name two people says nothing."""
    subject, patient = found.subject, found.patient
    if subject is None or patient is None:
        only = patient if subject is None else subject
        return None if only is None else text(only.reference)
    named = text(subject.reference)
    return named if named == text(patient.reference) else None


_STATUSES = {status.value: status for status in Status}


def _of_series(
    study_modality: msgspec.Raw, series: list[SeriesElement]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Modalities (the study's own and its series': some servers give only the one), body sites and sides, each once."""
    codes = codes_in(b"" + study_modality)
    sites: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    before = _NO_SERIES
    for item in series:  # most say the same as the one before
        if item.modality != before.modality and (more := codes_in(b"" + item.modality)) != codes:
            codes = tuple(dict.fromkeys(codes + more))
        if item.bodySite != before.bodySite and (site := words_in(b"" + item.bodySite)) and site not in sites:
            sites += (site,)
        if item.laterality != before.laterality and (side := side_in(b"" + item.laterality)) and side not in sides:
            sides += (side,)
        before = item
    return codes, sites, sides


def _objects(series: list[SeriesElement]) -> tuple[tuple[str, int], ...] | None:
    """The modality and number of what is no picture, series by series; None where a series does not tell."""
    found = []
    for item in series:
        code = next(iter(codes_in(bytes(item.modality)) if item.modality else ()), "")
        if code in NOT_IMAGES:
            if not (number := _number(item)):
                return None
            found.append((code, number))
    return tuple(found) or None


def _whereabouts(found: StudyElement, series: list[SeriesElement]) -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    """The addresses of its images that stand in the record itself, and its references to others.

    Those of its series count as the study's (HL7 Europe Imaging: "at least the series can be viewed" there). DSTU2 has
    the archive's address in `url`.
    """
    references = references_in(b"" + found.endpoint)
    for item in series:
        if item.endpoint and (more := references_in(b"" + item.endpoint)) != references:
            references = tuple(dict.fromkeys(references + more))[:MOST_REFERENCES]
    if not (found.url or (references and found.contained)):
        return (), references
    archive = text(found.url) if found.url else None
    stated = (Endpoint(archive, Leads.TO_AN_ARCHIVE),) if archive else ()
    if not (references and found.contained):
        return stated, references
    addresses, others = answered(references, contained(value_of(bytes(found.contained))))
    return stated + addresses, others


def endpoint_beside(found: StudyElement) -> Endpoint | None:
    """The address in an Endpoint that came beside studies; None for one that is out of use, or leads to no images."""
    concepts = ("connectionType", "managingOrganization")
    read = {name: value_of(bytes(getattr(found, name))) for name in concepts}
    return endpoint({"resourceType": found.resourceType, "status": found.status, "address": found.address, **read})


def _description(found: StudyElement, series: list[SeriesElement]) -> str | None:
    """Where `description` is missing: the official XR example has a procedure code instead, DICOMcast writes a note."""
    return (
        (words_in(bytes(found.procedureCode)) if found.procedureCode else None)
        or (words_in(bytes(found.procedure)) if found.procedure else None)
        or (_first(text(note.get("text")) for note in objects(value_of(bytes(found.note)))) if found.note else None)
        or _first(text(item.description) for item in series)
        or (_narrative(value_of(bytes(found.text))) if found.text else None)
    )


def _narrative(value: Any) -> str | None:
    """The words of the resource's narrative, without its markup, at most 200 characters of them."""
    div = value.get("div") if type(value) is dict else None
    words = re.sub(r"<[^<>]*>", " ", div[:_LONGEST_NARRATIVE]) if type(div) is str else ""
    return text(" ".join(unescape(words).split())[:200])


def _unique(series: list[SeriesElement]) -> list[SeriesElement]:
    """Each series once: key-image copies of a study repeat them. The same list where none is repeated."""
    differ = series[0].uid != series[1].uid if len(series) == 2 else len({item.uid for item in series}) == len(series)
    if differ:
        return series
    unique = list({uid(item.uid) or id(item): item for item in series}.values())
    return unique if len(unique) < len(series) else series


def _summed(series: list[SeriesElement]) -> int | None:
    """The images of all series."""
    return sum(map(_number, series)) or None


def _number(series: SeriesElement) -> int:
    """The instances of a series: as it states them, else as many as it lists."""
    stated = count(series.numberOfInstances)
    return len(series.instance or ()) if stated is None else stated


def _first(values: Iterable[str | None]) -> str | None:
    return next(filter(None, values), None)


def _unwrapped(found: StudyElement) -> StudyElement:
    """A public teaching data set wraps some of its studies in a second `resource`, wholly or half."""
    if type(found.resource) is dict:
        found = _mended(found.resource)
    if found.resourceType not in ("ImagingStudy", None):
        raise Unreadable("not an ImagingStudy")
    return found


def _mended(found: Any) -> StudyElement:
    """The same resource without the parts that are of a wrong kind."""
    if type(found) is not dict:
        raise Unreadable("not an object")
    series = [
        {**item, "uid": text(item.get("uid")), "instance": objects(item.get("instance"))}
        for item in objects(found.get("series"))
    ]
    identifiers = objects(found.get("identifier"))
    people = {name: found.get(name) for name in ("subject", "patient")}
    if any(person is not None and type(person) is not dict for person in people.values()):
        people = dict.fromkeys(people)  # one of them cannot be read: the other confirms nothing
    sound = {**found, "identifier": identifiers, **people, "series": series}
    return _decoder.decode(msgspec.json.encode(sound))
