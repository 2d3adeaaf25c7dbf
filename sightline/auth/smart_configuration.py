"""What an EHR says of its authorization server: `<iss>/.well-known/smart-configuration` (SMART 2.2 "Conformance").

A remote document must not decide where a code or a token is sent: each address in it has to be on an origin that the
settings list for this EHR.
"""

import logging
import time
from threading import Lock
from urllib.parse import urljoin

import msgspec

from sightline import json_text
from sightline.auth.oauth_uris import ACCEPT, oauth_uris
from sightline.errors import LaunchRefused, SourceError
from sightline.outbound import Answer, Door
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of

_log = logging.getLogger("sightline")

_FRESH_SECONDS = 600.0
_UNREADABLE = (json_text.NotReadable, msgspec.ValidationError)
_NOT_READ = Phrase("The EHR's sign-in settings could not be read.")
_KEYS_NOT_READ = Phrase("The EHR's signing keys could not be read.")
_NO_KEYS = Phrase("The EHR does not say how its sign-ins can be checked.")


class Stated(msgspec.Struct):
    """The keys of the document that matter to an app; any other is not read."""

    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    revocation_endpoint: str | None = None
    issuer: str | None = None
    jwks_uri: str | None = None
    code_challenge_methods_supported: list[str] = []
    capabilities: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    token_endpoint_auth_signing_alg_values_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool | None = None


class SmartConfiguration(msgspec.Struct, frozen=True):
    """Checked addresses. `issuer` and `jwks_uri` are what the id_token is held against.

    `revocation_endpoint` is empty where there is none. `authentication_methods` and `assertion_algorithms` are those of
    the token endpoint, empty where it does not say. `names_itself`: every answer holds the issuer (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    issuer: str
    jwks_uri: str
    revocation_endpoint: str = ""
    scopes_version_2: bool = False
    authentication_methods: tuple[str, ...] = ()
    assertion_algorithms: tuple[str, ...] = ()
    names_itself: bool = False


class Configurations:
    """The configurations of one process, each asked for again after ten minutes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[str, tuple[float, SmartConfiguration]] = {}
        self._lock = Lock()

    def of(self, ehr: EhrSettings, seconds: float | None = None) -> SmartConfiguration:
        """The EHR's configuration. Raises SourceError where it cannot be had, LaunchRefused where it cannot be used.

        Each question may take `seconds`; without them, as long as any question.
        """
        with self._lock:
            fetched_at, known = self._known.get(ehr.name, (0.0, None))
        if known and time.monotonic() - fetched_at < _FRESH_SECONDS:
            return known
        configuration = _Asking(self._door, ehr, seconds).configuration()
        with self._lock:
            self._known[ehr.name] = (time.monotonic(), configuration)
        return configuration


class _Asking:
    """One EHR being asked what it says of its authorization server."""

    def __init__(self, door: Door, ehr: EhrSettings, seconds: float | None) -> None:
        self._door, self._ehr, self._seconds = door, ehr, seconds
        self._base = ehr.iss.rstrip("/") + "/"

    def configuration(self) -> SmartConfiguration:
        stated, ehr = self._stated(), self._ehr
        issuer = ehr.issuer or stated.issuer or ""
        if not issuer:
            raise LaunchRefused("no issuer to hold the id_token against; set `issuer` for this EHR", _NO_KEYS)
        return SmartConfiguration(
            self._checked(stated.authorization_endpoint, "authorization_endpoint"),
            self._checked(stated.token_endpoint, "token_endpoint"),
            issuer,
            self._checked(ehr.jwks_uri or stated.jwks_uri or self._jwks_uri(issuer), "jwks_uri"),
            self._revocation_endpoint(stated.revocation_endpoint),
            "permission-v2" in (stated.capabilities or ()),
            tuple(stated.token_endpoint_auth_methods_supported or ()),
            tuple(stated.token_endpoint_auth_signing_alg_values_supported or ()),
            stated.authorization_response_iss_parameter_supported is True,
        )

    def _stated(self) -> Stated:
        """What smart-configuration says; what the CapabilityStatement says where there is no such document."""
        answer = self._get(f"{self._base}.well-known/smart-configuration")
        if answer.status != 200 and not 400 <= answer.status < 500:
            raise SourceError(f"smart-configuration: HTTP {answer.status}", _NOT_READ)
        if answer.status != 200 or not _is_json_object(answer.body):
            return self._stated_in_metadata("no JSON" if answer.status == 200 else f"HTTP {answer.status}")
        try:
            stated = msgspec.convert(json_text.value(answer.body), Stated)
        except _UNREADABLE as cause:
            raise LaunchRefused("smart-configuration is not readable") from cause
        if "S256" not in stated.code_challenge_methods_supported:
            raise LaunchRefused("the authorization server does not offer PKCE S256")
        return stated

    def _stated_in_metadata(self, found: str) -> Stated:
        """For servers of before SMART 2. They do not know PKCE; it is sent to them all the same, and does no harm."""
        answer = self._get(f"{self._base}metadata", ACCEPT)
        if answer.status != 200:
            raise SourceError(f"smart-configuration: {found}; metadata: HTTP {answer.status}", _NOT_READ)
        try:
            endpoints = oauth_uris(answer.body)
        except _UNREADABLE as cause:
            raise LaunchRefused(f"smart-configuration: {found}; metadata is not readable") from cause
        if not endpoints:
            raise LaunchRefused(f"smart-configuration: {found}; metadata has no oauth-uris")
        return msgspec.convert(endpoints, Stated)

    def _jwks_uri(self, issuer: str) -> str | None:
        """The address of the keys in the issuer's own document, if it names that issuer (OIDC Discovery 4)."""
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        if origin_of(address) not in self._ehr.endpoint_origins:
            return None
        answer = self._get(address)
        if answer.status >= 500:
            raise SourceError(f"openid-configuration: HTTP {answer.status}", _KEYS_NOT_READ)
        try:
            stated = msgspec.convert(json_text.value(answer.body), Stated) if answer.status == 200 else Stated()
        except _UNREADABLE as cause:
            raise LaunchRefused("openid-configuration is not readable", _NO_KEYS) from cause
        return stated.jwks_uri if stated.issuer == issuer else None

    def _revocation_endpoint(self, address: str | None) -> str:
        """Good to have, and no reason to refuse a launch."""
        try:
            return self._checked(address, "revocation_endpoint") if address else ""
        except LaunchRefused as unusable:
            _log.warning("%s: tokens will not be revoked: %s", self._ehr.name, unusable.detail)
            return ""

    def _checked(self, address: str | None, name: str) -> str:
        """The address, which may be relative to the FHIR base (SMART 2.2 "Conformance")."""
        if not address:
            raise LaunchRefused(f"smart-configuration names no {name}", _NO_KEYS if name == "jwks_uri" else "")
        try:
            url = urljoin(self._base, address)
        except ValueError as cause:
            raise LaunchRefused(f"{name} is no URL") from cause
        if origin_of(url) not in self._ehr.endpoint_origins:
            origin = origin_of(url)[:100]
            raise LaunchRefused(f"{name} is on {origin}, which endpoint_origins of this EHR does not list")
        return url

    def _get(self, address: str, accept: str = "application/json") -> Answer:
        return self._door.send(
            "GET",
            address,
            origins=self._ehr.endpoint_origins,
            networks=self._ehr.private_networks,
            headers={"Accept": accept},
            seconds=self._seconds,
        )


def _is_json_object(body: bytes) -> bool:
    """Whether somebody meant to answer with the document: a sign-in page or a "not found" in HTML is none."""
    return json_text.without_mark(body).lstrip()[:1] == b"{"
