"""The registered clients, their secrets, keys and redirect URIs, and how one proves itself (RFC 6749 2.3, RFC 7523)."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError

from sandbox.smart.assertions import ASSERTION_TYPE, Assertions, NotProven


@dataclass(frozen=True, slots=True)
class Client:
    """One registration. `jwks_url` is where a client with keys publishes them; without it and a secret it is public.

    `system_audience` is the FHIR base that the client may ask for itself (SMART 2.2 "Backend Services"), if any.
    """

    id: str
    redirect_uris: frozenset[str]
    secret: str = ""
    jwks_url: str = ""
    system_audience: str = ""


def authenticated(
    clients: Mapping[str, Client], assertions: Assertions, authorization: str, form: Mapping[str, str]
) -> Client | None:
    """The client behind a token request, by the one proof that it is registered with.

    By an assertion if it has keys, by HTTP Basic if it has a secret, else by `client_id` in the form.
    """
    identity = form.get("client_id", "")
    if "client_assertion" in form:
        return None if authorization else _by_assertion(clients, assertions, form)
    if authorization:
        named, secret = _basic(authorization)
        client = clients.get(named)
        proven = client is not None and client.secret and hmac.compare_digest(client.secret.encode(), secret.encode())
        return client if proven and identity in ("", named) else None
    client = clients.get(identity)
    return client if client is not None and not client.secret and not client.jwks_url else None


def _by_assertion(clients: Mapping[str, Client], assertions: Assertions, form: Mapping[str, str]) -> Client | None:
    """The client that its own assertion names; nothing is fetched for one that has registered no keys."""
    try:
        claims = json.loads(jws.extract_compact(form["client_assertion"].encode()).payload)
        client = clients.get(claims["sub"])
        if client is None or not client.jwks_url or form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        assertions.check(form["client_assertion"], client.id, client.jwks_url)
    except (NotProven, JoseError, ValueError, TypeError, KeyError):
        return None
    return client if form.get("client_id", client.id) == client.id else None


def _basic(authorization: str) -> tuple[str, str]:
    """Identity and secret of an `Authorization: Basic` header; empty where it is none."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        identity, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return identity, secret
