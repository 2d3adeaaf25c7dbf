"""Our own private keys: a JWK Set (RFC 7517) in the environment, or in a file that it names.

A key serves one purpose, by its algorithm: those of `CLIENT_ALGORITHMS` sign `private_key_jwt`, those of
`PROOF_ALGORITHMS` what a viewer is shown. So nothing that a viewer is given can pass for us at an EHR.

Checked here is what can be told without cryptography; `auth/client_keys.py` finds numbers that do not belong together.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from sightline.settings.mistakes import Wrong
from sightline.settings.secrets import secret_or_empty

CLIENT_KEYS = "SIGHTLINE_CLIENT_KEYS"
CLIENT_ALGORITHMS = ("RS384", "ES384")
"""Those that SMART demands of every client (SMART 2.2 "Client authentication: asymmetric")."""

PROOF_ALGORITHMS = ("ES256",)
"""What every library of JSON Web Tokens knows, in the shortest signature."""

NEW_KEY = "what this prints: python -m sightline --new-client-key ES384"
_RSA_MODULUS_SIGNS = 342  # 2048 bits in base64url (RFC 7518 section 3.3)
_ALGORITHM = {"P-384": "ES384", "P-256": "ES256"}
_PRIVATE = {"RSA": ("n", "e", "d"), "EC": ("x", "y", "d")}


def algorithm_of(key: Mapping[str, Any]) -> str:
    """The one algorithm that a JWK of ours signs with; empty for a curve that none goes with."""
    return "RS384" if key["kty"] == "RSA" else _ALGORITHM.get(key.get("crv", ""), "")


def client_keys(environment: Mapping[str, str], *, needed: Collection[str]) -> str:
    """The JWK Set as it stands there; empty where there is none and none is needed. `Wrong` for any other text.

    `needed` are algorithms: one of the keys must sign with one of them.
    """
    jwks = secret_or_empty(CLIENT_KEYS, environment)
    if not jwks:
        if needed:
            new_key = NEW_KEY.replace("ES384", [*needed][-1])
            raise Wrong(f"{CLIENT_KEYS} is not set", f"{CLIENT_KEYS}_FILE with the path of a file, and in it {new_key}")
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
    if needed and not any(algorithm_of(key) in needed for key in keys):
        command = f"flask --app app new-client-key {[*needed][-1]} --file <the file of the others>"
        raise Wrong(f"{CLIENT_KEYS} has no key for {' or '.join(needed)}", f"one more, which this adds: {command}")
    return jwks


def _check(key: Any, which: str) -> None:
    """A private key that signs with one of the algorithms above."""
    if not isinstance(key, dict) or key.get("kty") not in _PRIVATE:
        raise Wrong(f"{which} is neither of RSA nor of an elliptic curve", NEW_KEY)
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        raise Wrong(f"{which} has no kid", "a kid, by which an EHR tells it from the others")
    members = _PRIVATE[key["kty"]]
    if any(not isinstance(key.get(name), str) or not key[name] for name in members):
        raise Wrong(f"{which} is not a private key", f"a JWK with {', '.join(members)}")
    if not algorithm_of(key):
        raise Wrong(f"{which} is on neither of the curves P-384 and P-256", "a key for ES384 or ES256, or one of RSA")
    if key["kty"] == "RSA" and len(key["n"]) < _RSA_MODULUS_SIGNS:
        raise Wrong(f"{which} has fewer than 2048 bits", NEW_KEY)
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm_of(key)) != algorithm_of(key):
        raise Wrong(f"{which} is set aside for something else", f"alg {algorithm_of(key)} and use sig")
