"""An imaging study: what every source is turned into."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


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

    @property
    def identity(self) -> str:
        """What makes two records the same study: the Study Instance UID; without one, the record itself."""
        return self.uid or f"{self.source} {' '.join(self.resource_ids)} {self.accession or ''} {self.started or ''}"


def merged(first: Study, second: Study) -> Study:
    """One study out of two records with the same Study Instance UID: the fuller one's facts, gaps filled by the other.

    A record marked entered-in-error or cancelled never hides one that is not: the other record's status stands.
    """
    if first.resource_ids == second.resource_ids != () and first.source == second.source:
        return second
    withdrawn = (Status.ENTERED_IN_ERROR, Status.CANCELLED)
    full, thin = sorted((first, second), key=lambda s: (s.status not in withdrawn, s.instance_count or 0), reverse=True)
    gaps = {name: getattr(thin, name) for name in _FILLED if getattr(full, name) is None}
    unions = {name: tuple(dict.fromkeys(getattr(first, name) + getattr(second, name))) for name in _UNITED}
    return replace(full, **gaps, **unions, uid_in_doubt=first.uid_in_doubt or second.uid_in_doubt)


_FILLED = ("accession", "availability", "started", "description", "series_count", "instance_count")
_UNITED = ("resource_ids", "modalities", "body_sites", "sides", "endpoints", "other_uids")
