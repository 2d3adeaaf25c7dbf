"""How Sightline is registered with this hospital: an EHR for each FHIR version, for each fault, and for three others.

Also writes the settings file that Sightline reads; its keys are explained in config.example.toml.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.fhir import VERSIONS
from sandbox.fhir.faults import FAULTS
from sandbox.smart.clients import Client

CONFIDENTIAL, PUBLIC = "sightline", "sightline-public"
# Known to everybody who can read this file, and good for nothing but the sandbox.
CLIENT_SECRET = "sandbox-only-not-a-secret"  # noqa: S105
AUDIT_TOKEN = "sandbox-only-no-secret-either"  # noqa: S105
SCOPES = (
    "launch",
    "openid",
    "fhirUser",
    "online_access",
    "patient/Patient.read",
    "patient/ImagingStudy.read",
    "patient/DiagnosticReport.read",
    "patient/Endpoint.read",
)
VIEWERS = {
    "display": "Image display",
    "display-refusing": "Image display that refuses to be framed",
    "display-silent": "Image display that does not answer",
}


@dataclass(frozen=True, slots=True)
class Ehr:
    """One registration. `path` is its FHIR base below the hospital's address."""

    name: str
    title: str
    path: str
    sentence: str
    client_id: str = CONFIDENTIAL
    viewer: str = "display"
    search: tuple[str, ...] = ("sort", "summary")


HEALTHY = tuple(
    Ehr(
        name,
        f"Fjordview EHR (FHIR {name.upper()})",
        f"/fhir/{name}",
        f"FHIR {name.upper()} ({version.number})",
        # A summary of these keeps every instance: nothing is gained by it.
        search=("sort",) if version.summary_keeps_instances else ("sort", "summary"),
    )
    for name, version in VERSIONS.items()
)
OTHER_SETUPS = (
    Ehr("r4-public", "Fjordview EHR (public client)", "/public/fhir/r4", "Sightline has no secret.", PUBLIC),
    Ehr(
        "r4-refusing",
        "Fjordview EHR (viewer not framed)",
        "/refusing/fhir/r4",
        "The image display refuses to be framed.",
        viewer="display-refusing",
    ),
    Ehr(
        "r4-no-viewer-answer",
        "Fjordview EHR (viewer silent)",
        "/silent/fhir/r4",
        "The image display does not answer.",
        viewer="display-silent",
    ),
)
FAULTY = tuple(
    Ehr(f"fault-{name}", f"Fjordview EHR (fault: {name})", f"/fault/{name}/fhir/r4", fault.sentence)
    for name, fault in FAULTS.items()
)
EHRS = {ehr.name: ehr for ehr in (*HEALTHY, *OTHER_SETUPS, *FAULTY)}


def clients(sightline_url: str) -> dict[str, Client]:
    """Sightline's two registrations, each with the exact redirect URIs of the EHRs that use it."""
    return {
        client_id: Client(client_id, frozenset(_redirect_uris(sightline_url, client_id)), secret)
        for client_id, secret in ((CONFIDENTIAL, CLIENT_SECRET), (PUBLIC, ""))
    }


def _redirect_uris(sightline_url: str, client_id: str) -> list[str]:
    return [f"{sightline_url}/callback/{ehr.name}" for ehr in EHRS.values() if ehr.client_id == client_id]


def toml(hospital_url: str, sightline_url: str, data_folder: Path) -> str:
    """A complete settings file for a Sightline at `sightline_url` that trusts this hospital."""
    head = {
        "public_url": sightline_url,
        "site_name": "Fjordview Hospital (sandbox)",
        "time_zone": "Europe/Berlin",
        "data_folder": str(data_folder.resolve()),
    }
    blocks = [_lines(head)]
    blocks += ["[[ehr]]\n" + _lines(_ehr(ehr, hospital_url)) for ehr in EHRS.values()]
    blocks += ["[[viewer]]\n" + _lines(_viewer(name, hospital_url)) for name in VIEWERS]
    return "\n".join(blocks)


def audit_delivery(hospital_url: str) -> str:
    """The part of a settings file by which the trail goes to this hospital's audit repository."""
    return "\n[audit_fhir]\n" + _lines({"base": f"{hospital_url}/audit/fhir/r4"})


def _ehr(ehr: Ehr, hospital_url: str) -> dict[str, object]:
    return {
        "name": ehr.name,
        "title": ehr.title,
        "iss": hospital_url + ehr.path,
        "client_id": ehr.client_id,
        "client_authentication": "client_secret_basic" if ehr.client_id == CONFIDENTIAL else "none",
        "scopes": SCOPES,
        "frame_ancestors": [hospital_url],
        "search": ehr.search,
        "viewer": ehr.viewer,
    }


def _viewer(name: str, hospital_url: str) -> dict[str, object]:
    return {
        "name": name,
        "title": VIEWERS[name],
        "kind": "iid",
        "address": f"{hospital_url}/{name}/IHEInvokeImageDisplay",
        "open": "frame",
        "viewer_type": "IHE_BIR",
    }


def _lines(values: Mapping[str, object]) -> str:
    """TOML key-value lines; a JSON string or array of strings is TOML as well."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def environment(data_folder: Path) -> dict[str, str]:
    """The secrets that Sightline takes from its environment. Its key is made once and kept in the data folder."""
    confidential = [ehr.name for ehr in EHRS.values() if ehr.client_id == CONFIDENTIAL]
    named = {f"SIGHTLINE_EHR_{name.upper().replace('-', '_')}_CLIENT_SECRET": CLIENT_SECRET for name in confidential}
    own = {"SIGHTLINE_SECRET_KEY": _secret_key(data_folder / "secret-key"), "SIGHTLINE_AUDIT_FHIR_TOKEN": AUDIT_TOKEN}
    return own | named


def _secret_key(file: Path) -> str:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text()
