"""The addresses of the FHIR server: a base for each version, aliases, bases with a fault, with ways of whereabouts."""

from dataclasses import dataclass

from sandbox.archive_faults import ARCHIVE_FAULTS
from sandbox.fhir import VERSIONS, Version
from sandbox.fhir.faults import FAULTS
from sandbox.fhir.whereabouts import WAYS
from sandbox.smart.audiences import MODERN, Audience

# The same R4 server once more, for registrations that need an `iss` of their own.
ALIASES = {
    "public": MODERN,
    "asymmetric": MODERN,
    "refusing": MODERN,
    "silent": MODERN,
    "guarded": MODERN,
    "old": Audience(is_old=True),
    "short": Audience(access_seconds=30),
    "unreported": MODERN,
    "reports": MODERN,
    "archives": MODERN,
    **{f"archive-{fault}": MODERN for fault in ARCHIVE_FAULTS},
}
# What a server under an alias does not have at all: Oracle Health knows no ImagingStudy.
LACKS = {"reports": ("ImagingStudy",)}
# And once more for software that no EHR launches: each lets Sightline itself in, in a way of its own (access.py).
SYSTEM_ALIASES = ("backend", "bearer", "basic", "open")


@dataclass(frozen=True, slots=True)
class Base:
    """One FHIR base. `path` starts with a slash and ends without one.

    `fault` is a name of `FAULTS`, `way` one of `WAYS`, or empty.

    `access` is how a request has to be permitted: by a patient's token from a launch ("smart"), or as access.py says.
    """

    path: str
    version: Version
    fault: str = ""
    way: str = ""
    access: str = "smart"
    audience: Audience = MODERN
    lacks: tuple[str, ...] = ()


BASES = {
    base.path: base
    for base in (
        *(Base(f"/fhir/{version.name}", version) for version in VERSIONS.values()),
        *(
            Base(f"/{alias}/fhir/{version.name}", version, audience=audience, lacks=LACKS.get(alias, ()))
            for alias, audience in ALIASES.items()
            for version in VERSIONS.values()
        ),
        *(
            Base(f"/{alias}/fhir/{version.name}", version, access=alias)
            for alias in SYSTEM_ALIASES
            for version in VERSIONS.values()
        ),
        *(
            Base(f"/fault/{fault}/fhir/{version.name}", version, fault)
            for fault in FAULTS
            for version in VERSIONS.values()
        ),
        *(
            Base(f"/endpoints/{way}/fhir/{version.name}", version, way=way)
            for way in WAYS
            for version in VERSIONS.values()
        ),
    )
}


def audiences(hospital_url: str) -> dict[str, Audience]:
    """All bases by their absolute addresses: what `aud` may be (SMART 2.2 "Obtain authorization code")."""
    return {hospital_url + path: base.audience for path, base in BASES.items()}
