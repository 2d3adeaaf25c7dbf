"""An imaging study: what every source is turned into."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from sightline.endpoint import Endpoint
from sightline.patient import is_fhir_id


class Status(StrEnum):
    """FHIR's imagingstudy-status (R4 to R6). A source that has no such element leaves the study without one."""

    REGISTERED = "registered"
    AVAILABLE = "available"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class Study(Struct, frozen=True, gc=False):
    """One study. UIDs are bare; `started` is the FHIR date as recorded; a count that the source does not give is None.

    `subject` is the reference to the patient as it stood in the source. `sides` holds `L`, `R`, `B` as the series say.
    `addresses` of its images are those that came with its record, `endpoints` the references to others.
    `uid_in_doubt`: its record names two UIDs. `contested`: another patient's record names one of its UIDs.
    `organisation` is where its images were made, in the source's words.
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
    organisation: str | None = None

    @property
    def identity(self) -> str:
        """What makes two records the same study: the Study Instance UID; without one, the record itself."""
        return self.uid or f"{self.source} {' '.join(self.resource_ids)} {self.accession or ''} {self.started or ''}"

    @property
    def uids(self) -> tuple[str, ...]:
        """Every Study Instance UID that its record names."""
        return (self.uid, *self.other_uids) if self.uid else self.other_uids

    @property
    def reference(self) -> str:
        """The record in its source, as a FHIR reference; empty where the source gives it no id."""
        return next((f"ImagingStudy/{id_}" for id_ in self.resource_ids if is_fhir_id(id_)), "")


def merged(first: Study, second: Study) -> Study:
    """One study out of two records with the same Study Instance UID: the better one's facts, gaps filled by the other.

    Better is the record that says its images are there, then the one with more of them; so a record that is registered,
    cancelled or entered in error never hides one that is not, whichever came first.
    """
    if first.resource_ids == second.resource_ids != () and first.source == second.source:
        return second
    better, other = sorted((first, second), key=_worth, reverse=True)
    gaps = {name: getattr(other, name) for name in _FILLED if getattr(better, name) is None}
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
    "availability",
    "organisation",
)
_UNITED = ("resource_ids", "modalities", "body_sites", "sides", "endpoints", "addresses", "other_uids")
_MOST = 32
