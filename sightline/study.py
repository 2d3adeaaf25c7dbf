"""An imaging study: what every source is turned into."""

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from sightline.endpoint import Endpoint
from sightline.modality import NOT_IMAGES
from sightline.patient import is_fhir_id


class Status(StrEnum):
    """FHIR's imagingstudy-status (R4 to R6). A source that has no such element leaves the study without one."""

    REGISTERED = "registered"
    AVAILABLE = "available"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class Study(Struct, frozen=True, gc=False, array_like=True):
    """One study. UIDs are bare; `started` is the FHIR date as recorded; a count that the source does not give is None.

    `subject` is the reference to the patient as it stood in the source. `sides` holds `L`, `R`, `B` as the series say.
    `addresses` of its images are those that came with its record, `endpoints` the references to others.
    `uid_in_doubt`: its record names two UIDs. `contested`: another patient's record names one of its UIDs.
    `orders` are references (`ServiceRequest/7`) and identifiers (`system|value`) of what it was asked for by.
    `objects` are its instances that are no pictures, by their modality; None where its series do not tell.
    `organisation` is where its images were made, in the source's words. `records` are what each source says of it,
    where more than one has it: so every fact keeps its origin.
    """

    source: str
    subject: str | None = None
    uid: str | None = None
    other_uids: tuple[str, ...] = ()
    uid_in_doubt: bool = False
    accession: str | None = None
    resource_ids: tuple[str, ...] = ()
    status: Status | None = None
    availability: str | None = None
    started: str | None = None
    modalities: tuple[str, ...] = ()
    description: str | None = None
    body_sites: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    series_count: int | None = None
    instance_count: int | None = None
    endpoints: tuple[str, ...] = ()
    addresses: tuple[Endpoint, ...] = ()
    contested: bool = False
    orders: tuple[str, ...] = ()
    organisation: str | None = None
    objects: tuple[tuple[str, int], ...] | None = None
    records: tuple["Study", ...] = ()

    @property
    def identity(self) -> str:
        """What makes two records the same study: the Study Instance UID; without one, the record itself."""
        return self.uid or f"{self.source} {' '.join(self.resource_ids)} {self.accession or ''} {self.started or ''}"

    @property
    def image_count(self) -> int | None:
        """How many pictures it has: its instances without those that are none."""
        if self.instance_count is None or not self.objects:
            return self.instance_count
        return max(0, self.instance_count - sum(number for _, number in self.objects))

    @property
    def has_objects_only(self) -> bool:
        """Whether its series tell that nothing in it is a picture."""
        return bool(self.objects) and self.image_count == 0 and NOT_IMAGES.issuperset(self.modalities)

    @property
    def uids(self) -> tuple[str, ...]:
        """Every Study Instance UID that its record names."""
        return (self.uid, *self.other_uids) if self.uid else self.other_uids

    @property
    def by_source(self) -> tuple["Study", ...]:
        """What each source says of it."""
        return self.records or (self,)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that have it."""
        return tuple(record.source for record in self.by_source)

    @property
    def reference(self) -> str:
        """The record in its source, as a FHIR reference; empty where the source gives it no id."""
        return next((f"ImagingStudy/{id_}" for id_ in self.resource_ids if is_fhir_id(id_)), "")


def merged(first: Study, second: Study, order: Sequence[str] = ()) -> Study:
    """One study out of two records with the same Study Instance UID: the better one's facts, gaps filled by the other.

    Better is the record that says its images are there, then the one with more of them; so a record that is registered,
    cancelled or entered in error never hides one that is not, whichever came first. Between sources that are equally
    good the one that stands first in `order` counts, whichever answered first.
    """
    if first.sources != second.sources or first.records:
        return _joined(first, second, order)
    if first.resource_ids == second.resource_ids != ():
        return second
    return _filled(first, second)


def _joined(first: Study, second: Study, order: Sequence[str]) -> Study:
    """One study out of what several sources say; a source that says it again says it anew."""
    records: dict[str, Study] = {}
    for record in (*first.by_source, *second.by_source):
        known = records.get(record.source)
        records[record.source] = merged(known, record) if known else record
    ordered = sorted(records.values(), key=lambda record: order.index(record.source) if record.source in order else -1)
    return replace(reduce(_filled, ordered), records=tuple(ordered))


def _filled(first: Study, second: Study) -> Study:
    better, other = sorted((first, second), key=_worth, reverse=True)
    filled = _FILLED if first.source == second.source else (*_FILLED, "availability")
    gaps = {name: getattr(other, name) for name in filled if getattr(better, name) is None}
    unions = {name: tuple(dict.fromkeys(getattr(first, name) + getattr(second, name)))[:_MOST] for name in _UNITED}
    return replace(better, **gaps, **unions, uid_in_doubt=first.uid_in_doubt or second.uid_in_doubt)


def _worth(study: Study) -> tuple[int, int]:
    return _RANKS.get(study.status, 2), study.instance_count or 0


_RANKS: dict[Status | None, int] = {
    Status.AVAILABLE: 3,
    Status.REGISTERED: 1,
    Status.CANCELLED: 0,
    Status.ENTERED_IN_ERROR: 0,
}
_FILLED = (
    "accession",
    "started",
    "description",
    "series_count",
    "instance_count",
    "organisation",
    "objects",
)
_UNITED = ("resource_ids", "modalities", "body_sites", "sides", "endpoints", "addresses", "other_uids", "orders")
_MOST = 32
