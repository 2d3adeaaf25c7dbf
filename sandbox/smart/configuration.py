"""What the authorization server says of itself: SMART 2.2 "Conformance", OpenID Connect Discovery."""

from typing import Any

from sandbox.smart.assertions import ALGORITHMS
from sandbox.smart.scopes import CONTEXT_SCOPES

CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-ehr-patient",
    "context-standalone-patient",
    "permission-patient",
    "permission-v1",
    "permission-v2",
    "permission-offline",
    "permission-online",
)
SCOPES = (*CONTEXT_SCOPES, "patient/*.rs", "patient/*.read", "system/*.rs")


def smart_configuration(auth_url: str) -> dict[str, Any]:
    """The SMART configuration; every FHIR base has the same one."""
    return {
        **_addresses(auth_url),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(auth_url: str) -> dict[str, Any]:
    """The OpenID provider metadata of the issuer."""
    return {
        **smart_configuration(auth_url),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser", "name"],
    }


def _addresses(auth_url: str) -> dict[str, str]:
    return {
        "issuer": auth_url,
        "jwks_uri": f"{auth_url}/jwks",
        "authorization_endpoint": f"{auth_url}/authorize",
        "token_endpoint": f"{auth_url}/token",
        "revocation_endpoint": f"{auth_url}/revoke",
        "introspection_endpoint": f"{auth_url}/introspect",
    }
