"""The key that signs id_tokens: RS256, made when first asked for, its public half published as a JWK Set."""

import threading
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ID_TOKEN_SECONDS = 300


class SigningKey:
    """One RSA key of 2048 bits. Making it takes a good tenth of a second, so a start does not wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: RSAKey | None = None

    def id_token(self, claims: dict[str, Any], now: float | None = None) -> str:
        """A signed id_token with these claims, `iat` now and `exp` five minutes ahead (OpenID Connect Core 2)."""
        issued = int(time.time() if now is None else now)
        key = self._made()
        return jwt.encode(
            {"alg": "RS256", "typ": "JWT", "kid": key.kid},
            {**claims, "iat": issued, "exp": issued + ID_TOKEN_SECONDS},
            key,
        )

    def public_set(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 5) with the public key alone."""
        return dict(KeySet([self._made()]).as_dict(private=False))

    def _made(self) -> RSAKey:
        with self._lock:
            if self._key is None:
                self._key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
            return self._key
