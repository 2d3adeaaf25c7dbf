"""`sign_in = "oidc"`: the user signs in at the hospital's OpenID provider, for EHRs that cannot launch.

OpenID Connect Core 1.0, code flow, with PKCE S256, state and nonce; RP-Initiated Logout 1.0. Only who the user is comes
of it: what lets Sightline in at the FHIR server is another matter.
"""

import secrets
from typing import Any
from urllib.parse import urlencode

import msgspec
from authlib.integrations.requests_client import OAuth2Session

from sightline.auth import client_authentication, token_endpoint
from sightline.auth.id_token import User, checked_claims, user_of
from sightline.auth.servers import AuthorizationServers
from sightline.auth.token_endpoint import TokenRefused
from sightline.errors import SignInRefused, SourceError
from sightline.settings import EhrSettings

_VERIFIER_BYTES = 48


class PendingSignIn(msgspec.Struct, frozen=True):
    """What is remembered between sending the browser away and its return; never in a cookie or an address.

    `ehr` is the EHR's name, `ehr_identity` what stands behind it; `issuer` and `token_endpoint` are those of the
    provider that the browser was sent to, which alone may get the code (RFC 9700 section 4.4). `invoked` is what the
    pages want to know again then; it goes nowhere.
    """

    ehr: str
    ehr_identity: str
    issuer: str
    token_endpoint: str
    state: str
    verifier: str
    nonce: str
    invoked: str = ""


def authorization_request(
    servers: AuthorizationServers, ehr: EhrSettings, redirect_uri: str
) -> tuple[str, PendingSignIn]:
    """The address to send the browser to (OpenID Connect Core 3.1.2.1), and what to remember.

    Raises what `Providers.of` raises, and LaunchRefused where the provider takes no proof that we have.
    """
    configuration = servers.providers.of(ehr).configuration
    client_authentication.check(configuration, ehr, servers.client_keys)
    pending = PendingSignIn(
        ehr=ehr.name,
        ehr_identity=ehr.identity,
        issuer=configuration.issuer,
        token_endpoint=configuration.token_endpoint,
        state=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
        nonce=secrets.token_urlsafe(32),
    )
    session = OAuth2Session(
        ehr.client_id, scope=" ".join(ehr.scopes), redirect_uri=redirect_uri, code_challenge_method="S256"
    )
    url, _ = session.create_authorization_url(
        configuration.authorization_endpoint, state=pending.state, nonce=pending.nonce, code_verifier=pending.verifier
    )
    return url, pending


def checked_issuer(servers: AuthorizationServers, ehr: EhrSettings, stated: list[str]) -> None:
    """Who answers, as the return's `iss` parameters say it (RFC 9207). Raises SignInRefused for anybody else."""
    configuration = servers.providers.of(ehr).configuration
    if stated != [configuration.issuer] and (stated or configuration.names_itself):
        raise SignInRefused("another provider answered, or none that says its name (RFC 9207)")


def signed_in(
    servers: AuthorizationServers, ehr: EhrSettings, redirect_uri: str, code: str, pending: PendingSignIn
) -> tuple[User, bool]:
    """Who the code stands for, and whether the id_token holds the claim that the settings ask for, if they do.

    OpenID Connect Core 3.1.3; the provider's access token is thrown away. Raises SignInRefused or LaunchRefused where
    the provider says no or its answer fails a check, SourceError where it cannot be asked.
    """
    configuration = servers.providers.of(ehr).configuration
    if (configuration.issuer, configuration.token_endpoint) != (pending.issuer, pending.token_endpoint):
        raise SignInRefused("the provider names another token endpoint than when the browser was sent away")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": pending.verifier}
    try:
        token = token_endpoint.asked(servers, configuration, ehr, redirect_uri, **form)
    except TokenRefused as refusal:
        raise SignInRefused(refusal.detail) from refusal
    claims = checked_claims(
        servers.key_sets,
        configuration,
        ehr,
        token.get("id_token"),
        pending.nonce,
        nonce_required=ehr.nonce_required,
    )
    return user_of(claims), not ehr.required_claim or _holds(claims, ehr.required_claim, ehr.required_value)


def sign_out_address(servers: AuthorizationServers, ehr: EhrSettings) -> str:
    """Where the user signs out at the provider too (RP-Initiated Logout 1.0); empty where that is not offered.

    Without an id_token_hint, which would be a token in the browser: the provider may ask whether it is meant.
    """
    try:
        endpoint = servers.providers.of(ehr).end_session_endpoint
    except (SourceError, SignInRefused):
        return ""
    joint = "&" if "?" in endpoint else "?"
    return f"{endpoint}{joint}{urlencode({'client_id': ehr.client_id})}" if endpoint else ""


def _holds(claims: dict[str, Any], name: str, value: str) -> bool:
    """Whether the claim is this value, or a list with it. A name with dots is a claim's own, else a way into claims."""
    found: Any = claims
    for part in [name] if name in claims else name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found == value or (isinstance(found, list) and value in found)
