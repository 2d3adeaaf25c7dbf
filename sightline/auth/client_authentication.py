"""How Sightline proves itself at an authorization server: `none`, `client_secret_basic` or `private_key_jwt`.

SMART 2.2 "Client authentication"; RFC 7523 section 3 for the signed assertion.
"""

import time
from typing import Any, Protocol

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from sightline.auth.client_keys import ClientKey, ClientKeys
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused
from sightline.settings.addresses import Network

ASSERTION_SECONDS = 240  # SMART allows five minutes; the rest is for clocks that differ


class Client(Protocol):
    """Sightline, as one authorization server knows it: an EHR's settings, or what an archive's say of it."""

    @property
    def client_id(self) -> str: ...

    @property
    def client_secret(self) -> str: ...

    @property
    def client_authentication(self) -> str: ...

    @property
    def endpoint_origins(self) -> tuple[str, ...]: ...

    @property
    def private_networks(self) -> tuple[Network, ...]: ...


class _Assertion(PrivateKeyJWT):  # type: ignore[misc]  # Authlib has no types
    """Authlib's own lasts an hour, names no key, and gives out the same `jti` again when it signs twice."""

    def __init__(self, key: ClientKey, token_endpoint: str) -> None:
        super().__init__(token_endpoint, alg=key.algorithm)
        self._key = key

    def sign(self, auth: Any, token_endpoint: str) -> str:
        self.headers = {"typ": "JWT", "kid": self._key.kid}
        self.claims = {"exp": int(time.time()) + ASSERTION_SECONDS}
        auth.client_secret = self._key.key
        signed: str = super().sign(auth, token_endpoint)
        return signed


def session_of(
    configuration: SmartConfiguration, client: Client, keys: ClientKeys, redirect_uri: str = ""
) -> OAuth2Session:
    """An OAuth 2 session that proves who we are, at the token and the revocation endpoint alike.

    Raises LaunchRefused where the server takes no proof that we have.
    """
    check(configuration, client, keys)
    session = OAuth2Session(
        client.client_id,
        client.client_secret or None,
        token_endpoint_auth_method=client.client_authentication,
        revocation_endpoint_auth_method=client.client_authentication,
        redirect_uri=redirect_uri or None,
        code_challenge_method="S256",
    )
    session.trust_env = False
    if key := _key(configuration, client, keys):
        session.register_client_auth_method(_Assertion(key, configuration.token_endpoint))
    return session


def check(configuration: SmartConfiguration, client: Client, keys: ClientKeys) -> None:
    """Raises LaunchRefused where the server says that it does not take our kind of proof, so that no launch is spent.

    A public client proves nothing, and SMART's list of methods has no word for it: there is nothing to look for.
    """
    method, taken = client.client_authentication, configuration.authentication_methods
    if method != "none" and taken and method not in taken:
        raise LaunchRefused(f"token endpoint: takes {' or '.join(taken)[:100]}, client_authentication is {method}")
    if method == "private_key_jwt" and _key(configuration, client, keys) is None:
        raise LaunchRefused("token endpoint: takes no algorithm that one of the client keys signs with")


def _key(configuration: SmartConfiguration, client: Client, keys: ClientKeys) -> ClientKey | None:
    if client.client_authentication != "private_key_jwt":
        return None
    return keys.signing(configuration.assertion_algorithms or None)
