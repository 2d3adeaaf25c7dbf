"""Sightline's own keys: they sign `private_key_jwt` and what viewers are shown; their public halves are published.

SMART 2.2 "Client authentication: asymmetric". The first key that an EHR takes signs; all are published, so that keys
are changed by publishing two for a while. A key signs for one purpose only, by its algorithm.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeyParameters, RSAKey
from msgspec import Struct

from sightline.settings.client_keys import CLIENT_ALGORITHMS, PROOF_ALGORITHMS, algorithm_of
from sightline.settings.mistakes import Mistake, SettingsError

ALGORITHMS = (*CLIENT_ALGORITHMS, *PROOF_ALGORITHMS)
"""For which keys can be made."""

_CURVES = {"ES384": "P-384", "ES256": "P-256"}
_PUBLIC = ("kty", "kid", "n", "e", "crv", "x", "y")
_RSA_BITS = 3072


class ClientKey(Struct, frozen=True):
    """One private key and the algorithm that it signs with."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey

    @property
    def public(self) -> dict[str, Any]:
        """The public half alone, as a JWK."""
        members = self.key.as_dict(private=False)
        return {
            **{name: members[name] for name in _PUBLIC if name in members},
            "use": "sig",
            "key_ops": ["verify"],
            "alg": self.algorithm,
        }


class ClientKeys:
    """The keys of one process, in the order of their file."""

    def __init__(self, jwks: str) -> None:
        """`jwks` has passed the settings' check, or is empty. Raises SettingsError for a key that is none."""
        self._keys = tuple(_client_key(stated) for stated in (json.loads(jwks)["keys"] if jwks else ()))

    def signing(self, taken: Collection[str] | None) -> ClientKey | None:
        """The first client key with an algorithm among those `taken`, or the first where nothing is known of that."""
        mine = [key for key in self._keys if key.algorithm in CLIENT_ALGORITHMS]
        return next((key for key in mine if taken is None or key.algorithm in taken), None)

    @property
    def proving(self) -> ClientKey | None:
        """The key that signs what viewers are shown."""
        return next((key for key in self._keys if key.algorithm in PROOF_ALGORITHMS), None)

    def public_set(self) -> dict[str, Any]:
        """The JWK Set of all public halves (RFC 7517 section 5)."""
        return {"keys": [key.public for key in self._keys]}


def jwks_with_new_key(algorithm: str, before: str = "") -> str:
    """A JWK Set as text: the keys of the one `before`, then a new private key, its id the key's digest (RFC 7638)."""
    members: KeyParameters = {"use": "sig", "alg": algorithm}
    made: RSAKey | ECKey
    if algorithm == "RS384":
        made = RSAKey.generate_key(_RSA_BITS, members, auto_kid=True)
    else:
        made = ECKey.generate_key(_CURVES[algorithm], members, auto_kid=True)
    older = json.loads(before)["keys"] if before else []
    return json.dumps({"keys": [*older, made.as_dict(private=True)]}, indent=2)


def _client_key(stated: dict[str, Any]) -> ClientKey:
    with suppress(JoseError, ValueError, TypeError, KeyError):
        key = JWKRegistry.import_key(stated)
        if isinstance(key, RSAKey | ECKey) and key.private_key:  # asking for it reads the numbers, which must fit
            return ClientKey(stated["kid"], algorithm_of(stated), key)
    what = f"the client key {stated['kid'][:40]!r} is no key: its numbers do not belong together"
    raise SettingsError((Mistake("environment", 0, 0, what, "a key as --new-client-key makes it"),))
