"""`private_key_jwt`: a client's signed assertion, held against the keys that it publishes (SMART 2.2, RFC 7523 3)."""

import json
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS384", "ES384")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 300
KEPT_SECONDS = 300
CLOCK_SKEW = 10


class NotProven(Exception):
    """The assertion proves nothing; the text says why."""


def fetched(address: str) -> dict[str, Any]:
    """The JSON document at an address that was registered with the hospital."""
    with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 (it comes from sightline_settings)
        document: dict[str, Any] = json.load(answer)
    return document


class Assertions:
    """Checks assertions for `token_url`; remembers every `jti` to its end, and the clients' keys for five minutes."""

    def __init__(
        self, token_url: str, clock: Callable[[], float], fetch: Callable[[str], dict[str, Any]] = fetched
    ) -> None:
        self.token_url = token_url
        self._clock, self._fetch = clock, fetch
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], float] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}

    def check(self, assertion: str, client_id: str, jwks_url: str) -> None:
        """Return if it is this client's, for this server, signed by one of its keys, and new. Raises NotProven."""
        try:
            header = jws.extract_compact(assertion.encode()).headers()
            if header.get("alg") not in ALGORITHMS or header.get("typ") != "JWT" or not header.get("kid"):
                raise NotProven("The header needs alg RS384 or ES384, typ JWT and a kid.")
            claims = jwt.decode(assertion, self._key_set(jwks_url, header["kid"]), list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError, KeyError, OSError) as cause:
            raise NotProven(f"The assertion cannot be checked: {type(cause).__name__}.") from cause
        self._check_claims(claims, client_id)

    def _check_claims(self, claims: dict[str, Any], client_id: str) -> None:
        now, ends, jti = self._clock(), claims.get("exp"), claims.get("jti")
        if claims.get("iss") != client_id or claims.get("sub") != client_id:
            raise NotProven("iss and sub must both be the client_id.")
        if claims.get("aud") != self.token_url:
            raise NotProven("aud must be the address of the token endpoint.")
        if not isinstance(ends, int) or not now - CLOCK_SKEW < ends <= now + LONGEST_SECONDS + CLOCK_SKEW:
            raise NotProven("exp must be ahead, and at most five minutes.")
        if not isinstance(jti, str) or not jti:
            raise NotProven("jti is missing.")
        with self._lock:
            self._used = {key: end for key, end in self._used.items() if end > now - CLOCK_SKEW}
            if (client_id, jti) in self._used:
                raise NotProven("jti was used before.")
            self._used[client_id, jti] = ends

    def _key_set(self, jwks_url: str, kid: str) -> KeySet:
        """The client's keys; asked for anew where five minutes are over or the key is not among them."""
        with self._lock:
            fetched_at, keys = self._keys.get(jwks_url, (0.0, None))
        if keys is None or self._clock() - fetched_at > KEPT_SECONDS or kid not in {key.kid for key in keys}:
            document = self._fetch(jwks_url)
            if any("d" in key or "kid" not in key for key in document["keys"]):
                raise ValueError("a key set with a private key, or one without a kid")
            keys = KeySet.import_key_set(document)  # type: ignore[arg-type]
            with self._lock:
                self._keys[jwks_url] = (self._clock(), keys)
        return keys
