"""The requests that carry a client's proof: for a token, for another one, and for its end."""

import re
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import HTTPError

from sightline.auth.client_authentication import Client, session_of
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import SourceFailed, SourceNotAsked
from sightline.outbound import DoorAdapter

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_LIFETIME, _LONGEST_LIFETIME = 3600.0, 86_400.0
_TRY_LATER = (429, 503)


class TokenRefused(Exception):
    """The token endpoint said no, or what cannot be read. `code` is its error code (RFC 6749 section 5.2), if any."""

    def __init__(self, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.detail, self.code = detail, code


def asked(
    servers: AuthorizationServers,
    configuration: SmartConfiguration,
    client: Client,
    redirect_uri: str = "",
    **form: str,
) -> dict[str, Any]:
    """The token endpoint's answer to this form (SMART 2.2 "Obtain access token", "Refresh access token").

    Raises TokenRefused; SourceNotAsked where the request did not count, else SourceError where no answer came.
    """
    with session(servers, configuration, client, redirect_uri) as oauth:
        try:
            token = oauth.fetch_token(configuration.token_endpoint, **form)
        except OAuthError as refusal:
            code = error_code(refusal.error)
            raise TokenRefused(f"token endpoint: {code}", code) from refusal
        except HTTPError as failure:
            status = failure.response.status_code
            raise (SourceNotAsked if status in _TRY_LATER else SourceFailed)(
                f"token endpoint: HTTP {status}"
            ) from failure
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as cause:
            raise TokenRefused("the token response is not readable") from cause
    if not isinstance(token, dict):
        raise TokenRefused("the token response is no JSON object")
    if str(token.get("token_type", "")).lower() != "bearer":
        raise TokenRefused("token_type is not Bearer")
    return token


def session(
    servers: AuthorizationServers, configuration: SmartConfiguration, client: Client, redirect_uri: str = ""
) -> OAuth2Session:
    """An OAuth 2 session that leaves by the door and reaches this client's origins only. Raises LaunchRefused."""
    made = session_of(configuration, client, servers.client_keys, redirect_uri)
    for scheme in ("https://", "http://"):
        made.mount(scheme, DoorAdapter(servers.door, client.endpoint_origins, client.private_networks))
    return made


def error_code(value: object) -> str:
    """An OAuth error code for the log (RFC 6749 section 5.2); "unknown" for anything that is not of its form."""
    return value if isinstance(value, str) and _ERROR_CODE.fullmatch(value) else "unknown"


def bearer(token: dict[str, Any], name: str = "access_token") -> str:
    """A token that may stand in a header. Raises TokenRefused."""
    value = token.get(name)
    if not isinstance(value, str) or not (value.isascii() and value.isprintable() and value.strip()):
        raise TokenRefused(f"the token response holds no {name}")
    return value


def lifetime(token: dict[str, Any]) -> float:
    """`expires_in` in seconds; SMART only recommends it, and an hour at most, which is taken where it is missing."""
    try:
        return max(0.0, min(float(str(token.get("expires_in"))), _LONGEST_LIFETIME))
    except ValueError:
        return _LIFETIME


def granted_scopes(token: dict[str, Any], asked_for: tuple[str, ...]) -> tuple[str, ...]:
    """`scope` (RFC 6749 section 3.3), word by word, from a list of texts too; empty where it is neither.

    Only an answer that has no `scope` at all grants what was `asked_for` (RFC 6749 section 5.1).
    """
    if "scope" not in token:
        return asked_for
    scope = token["scope"]
    texts = scope if isinstance(scope, list) else [scope]
    return tuple(" ".join(texts).split()) if all(isinstance(text, str) for text in texts) else ()
