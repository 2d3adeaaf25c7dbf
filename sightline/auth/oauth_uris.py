"""Where an old server says its authorization endpoints: the `oauth-uris` extension of its CapabilityStatement.

Deprecated by SMART 2, and all that servers of before 2020 have. It names no issuer, no keys and no PKCE.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_NAMES = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "revoke": "revocation_endpoint",
}
ACCEPT = "application/fhir+json, application/json+fhir;q=0.9, application/json;q=0.8"


def oauth_uris(metadata: bytes) -> dict[str, str]:
    """The endpoints in a CapabilityStatement (Conformance up to DSTU2), by the names that smart-configuration has.

    Empty where it names none; what is not of that form is passed over. Raises ValueError where it is no JSON object.
    """
    document = msgspec.json.decode(metadata)
    if not isinstance(document, dict):
        raise ValueError("metadata is no JSON object")
    found: dict[str, str] = {}
    for rest in _objects(document.get("rest")):
        security = rest.get("security")
        for extension in _objects(security.get("extension") if isinstance(security, dict) else None):
            if extension.get("url") == _OAUTH_URIS:
                found |= dict(_endpoints(extension))
    return found


def _endpoints(extension: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part in _objects(extension.get("extension")):
        name, uri = part.get("url"), part.get("valueUri")
        if isinstance(name, str) and name in _NAMES and isinstance(uri, str):
            yield _NAMES[name], uri


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
