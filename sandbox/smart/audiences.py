"""The FHIR servers that tokens are given out for, and what this server is like for each of them."""

from dataclasses import dataclass

ACCESS_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Audience:
    """One of them. `is_old`: it knows SMART 1 only, so no smart-configuration and no scopes of version 2."""

    access_seconds: int = ACCESS_SECONDS
    is_old: bool = False


MODERN = Audience()
