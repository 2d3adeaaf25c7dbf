"""How Sightline is registered with this hospital: an EHR for each FHIR version, for each fault, and for some others.

Also writes the settings file that Sightline reads; its keys are explained in config.example.toml.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.jwk import ECKey, RSAKey

from sandbox.archive_faults import ARCHIVE_FAULTS
from sandbox.fhir import VERSIONS
from sandbox.fhir.endpoints import SOUTH
from sandbox.fhir.faults import FAULTS
from sandbox.fhir.parts import MRN_SYSTEM
from sandbox.fhir.whereabouts import WAYS
from sandbox.smart.clients import Client

CONFIDENTIAL, ASYMMETRIC, PUBLIC = "sightline", "sightline-asymmetric", "sightline-public"
STAFF, BACKEND = "sightline-staff", "sightline-backend"
AUTHENTICATION = {
    CONFIDENTIAL: "client_secret_basic",
    ASYMMETRIC: "private_key_jwt",
    PUBLIC: "none",
    STAFF: "client_secret_basic",
}
# Known to everybody who can read this file, and good for nothing but the sandbox.
CLIENT_SECRET = "sandbox-only-not-a-secret"  # noqa: S105
BEARER_TOKEN = "sandbox-only-no-secret-either"  # noqa: S105
BASIC_USER = ("sightline", "sandbox-only-no-password")
AUDIT_TOKEN = "sandbox-only-nor-this-one"  # noqa: S105
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SCOPES = (
    "launch",
    "openid",
    "fhirUser",
    "online_access",
    "patient/Patient.read",
    "patient/ImagingStudy.read",
    "patient/DiagnosticReport.read",
    "patient/Binary.read",
    "patient/Endpoint.read",
)
VIEWERS = {
    "display": "Image display",
    "display-south": "Image display of the South Clinic",
    "display-refusing": "Image display that refuses to be framed",
    "display-silent": "Image display that does not answer",
    "display-guarded": "Image display that asks for a proof",
}

# Which of a patient's numbers the archives have, and what they call their issuer; the files say it (pictures/files.py).
ISSUERS = f'[archive.issuers]\n"{MRN_SYSTEM}" = "Sandbox"\n'

# What their page posts, in the words of TOML; the other two never come so far.
READY = dict.fromkeys(
    ("display", "display-south", "display-guarded"), 'ready_message = { type = "image-display-ready" }\n'
)
# What the guarded one asks for: a form in the place of an address, and a proof that names the patient.
GUARDED = {"method": "post", "proof": "proof", "proof_patient_system": MRN_SYSTEM}
# The data of these would else lead to the display that works.
RULES: tuple[dict[str, object], ...] = (
    {"viewer": "display-refusing", "ehr": ["r4-refusing"]},
    {"viewer": "display-silent", "ehr": ["r4-no-viewer-answer"]},
    {"viewer": "display-guarded", "ehr": ["r4-guarded"]},
    {"viewer": "display-south", "organisation": [SOUTH]},
)


@dataclass(frozen=True, slots=True)
class Ehr:
    """One registration. `path` is its FHIR base below the hospital's address.

    `invokes`: it may ask for images by IHE Invoke Image Display, and whose deviations are `forgiven` to it.
    """

    name: str
    title: str
    path: str
    sentence: str
    client_id: str = CONFIDENTIAL
    viewer: str = "display"
    search: tuple[str, ...] = ("sort", "summary")
    names_no_issuer: bool = False
    scopes: tuple[str, ...] = SCOPES
    reports: str = "beside"
    sign_in: str = "smart"
    authorization: str = "smart"
    invokes: bool = False
    forgiven: tuple[str, ...] = ()


HEALTHY = tuple(
    Ehr(
        name,
        f"Fjordview EHR (FHIR {name.upper()})",
        f"/fhir/{name}",
        f"FHIR {name.upper()} ({version.number})",
        # A summary of these keeps every instance: nothing is gained by it.
        search=("sort",) if version.summary_keeps_instances else ("sort", "summary"),
        invokes=name == "r4",
    )
    for name, version in VERSIONS.items()
)
OTHER_SETUPS = (
    Ehr(
        "r4-archives",
        "Fjordview EHR (with archives)",
        "/archives/fhir/r4",
        "The radiology and the photo archive are asked too.",
    ),
    Ehr("r4-public", "Fjordview EHR (public client)", "/public/fhir/r4", "Sightline has no secret.", PUBLIC),
    Ehr(
        "r4-asymmetric",
        "Fjordview EHR (client with keys)",
        "/asymmetric/fhir/r4",
        "Sightline proves itself by a key of its own.",
        ASYMMETRIC,
    ),
    Ehr("r4-short", "Fjordview EHR (short tokens)", "/short/fhir/r4", "A token lives for 30 seconds."),
    Ehr(
        "r4-old",
        "Fjordview EHR (SMART 1)",
        "/old/fhir/r4",
        "The record system knows SMART 1 only.",
        names_no_issuer=True,
    ),
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
    Ehr(
        "r4-guarded",
        "Fjordview EHR (viewer with a proof)",
        "/guarded/fhir/r4",
        "The image display is asked by a form, and only with a proof of Sightline's.",
        viewer="display-guarded",
    ),
    Ehr(
        "r4-no-reports",
        "Fjordview EHR (no permission for reports)",
        "/unreported/fhir/r4",
        "Nobody gave Sightline permission to see reports.",
        scopes=tuple(scope for scope in SCOPES if "Report" not in scope and "Binary" not in scope),
    ),
    Ehr(
        "r4-reports-only",
        "Fjordview EHR (reports only)",
        "/reports/fhir/r4",
        "The record system has no imaging studies, only reports (as Oracle Health).",
        scopes=tuple(scope for scope in SCOPES if "ImagingStudy" not in scope),
        reports="only",
    ),
)
FAULTY = tuple(
    Ehr(f"fault-{name}", f"Fjordview EHR (fault: {name})", f"/fault/{name}/fhir/r4", fault.sentence)
    for name, fault in FAULTS.items()
)
WHEREABOUTS = (
    *(
        Ehr(
            f"endpoints-{name}",
            f"Fjordview EHR (addresses: {name})",
            f"/endpoints/{name}/fhir/r4",
            way.sentence,
            search=(*(["include"] if way.included else []), "sort", "summary"),
        )
        for name, way in WAYS.items()
    ),
    # An Endpoint looks different before R4 and from R5 on.
    *(
        Ehr(
            f"endpoints-{version}",
            f"Fjordview EHR (addresses: {version})",
            f"/endpoints/web-viewer/fhir/{version}",
            f"The same in FHIR {version.upper()}: {WAYS['web-viewer'].sentence}",
        )
        for version in ("stu3", "r5")
    ),
)
WITH_A_BAD_ARCHIVE = tuple(
    Ehr(f"archive-{name}", f"Fjordview EHR (archive: {name})", f"/archive-{name}/fhir/r4", sentence)
    for name, sentence in ARCHIVE_FAULTS.items()
)
# Nobody launches these: people sign in at Sightline, and look the patient up there.
WITHOUT_LAUNCH = (
    Ehr(
        "r4-backend",
        "Fjordview register (Backend Services)",
        "/backend/fhir/r4",
        "Staff sign in and look the patient up; Sightline asks the FHIR server by SMART Backend Services.",
        STAFF,
        sign_in="oidc",
        authorization="backend",
        invokes=True,
    ),
    Ehr(
        "r4-bearer",
        "Fjordview register (fixed token)",
        "/bearer/fhir/r4",
        "Staff sign in and look the patient up; Sightline has a fixed token for the FHIR server.",
        STAFF,
        sign_in="oidc",
        authorization="bearer",
    ),
    Ehr(
        "r4-basic",
        "Fjordview register (password)",
        "/basic/fhir/r4",
        "Staff sign in and look the patient up; Sightline has a password for the FHIR server.",
        STAFF,
        sign_in="oidc",
        authorization="basic",
        invokes=True,
        forgiven=("ci-sis", "dcm4chee"),
    ),
    Ehr(
        "r4-open",
        "Fjordview register (open)",
        "/open/fhir/r4",
        "Nobody signs in, and the FHIR server is open: on this very machine only.",
        STAFF,
        sign_in="none",
        authorization="none",
        invokes=True,
    ),
)
EHRS = {ehr.name: ehr for ehr in (*HEALTHY, *OTHER_SETUPS, *WHEREABOUTS, *FAULTY, *WITH_A_BAD_ARCHIVE)}
REGISTERED = EHRS | {ehr.name: ehr for ehr in WITHOUT_LAUNCH}
INVOKING = tuple(ehr for ehr in REGISTERED.values() if ehr.invokes)

# This hospital's assigning authority in HL7's words: a namespace for its OID.
AUTHORITY, AUTHORITY_OID = "FJORDVIEW", MRN_SYSTEM.removeprefix("urn:oid:")


def staff_clients(sightline_url: str) -> dict[str, Client]:
    """Sightline's registration with the staff sign-in."""
    uris = [f"{sightline_url}/sign-in/{ehr.name}/return" for ehr in WITHOUT_LAUNCH]
    return {STAFF: Client(STAFF, frozenset(uris), CLIENT_SECRET)}


