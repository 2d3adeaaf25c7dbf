"""The registered clients, their secrets and redirect URIs, and how a client proves itself (RFC 6749 2.3)."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """One registration. An empty secret means a public client."""

    id: str
    redirect_uris: frozenset[str]
    secret: str = ""


def authenticated(clients: Mapping[str, Client], authorization: str, form_client_id: str) -> Client | None:
    """The client behind a token request: by HTTP Basic if it has a secret, else by `client_id` in the form."""
    if authorization:
        identity, secret = _basic(authorization)
        client = clients.get(identity)
        proven = client is not None and client.secret and hmac.compare_digest(client.secret.encode(), secret.encode())
        return client if proven and form_client_id in ("", identity) else None
    client = clients.get(form_client_id)
    return client if client is not None and not client.secret else None


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
