"""Who is signed in: the id_token, checked by OpenID Connect Core 3.1.3.7 against our own list of algorithms."""

import re
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode
from msgspec import Struct

from sightline import json_text
from sightline.auth.key_sets import KeySets
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused
from sightline.settings import EhrSettings

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
"""Never "none", never one with a shared secret, whatever the EHR's documents say."""

_CLOCK_SKEW = 60
_LONGEST = 16_384
_LONGEST_NAME = 200
_LONGEST_LOCALE = 35  # what RFC 5646, 4.4.1 asks everybody to take
_FHIR_USER = re.compile(
    r"(?:https?://[^\s?#]{1,200}/)?(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Person)/[A-Za-z0-9.-]{1,64}"
)
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class User(Struct, frozen=True):
    """The signed-in user: `fhir_user` is a reference such as `Practitioner/7`, empty where the EHR does not say.

    `locale` is the language that the user's account is set to, such as `de-CH`; empty where nobody says.
    """

    issuer: str
    subject: str
    fhir_user: str = ""
    name: str = ""
    locale: str = ""


def checked_user(
    key_sets: KeySets,
    configuration: SmartConfiguration,
    ehr: EhrSettings,
    id_token: object,
    nonce: str,
    *,
    nonce_required: bool,
) -> User:
    """The user of a valid id_token. Raises what `checked_claims` raises."""
    return user_of(checked_claims(key_sets, configuration, ehr, id_token, nonce, nonce_required=nonce_required))


def checked_claims(
    key_sets: KeySets,
    configuration: SmartConfiguration,
    ehr: EhrSettings,
    id_token: object,
    nonce: str,
    *,
    nonce_required: bool,
) -> dict[str, Any]:
    """What a valid id_token says. Raises LaunchRefused where a check fails, SourceError where no keys are to be had.

    A nonce that the token has must be `nonce`, whether or not one is required.
    """
    if not isinstance(id_token, str) or not id_token:
        raise LaunchRefused("the token response holds no id_token")
    if not configuration.issuer:
        raise LaunchRefused("no issuer is known to hold the id_token against; set `issuer` for this EHR")
    claims = _signed_claims(key_sets, configuration, ehr, id_token)
    try:
        _registry(configuration, ehr, nonce, nonce_required).validate(claims)
    except _UNREADABLE as cause:
        raise LaunchRefused(f"id_token: {type(cause).__name__}") from cause
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", ehr.client_id) != ehr.client_id or (len(audience) > 1 and "azp" not in claims):
        raise LaunchRefused("id_token: azp is not this client")
    return claims


def user_of(claims: dict[str, Any]) -> User:
    """The user whom checked claims speak of."""
    fhir_user, name = _text(claims, "fhirUser"), _text(claims, "name")[:_LONGEST_NAME]
    fhir_user = fhir_user if _FHIR_USER.fullmatch(fhir_user) else ""
    return User(claims["iss"], str(claims["sub"]), fhir_user, name, _locale(claims))


def _signed_claims(
    key_sets: KeySets, configuration: SmartConfiguration, ehr: EhrSettings, id_token: str
) -> dict[str, Any]:
    """What the token says, its signature proven by one of the EHR's keys."""
    if len(id_token) > _LONGEST:
        raise LaunchRefused("id_token: too long")
    try:
        header, claims = map(_object, id_token.split(".")[:2])
        algorithm, kid = header.get("alg"), header.get("kid")
    except _UNREADABLE as cause:
        raise LaunchRefused(f"id_token: {type(cause).__name__}") from cause
    if algorithm not in ALGORITHMS or not isinstance(kid, str | None):
        raise LaunchRefused("id_token: its algorithm or key id is not one that is taken")
    reason = "no key of the EHR fits"
    for key in key_sets.matching(ehr, configuration.jwks_uri, algorithm, kid):
        try:
            jwt.decode(id_token, key, algorithms=list(ALGORITHMS))
        except _UNREADABLE as cause:
            reason = type(cause).__name__
        else:
            return claims
    raise LaunchRefused(f"id_token: {reason}")


def _object(part: str) -> dict[str, Any]:
    """A part of the token, nothing proven yet. Raises ValueError, also where it names something twice."""
    found = json_text.value(urlsafe_b64decode(part.encode("ascii")))
    if type(found) is not dict:
        raise ValueError("no JSON object")
    return found


def _registry(
    configuration: SmartConfiguration, ehr: EhrSettings, nonce: str, nonce_required: bool
) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=_CLOCK_SKEW,
        iss={"essential": True, "value": configuration.issuer},
        aud={"essential": True, "value": ehr.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": nonce_required, "value": nonce},
    )


def _locale(claims: dict[str, Any]) -> str:
    """OpenID Connect Core 5.1: `en-US`, or as some servers write it, `en_US`."""
    tag = _text(claims, "locale").replace("_", "-")
    return tag if len(tag) <= _LONGEST_LOCALE and _LOCALE.fullmatch(tag) else ""


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
