"""The keys that EHRs sign id_tokens with: JWK Sets (RFC 7517 section 5), kept for ten minutes.

A key that is not known may be a new one (OpenID Connect Core 10.1.1): then the set is asked for again, but only so
often, or anybody's made-up token would be a question to the EHR.
"""

import time
from threading import Lock
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey
from msgspec import Struct

from sightline import json_text
from sightline.errors import SourceError, SourceUnreadable
from sightline.outbound import Door
from sightline.phrase import Phrase
from sightline.settings import EhrSettings

_FRESH_SECONDS = 600.0
_SECONDS_BETWEEN = 30.0
_MOST_KEYS = 100
_RSA_BITS = 2048  # RFC 7518 section 3.3
_SENTENCE = Phrase("The EHR's signing keys could not be read.")


class JwkSet(msgspec.Struct):
    """A JWK Set, its keys not looked into yet."""

    keys: list[Any]


class _Known(Struct, frozen=True):
    asked_at: float
    keys: tuple[Key, ...]


class KeySets:
    """The key sets of one process, by their addresses."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def matching(self, ehr: EhrSettings, jwks_uri: str, algorithm: str, kid: str | None) -> list[Key]:
        """The keys that may have signed with this algorithm and key id; without an id, any of that algorithm's kind.

        Two keys of one id are both given. Raises SourceError where the set cannot be had.
        """
        with self._lock:
            known = self._known.get(jwks_uri)
        if known is None or time.monotonic() - known.asked_at >= _FRESH_SECONDS:
            known = self._asked(ehr, jwks_uri)
        found = _fitting(known.keys, algorithm, kid)
        if not found and time.monotonic() - known.asked_at >= _SECONDS_BETWEEN:
            found = _fitting(self._asked(ehr, jwks_uri).keys, algorithm, kid)
        return found

    def _asked(self, ehr: EhrSettings, jwks_uri: str) -> _Known:
        answer = self._door.send(
            "GET",
            jwks_uri,
            origins=ehr.endpoint_origins,
            networks=ehr.private_networks,
            headers={"Accept": "application/jwk-set+json, */*;q=0.8"},
        )
        if answer.status != 200:
            raise SourceError(f"jwks: HTTP {answer.status}", _SENTENCE)
        try:
            stated = msgspec.convert(json_text.value(answer.body), JwkSet).keys[:_MOST_KEYS]
        except (json_text.NotReadable, msgspec.ValidationError) as cause:
            raise SourceUnreadable("jwks is no JWK Set", _SENTENCE) from cause
        known = _Known(time.monotonic(), tuple(key for key in map(_key, stated) if key))
        with self._lock:
            self._known[jwks_uri] = known
        return known


def _fitting(keys: tuple[Key, ...], algorithm: str, kid: str | None) -> list[Key]:
    return [key for key in keys if (kid is None or key.kid == kid) and _may_verify(key, algorithm)]


def _may_verify(key: Key, algorithm: str) -> bool:
    """RS… by an RSA key, ES256 and ES384 by a key on their curve; not by one that is set aside for something else."""
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return False
    if isinstance(key, RSAKey):
        return algorithm.startswith("RS") and key.public_key.key_size >= _RSA_BITS
    curves = {"ES256": "P-256", "ES384": "P-384"}
    return isinstance(key, ECKey) and key.get("crv") == curves.get(algorithm)


def _key(stated: Any) -> Key | None:
    """One key; None for one of a kind that is not known, which RFC 7517 section 5 asks to ignore."""
    try:
        return JWKRegistry.import_key(stated)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
