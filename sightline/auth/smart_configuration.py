"""What an EHR says of its authorization server: `<iss>/.well-known/smart-configuration` (SMART 2.2 "Conformance").

A remote document must not decide where a code or a token is sent: each address in it has to be on an origin that the
settings list for this EHR.
"""

import time
from threading import Lock
from urllib.parse import urljoin

import msgspec

from sightline import json_text
from sightline.errors import LaunchRefused, SourceError
from sightline.outbound import Door
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of

_FRESH_SECONDS = 600.0


class Stated(msgspec.Struct):
    """The keys of the document that matter to an app; any other is not read."""

    authorization_endpoint: str = ""
    token_endpoint: str = ""
    issuer: str = ""
    jwks_uri: str = ""
    code_challenge_methods_supported: list[str] = []


class SmartConfiguration(msgspec.Struct, frozen=True):
    """Checked addresses. `issuer` and `jwks_uri` are what the id_token is held against."""

    authorization_endpoint: str
    token_endpoint: str
    issuer: str
    jwks_uri: str


class Configurations:
    """The configurations of one process, each asked for again after ten minutes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[str, tuple[float, SmartConfiguration]] = {}
        self._lock = Lock()

    def of(self, ehr: EhrSettings) -> SmartConfiguration:
        """The EHR's configuration. Raises SourceError where it cannot be had, LaunchRefused where it cannot be used."""
        with self._lock:
            fetched_at, known = self._known.get(ehr.name, (0.0, None))
        if known and time.monotonic() - fetched_at < _FRESH_SECONDS:
            return known
        configuration = _asked(self._door, ehr)
        with self._lock:
            self._known[ehr.name] = (time.monotonic(), configuration)
        return configuration


def _asked(door: Door, ehr: EhrSettings) -> SmartConfiguration:
    base = ehr.iss.rstrip("/") + "/"
    address = f"{base}.well-known/smart-configuration"
    answer = door.send(
        "GET",
        address,
        origins=(origin_of(ehr.iss),),
        networks=ehr.private_networks,
        headers={"Accept": "application/json"},
    )
    if answer.status != 200:
        raise SourceError(f"smart-configuration: HTTP {answer.status}", "The EHR's sign-in settings could not be read.")
    try:
        stated = msgspec.convert(json_text.value(answer.body), Stated)
    except (json_text.NotReadable, msgspec.ValidationError) as cause:
        raise LaunchRefused("smart-configuration is not readable") from cause
    if "S256" not in stated.code_challenge_methods_supported:
        raise LaunchRefused("the authorization server does not offer PKCE S256")
    return SmartConfiguration(
        _checked(base, stated.authorization_endpoint, "authorization_endpoint", ehr),
        _checked(base, stated.token_endpoint, "token_endpoint", ehr),
        ehr.issuer or stated.issuer,
        _checked(base, ehr.jwks_uri or stated.jwks_uri, "jwks_uri", ehr),
    )


def _checked(base: str, address: str, name: str, ehr: EhrSettings) -> str:
    """The address, which may be relative to the FHIR base (SMART 2.2 "Conformance")."""
    if not address:
        raise LaunchRefused(f"smart-configuration names no {name}")
    try:
        url = urljoin(base, address)
    except ValueError as cause:
        raise LaunchRefused(f"{name} is no URL") from cause
    if origin_of(url) not in ehr.endpoint_origins:
        raise LaunchRefused(f"{name} is on {origin_of(url)[:100]}, which endpoint_origins of this EHR does not list")
    return url
