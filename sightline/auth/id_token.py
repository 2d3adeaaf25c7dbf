"""Who is signed in: the id_token, checked by OpenID Connect Core 3.1.3.7 against our own list of algorithms."""

import time
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.util import urlsafe_b64decode

from sightline import json_text
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused, SourceError, SourceUnreadable
from sightline.outbound import Door
from sightline.settings import EhrSettings

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384"]
_CLOCK_SKEW = 60


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in user: `fhir_user` is a reference such as `Practitioner/7`, empty where the EHR does not say."""

    issuer: str
    subject: str
    fhir_user: str = ""
    name: str = ""


class JwkSet(msgspec.Struct):
    """A JWK Set (RFC 7517 section 5), its keys not looked into yet."""

    keys: list[Any]


def checked_user(door: Door, configuration: SmartConfiguration, ehr: EhrSettings, id_token: object, nonce: str) -> User:
    """The user of a valid id_token. Raises LaunchRefused where any check fails."""
    if not isinstance(id_token, str) or not id_token:
        raise LaunchRefused("the token response holds no id_token")
    if not configuration.issuer:
        raise LaunchRefused("no issuer is known to hold the id_token against; set `issuer` for this EHR")
    try:
        claims = _claims(id_token)
        jwt.decode(id_token, _keys(door, configuration, ehr), algorithms=_ALGORITHMS)
        _registry(configuration, ehr, nonce).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as cause:
        raise LaunchRefused(f"id_token: {type(cause).__name__}") from cause
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", ehr.client_id) != ehr.client_id or (len(audience) > 1 and "azp" not in claims):
        raise LaunchRefused("id_token: azp is not this client")
    return User(claims["iss"], str(claims["sub"]), str(claims.get("fhirUser", "")), str(claims.get("name", "")))


def _claims(id_token: str) -> dict[str, Any]:
    """What the token claims, nothing proven yet. Raises ValueError, also where it or its head names something twice."""
    head, claims = (json_text.value(urlsafe_b64decode(part.encode("ascii"))) for part in id_token.split(".")[:2])
    if type(head) is not dict or type(claims) is not dict:
        raise ValueError("no JSON object")
    return claims


def _registry(configuration: SmartConfiguration, ehr: EhrSettings, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=_CLOCK_SKEW,
        iss={"essential": True, "value": configuration.issuer},
        aud={"essential": True, "value": ehr.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": ehr.nonce_required, "value": nonce},
    )


def _keys(door: Door, configuration: SmartConfiguration, ehr: EhrSettings) -> KeySet:
    answer = door.send(
        "GET",
        configuration.jwks_uri,
        origins=ehr.endpoint_origins,
        networks=ehr.private_networks,
        headers={"Accept": "application/json"},
    )
    if answer.status != 200:
        raise SourceError(f"jwks: HTTP {answer.status}", "The EHR's signing keys could not be read.")
    try:
        stated = msgspec.convert(json_text.value(answer.body), JwkSet).keys
    except (json_text.NotReadable, msgspec.ValidationError) as cause:
        raise SourceUnreadable("jwks is no JWK Set", "The EHR's signing keys could not be read.") from cause
    return KeySet([key for key in map(_key, stated) if key])


def _key(stated: dict[str, Any]) -> Key | None:
    """One key; None for one of a kind that is not known, which RFC 7517 section 5 asks to ignore."""
    try:
        return JWKRegistry.import_key(stated)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
