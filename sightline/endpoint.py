"""An address in the data (FHIR Endpoint): it may choose among configured viewers, and is itself never opened."""

from enum import Enum

from msgspec import Struct


class Leads(Enum):
    """What stands behind an address."""

    TO_A_VIEWER = "viewer"
    TO_AN_ARCHIVE = "archive"


class Endpoint(Struct, frozen=True, gc=False):
    """One address of a study's images, as recorded. `organisation` is whose it is, in all words that are recorded."""

    address: str
    leads: Leads
    organisation: tuple[str, ...] = ()
