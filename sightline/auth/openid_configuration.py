"""What an OpenID provider says of itself: `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery 1.0).

A remote document must not decide where a code or a secret is sent: it has to name the very issuer of the settings, and
each address in it has to be on an origin that they list for this EHR.
"""

import time
from threading import Lock

import msgspec

from sightline import json_text
from sightline.auth.smart_configuration import SmartConfiguration, Stated
from sightline.errors import SignInRefused, SourceError
from sightline.outbound import Door
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of

_FRESH_SECONDS = 600.0
_NOT_READ = Phrase("The sign-in's own settings could not be read.")


class ProviderStated(Stated):
    """The keys of the document that matter here, beside those that it shares with SMART's."""

    end_session_endpoint: str | None = None
    # Left out by providers that know PKCE and do not say so (RFC 8414 section 2 allows it).
    code_challenge_methods_supported: list[str] | None = None  # type: ignore[assignment]


class Provider(msgspec.Struct, frozen=True):
    """What a provider says of itself, checked. `end_session_endpoint` is empty where it offers none."""

    configuration: SmartConfiguration
    end_session_endpoint: str


class Providers:
    """The providers of one process, each asked again after ten minutes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[str, tuple[float, Provider]] = {}
        self._lock = Lock()

    def of(self, ehr: EhrSettings) -> Provider:
        """The EHR's provider. Raises SourceError where it does not answer, SignInRefused where it cannot be used."""
        with self._lock:
            asked_at, known = self._known.get(ehr.name, (0.0, None))
        if known and time.monotonic() - asked_at < _FRESH_SECONDS:
            return known
        provider = _asked(self._door, ehr)
        with self._lock:
            self._known[ehr.name] = (time.monotonic(), provider)
        return provider


def _asked(door: Door, ehr: EhrSettings) -> Provider:
    """Discovery 1.0 section 4: the document below the issuer, which must name that very issuer."""
    address = f"{ehr.issuer.rstrip('/')}/.well-known/openid-configuration"
    answer = door.send(
        "GET",
        address,
        origins=ehr.endpoint_origins,
        networks=ehr.private_networks,
        headers={"Accept": "application/json"},
    )
    if answer.status != 200:
        raise SourceError(f"openid-configuration: HTTP {answer.status}", _NOT_READ)
    try:
        stated = msgspec.convert(json_text.value(answer.body), ProviderStated)
    except (json_text.NotReadable, msgspec.ValidationError) as cause:
        raise SignInRefused("openid-configuration is not readable") from cause
    if stated.issuer != ehr.issuer:
        raise SignInRefused("openid-configuration names another issuer than the settings")
    if stated.code_challenge_methods_supported is not None and "S256" not in stated.code_challenge_methods_supported:
        raise SignInRefused("the provider does not offer PKCE S256")
    configuration = SmartConfiguration(
        _checked(stated.authorization_endpoint, "authorization_endpoint", ehr),
        _checked(stated.token_endpoint, "token_endpoint", ehr),
        ehr.issuer,
        _checked(ehr.jwks_uri or stated.jwks_uri, "jwks_uri", ehr),
        authentication_methods=tuple(stated.token_endpoint_auth_methods_supported or ()),
        assertion_algorithms=tuple(stated.token_endpoint_auth_signing_alg_values_supported or ()),
        names_itself=stated.authorization_response_iss_parameter_supported is True,
    )
    end_session = stated.end_session_endpoint or ""
    return Provider(configuration, end_session if origin_of(end_session) in ehr.endpoint_origins else "")


def _checked(address: str | None, name: str, ehr: EhrSettings) -> str:
    if not address:
        raise SignInRefused(f"openid-configuration names no {name}")
    if origin_of(address) not in ehr.endpoint_origins:
        raise SignInRefused(f"{name} is on {origin_of(address)[:100]}, which endpoint_origins does not list")
    return address
