"""The private keys of `private_key_jwt`: a JWK Set (RFC 7517) in the environment, or in a file that it names.

Checked here is what can be told without cryptography; `auth/client_keys.py` finds numbers that do not belong together.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from sightline.settings.mistakes import Wrong
from sightline.settings.secrets import secret_or_empty

CLIENT_KEYS = "SIGHTLINE_CLIENT_KEYS"
NEW_KEY = "what this prints: python -m sightline --new-client-key ES384"
_RSA_MODULUS_SIGNS = 342  # 2048 bits in base64url (RFC 7518 section 3.3)
_ALGORITHM = {"RSA": "RS384", "EC": "ES384"}
_PRIVATE = {"RSA": ("n", "e", "d"), "EC": ("x", "y", "d")}


def client_keys(environment: Mapping[str, str], *, needed: bool) -> str:
    """The JWK Set as it stands there; empty where there is none and none is `needed`. `Wrong` for any other text."""
    jwks = secret_or_empty(CLIENT_KEYS, environment)
    if not jwks:
        if needed:
            raise Wrong(f"{CLIENT_KEYS} is not set", f"{CLIENT_KEYS}_FILE with the path of a file, and in it {NEW_KEY}")
        return ""
    try:
        document = msgspec.json.decode(jwks)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Wrong(f"{CLIENT_KEYS} is not JSON", NEW_KEY) from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys:
        raise Wrong(f"{CLIENT_KEYS} is not a JWK Set with at least one key", NEW_KEY)
    for nth, key in enumerate(keys, start=1):
        _check(key, f"key {nth} of {CLIENT_KEYS}")
    if len({key["kid"] for key in keys}) < len(keys):
        raise Wrong(f"two keys of {CLIENT_KEYS} have the same kid", "a kid of its own for each key")
    return jwks


def _check(key: Any, which: str) -> None:
    """A private key that signs with RS384 or ES384 (SMART 2.2 "Client authentication: asymmetric")."""
    if not isinstance(key, dict) or key.get("kty") not in _PRIVATE:
        raise Wrong(f"{which} is neither of RSA nor of an elliptic curve", NEW_KEY)
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        raise Wrong(f"{which} has no kid", "a kid, by which an EHR tells it from the others")
    members = _PRIVATE[key["kty"]]
    if any(not isinstance(key.get(name), str) or not key[name] for name in members):
        raise Wrong(f"{which} is not a private key", f"a JWK with {', '.join(members)}")
    if key["kty"] == "EC" and key.get("crv") != "P-384":
        raise Wrong(f"{which} is not on the curve P-384", "a key for ES384, or one of RSA for RS384")
    if key["kty"] == "RSA" and len(key["n"]) < _RSA_MODULUS_SIGNS:
        raise Wrong(f"{which} has fewer than 2048 bits", NEW_KEY)
    if key.get("use", "sig") != "sig" or key.get("alg", _ALGORITHM[key["kty"]]) != _ALGORITHM[key["kty"]]:
        raise Wrong(f"{which} is set aside for something else", f"alg {_ALGORITHM[key['kty']]} and use sig")
