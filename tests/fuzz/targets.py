"""Everything that Sightline parses from outside, each as a function of bytes, with real documents to begin from.

The bytes come over the network from a far side, through the real door, into the part that asks for them.
"""

import base64
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from app import create_app
from sightline.auth.id_token import checked_user
from sightline.auth.servers import AuthorizationServers, authorization_servers
from sightline.auth.smart import PendingLaunch, exchange
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.authorization import FixedHeader
from sightline.fhir.client import FhirClient
from sightline.fhir.versions import VERSIONS
from sightline.outbound import Door
from sightline.settings import load
from tests.far_side import Asked, FarSide, Reply, ehr_at, limits_of

DATA = Path(__file__).parent.parent / "data" / "fhir"
NONCE = "n" * 43
KEY = RSAKey.generate_key(2048, {"kid": "one"})
KEYS = json.dumps({"keys": [KEY.as_dict(private=False), {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}).encode()
STATUSES = {200, 303, 400, 401, 403, 404, 405, 409, 410, 429, 502, 503, 504}

SETTINGS = """
public_url = "http://127.0.0.1:8000"
site_name = "North Hospital"
time_zone = "Europe/Berlin"
[limits]
launches_a_minute = 1000000
answer_seconds = 5
page_seconds = 20
[[ehr]]
name = "north-wing"
title = "North Wing EHR"
iss = "{url}/fhir"
client_id = "sightline"
client_authentication = "none"
frame_ancestors = []
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "{url}/IHEInvokeImageDisplay"
"""


@dataclass(frozen=True)
class Target:
    """`read` gives a value or raises a SightlineError, whatever it is given; anything else is a mistake of ours."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]


class Hospital:
    """A far side that says what it is told to say, by path."""

    def __init__(self) -> None:
        self.says: dict[str, bytes] = {}
        self.url = ""

    def __call__(self, asked: Asked) -> Reply:
        return Reply(body=self.says.get(asked.path, b"{}"))


@contextmanager
def targets() -> Iterator[dict[str, Target]]:
    """All of them, by name, while their far side runs."""
    hospital = Hospital()
    with FarSide(hospital) as server, tempfile.TemporaryDirectory() as folder:
        hospital.url = server.url
        yield {**_fhir(hospital), **_sign_in(hospital), **_pages(hospital, Path(folder))}


def _fhir(hospital: Hospital) -> dict[str, Target]:
    ehr, door = ehr_at(f"{hospital.url}/fhir"), Door(5, 1_000_000)

    def reading(path: str, ask: Callable[[FhirClient], Any]) -> Callable[[bytes], object]:
        def read(body: bytes) -> object:
            hospital.says = {path: body}
            version = VERSIONS[len(body) % len(VERSIONS)]
            return _writable(ask(FhirClient(ehr, limits_of(pages=3), door, FixedHeader("Bearer t0ken"), version)))

        return read

    patient = {"resourceType": "Patient", "id": "ada", "birthDate": "1990-12-10", "gender": "female"}
    named = {"name": [{"use": "official", "family": "Lindqvist", "given": ["Ada"]}]}
    numbered = {"identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:oid:1.2", "value": "7"}]}
    metadata = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server"}]}
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
    return {
        "Bundle": Target(
            (*_bundles(hospital.url), json.dumps(outcome).encode()),
            reading("/fhir/ImagingStudy", lambda client: list(client.studies("ada"))),
        ),
        "Patient": Target(
            (json.dumps({**patient, **named, **numbered}).encode(),),
            reading("/fhir/Patient/ada", lambda client: client.patient("ada")),
        ),
        "CapabilityStatement": Target(
            (json.dumps(metadata).encode(),), reading("/fhir/metadata", lambda client: client.stated_version())
        ),
    }


def _bundles(url: str) -> Iterator[bytes]:
    """The official examples: each study in a page with a next link, and each Bundle as it is."""
    for file in sorted(DATA.rglob("*.json")):
        found = json.loads(file.read_bytes())
        if found.get("resourceType") == "ImagingStudy":
            link = {"relation": "next", "url": f"{url}/fhir/ImagingStudy?page=2"}
            entry = {"resource": {**found, "subject": {"reference": "Patient/ada"}}, "search": {"mode": "match"}}
            found = {"resourceType": "Bundle", "total": 2, "link": [link], "entry": [entry]}
        if found.get("resourceType") == "Bundle":
            yield json.dumps(found).encode()


def _sign_in(hospital: Hospital) -> dict[str, Target]:
    url, door = hospital.url, Door(5, 1_000_000)
    ehr = ehr_at(f"{url}/fhir")
    configuration = SmartConfiguration(f"{url}/authorize", f"{url}/token", url, f"{url}/keys")
    pending = PendingLaunch(ehr.name, ehr.identity, url, f"{url}/fhir/token", "s" * 43, "v" * 64, NONCE)

    def servers() -> AuthorizationServers:
        """Ones that have asked nothing yet, so that nothing of an earlier trial is remembered."""
        return authorization_servers(door, "")

    def smart_configuration(body: bytes) -> object:
        hospital.says = {"/fhir/.well-known/smart-configuration": body}
        return _writable(servers().configurations.of(ehr))

    def token(body: bytes) -> object:
        hospital.says = {"/fhir/.well-known/smart-configuration": _stated(url), "/fhir/token": body, "/keys": KEYS}
        return _writable(exchange(servers(), ehr, f"{url}/callback", "c0de", pending))

    def id_token(body: bytes) -> object:
        hospital.says = {"/keys": KEYS}
        return user(body.decode("utf-8", "surrogateescape"))

    def user(token: str) -> object:
        return _writable(checked_user(servers().key_sets, configuration, ehr, token, NONCE, nonce_required=True))

    def signed_claims(body: bytes) -> object:
        return id_token(signed(body))

    def jwks(body: bytes) -> object:
        hospital.says = {"/keys": body}
        return user(signed(_claims(url)).decode())

    said = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600, "patient": "ada", "scope": "launch"}
    return {
        "smart-configuration": Target((_stated(url),), smart_configuration),
        "token response": Target((json.dumps({**said, "id_token": signed(_claims(url)).decode()}).encode(),), token),
        "id_token": Target((signed(_claims(url)), signed(b"{}"), b"a.b.c"), id_token),
        "id_token's claims": Target((_claims(url),), signed_claims),
        "JWKS": Target((KEYS,), jwks),
    }


def _stated(url: str) -> bytes:
    stated = {
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": "token",
        "jwks_uri": f"{url}/keys",
        "issuer": url,
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["launch-ehr", "permission-v2"],
        "scopes_supported": ["openid"],
    }
    return json.dumps(stated).encode()


def _claims(url: str) -> bytes:
    now = int(time.time())
    claims = {"iss": url, "aud": "sightline", "sub": "dr-7", "exp": now + 9000, "iat": now, "nonce": NONCE}
    return json.dumps({**claims, "fhirUser": "Practitioner/7", "name": "Dr Grace Hopper"}).encode()


def signed(text: bytes) -> bytes:
    """A token of exactly this text, signed with the hospital's own key."""
    body = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"RS256","kid":"one"}', text))
    return body + b"." + base64.urlsafe_b64encode(KEY.private_key.sign(body, PKCS1v15(), SHA256())).rstrip(b"=")


def _pages(hospital: Hospital, folder: Path) -> dict[str, Target]:
    url, file = hospital.url, folder / "config.toml"
    file.write_text(SETTINGS.format(url=url))
    application = create_app(load(file, {"SIGHTLINE_SECRET_KEY": "k" * 40}))

    def launch(query: bytes) -> object:
        hospital.says = {"/fhir/.well-known/smart-configuration": _stated(url)}
        return _answered(application.test_client().get("/launch", query_string=query.decode("latin-1")).status_code)

    def callback(query: bytes) -> object:
        """The return of a launch that was really begun: STATE stands for its state."""
        hospital.says = {"/fhir/.well-known/smart-configuration": _stated(url), "/keys": KEYS}
        browser = application.test_client()
        browser.get("/launch", query_string={"iss": f"{url}/fhir", "launch": "cookies are kept from here on"})
        sent = browser.get("/launch", query_string={"iss": f"{url}/fhir", "launch": "abc"}).headers["Location"]
        (state,) = parse_qs(urlsplit(sent).query)["state"]
        query = query.replace(b"STATE", state.encode())
        return _answered(browser.get("/callback/north-wing", query_string=query.decode("latin-1")).status_code)

    return {
        "launch": Target((f"iss={url}/fhir&launch=abc".encode(), f"launch=%20a&iss={url}/fhir/".encode()), launch),
        "callback": Target(
            (b"code=c0de&state=STATE", b"state=STATE&error=access_denied", f"code=c&iss={url}&state=STATE".encode()),
            callback,
        ),
    }


def _answered(status: int) -> int:
    if status not in STATUSES:
        raise AssertionError(f"answered with status {status}")
    return status


def _writable(value: object) -> object:
    """The value, of which every text can be written on a page, in the log and on the audit trail."""
    shown = repr(value)
    shown.encode()
    if re.search(r"\\ud[89a-f][0-9a-f]{2}", shown.replace("\\\\", "")):
        raise AssertionError("half a character got through")
    return value