def system_clients(hospital_url: str, sightline_url: str) -> dict[str, Client]:
    """Sightline as a system of its own, which no user stands behind."""
    keys = f"{sightline_url}/.well-known/jwks.json"
    return {BACKEND: Client(BACKEND, frozenset(), jwks_url=keys, system_audience=f"{hospital_url}/backend/fhir/r4")}


def clients(sightline_url: str) -> dict[str, Client]:
    """Sightline's three registrations, each with the exact redirect URIs of the EHRs that use it."""
    proofs = {
        CONFIDENTIAL: {"secret": CLIENT_SECRET},
        ASYMMETRIC: {"jwks_url": f"{sightline_url}/.well-known/jwks.json"},
        PUBLIC: {},
    }
    return {
        client_id: Client(client_id, frozenset(_redirect_uris(sightline_url, client_id)), **proof)
        for client_id, proof in proofs.items()
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
    blocks += ["[[ehr]]\n" + _lines(_without_launch(ehr, hospital_url, sightline_url)) for ehr in WITHOUT_LAUNCH]
    blocks += ["[[archive]]\n" + _lines(archive) + ISSUERS for archive in _archives(hospital_url)]
    blocks += ["[[viewer]]\n" + _lines(_viewer(name, hospital_url)) + READY.get(name, "") for name in VIEWERS]
    blocks += ["[[rule]]\n" + _lines(rule) for rule in RULES]
    return "\n".join(blocks)


def _archives(hospital_url: str) -> list[dict[str, object]]:
    """The hospital's own archive, that of its photos, and the latter on each kind of bad day; the first's pictures."""
    healthy = [ehr.name for ehr in HEALTHY]
    asked = [("radiology", "Radiology archive", "/dicom-web", ["r4-archives"])]
    asked += [("photos", "Photo archive", "/photos/dicom-web", ["r4-archives"])]
    asked += [("pictures", "Image archive", "/dicom-web", healthy)]
    asked += [
        (f"photos-{name}", f"Photo archive (fault: {name})", f"/archive-fault/{name}/dicom-web", [f"archive-{name}"])
        for name in ARCHIVE_FAULTS
    ]
    return [
        {
            "name": name,
            "title": title,
            "address": hospital_url + path,
            "authorization": "none",
            "ehrs": ehrs,
            "asked_for": ["pictures"] if ehrs is healthy else ["studies", "pictures"],
            "institutions": ["Sandbox Hospital"],
        }
        for name, title, path, ehrs in asked
    ]


def audit_delivery(hospital_url: str) -> str:
    """The part of a settings file by which the trail goes to this hospital's audit repository."""
    return "\n[audit_fhir]\n" + _lines({"base": f"{hospital_url}/audit/fhir/r4"})


def _ehr(ehr: Ehr, hospital_url: str) -> dict[str, object]:
    return {
        "name": ehr.name,
        "title": ehr.title,
        "iss": hospital_url + ehr.path,
        "client_id": ehr.client_id,
        "client_authentication": AUTHENTICATION[ehr.client_id],
        "scopes": ehr.scopes,
        "reports": ehr.reports,
        "issuer": f"{hospital_url}/auth" if ehr.names_no_issuer else "",
        "frame_ancestors": [hospital_url],
        "search": ehr.search,
        "viewer": ehr.viewer,
        **(_invocations(ehr) if ehr.invokes else {}),
    }


def _invocations(ehr: Ehr) -> dict[str, object]:
    return {
        "invoke_image_display": True,
        "invoke_lenient": ehr.forgiven,
        "invoke_authorities": {AUTHORITY: MRN_SYSTEM},
    }


def _without_launch(ehr: Ehr, hospital_url: str, sightline_url: str) -> dict[str, object]:
    """Where Sightline is not on the loopback somebody has to sign in to the open server too."""
    here = urlsplit(sightline_url).hostname in LOOPBACK
    sign_in = ehr.sign_in if here else "oidc"
    asked = {"client_id": STAFF, "issuer": f"{hospital_url}/staff"} if sign_in == "oidc" else {}
    condition = {"required_claim": "roles", "required_value": "imaging"} if sign_in == "oidc" else {}
    both = {key: value for key, value in _ehr(ehr, hospital_url).items() if key not in ("client_id", "scopes")}
    backend = {"backend_client_id": BACKEND} if ehr.authorization == "backend" else {}
    return {**both, "sign_in": sign_in, "authorization": ehr.authorization, **asked, **condition, **backend}


def _viewer(name: str, hospital_url: str) -> dict[str, object]:
    return {
        "name": name,
        "title": VIEWERS[name],
        "kind": "iid",
        "address": f"{hospital_url}/{name}/IHEInvokeImageDisplay",
        "open": "split" if name == "display-south" else "frame",
        "viewer_type": "IHE_BIR",
        **(GUARDED if name == "display-guarded" else {}),
    }


def _lines(values: Mapping[str, object]) -> str:
    """TOML key-value lines; a JSON string or array of strings is TOML as well, a table but for its colons."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in values.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {json.dumps(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def environment(data_folder: Path) -> dict[str, str]:
    """The secrets that Sightline takes from its environment. Its keys are made once and kept in the data folder."""
    confidential = [ehr for ehr in REGISTERED.values() if AUTHENTICATION[ehr.client_id] == "client_secret_basic"]
    named = {_variable(ehr, "CLIENT_SECRET"): CLIENT_SECRET for ehr in confidential}
    for ehr in WITHOUT_LAUNCH:
        named |= {_variable(ehr, "BEARER_TOKEN"): BEARER_TOKEN} if ehr.authorization == "bearer" else {}
        if ehr.authorization == "basic":
            named |= {_variable(ehr, "BASIC_USER"): BASIC_USER[0], _variable(ehr, "BASIC_PASSWORD"): BASIC_USER[1]}
    return {
        "SIGHTLINE_SECRET_KEY": _kept(data_folder / "secret-key", lambda: secrets.token_urlsafe(48)),
        "SIGHTLINE_CLIENT_KEYS": _kept(data_folder / "own-keys.json", _client_keys),
        "SIGHTLINE_AUDIT_FHIR_TOKEN": AUDIT_TOKEN,
        **named,
    }


def _variable(ehr: Ehr, what: str) -> str:
    return f"SIGHTLINE_EHR_{ehr.name.upper().replace('-', '_')}_{what}"


def _client_keys() -> str:
    """Two keys to sign in with, of which the first signs, as while keys are being changed; and one for proofs."""
    keys = (
        ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, auto_kid=True),
        RSAKey.generate_key(2048, {"use": "sig", "alg": "RS384"}, auto_kid=True),
        ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True),
    )
    return json.dumps({"keys": [key.as_dict(private=True) for key in keys]})


def _kept(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(make())
    return file.read_text()
