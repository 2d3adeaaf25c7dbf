"""SMART scopes, v1 (`patient/ImagingStudy.read`) and v2 (`patient/ImagingStudy.rs`) (SMART 2.2 "Scopes")."""

import re
from collections.abc import Iterable

CONTEXT_SCOPES = (
    "launch",
    "launch/patient",
    "openid",
    "profile",
    "fhirUser",
    "online_access",
    "offline_access",
)
KINDS = (
    "Patient",
    "ImagingStudy",
    "DiagnosticReport",
    "Binary",
    "Endpoint",
    "Practitioner",
    "ServiceRequest",
    "Encounter",
    "*",
)
V1_INTERACTIONS = {"read": "rs", "write": "cud", "*": "cruds"}
RESOURCE_SCOPE = re.compile(r"(patient|user|system)/([A-Za-z]+|\*)\.(read|write|\*|c?r?u?d?s?)")


def is_known(scope: str) -> bool:
    """Whether this server knows what the scope asks for; scopes with a query (`?category=...`) it does not."""
    return scope in CONTEXT_SCOPES or (_parts(scope) is not None)


def is_of_version_2(scope: str) -> bool:
    """Whether a known scope is one that SMART 1 has no word for."""
    return scope not in CONTEXT_SCOPES and scope.rpartition(".")[2] not in V1_INTERACTIONS


def granted(scopes: Iterable[str]) -> tuple[str, ...]:
    """What this server gives of the known scopes asked for: context, and reading in the patient's compartment."""
    return tuple(scope for scope in scopes if scope in CONTEXT_SCOPES or _reads_for_patient(scope))


def granted_to_system(scopes: Iterable[str]) -> tuple[str, ...]:
    """What a client that acts for itself gets of these: reading everybody's resources, nothing else."""
    read = ((scope, _parts(scope)) for scope in scopes)
    return tuple(scope for scope, parts in read if parts and parts[0] == "system" and set(parts[2]) <= {"r", "s"})


def allows(scopes: Iterable[str], kind: str, interaction: str) -> bool:
    """Whether one of the scopes lets its holder `r`ead or `s`earch resources of this kind."""
    for scope in scopes:
        parts = _parts(scope)
        if parts and parts[0] in ("patient", "system") and parts[1] in (kind, "*") and interaction in parts[2]:
            return True
    return False


def _parts(scope: str) -> tuple[str, str, str] | None:
    """Level, resource type and v2 letters of a scope on resources; None for any other text."""
    match = RESOURCE_SCOPE.fullmatch(scope)
    if not match or match[2] not in KINDS or not match[3]:
        return None
    return match[1], match[2], V1_INTERACTIONS.get(match[3], match[3])


def _reads_for_patient(scope: str) -> bool:
    parts = _parts(scope)
    return parts is not None and parts[0] == "patient" and bool(set(parts[2]) & {"r", "s"})
