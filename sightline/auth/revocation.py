"""Giving a grant back (RFC 7009): the refresh token first, then the access token. It helps, and may fail quietly."""

import logging

from sightline.auth.grant import Grant
from sightline.auth.servers import AuthorizationServers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.auth.token_endpoint import session
from sightline.errors import SightlineError
from sightline.settings import EhrSettings

_log = logging.getLogger("sightline")

_SECONDS = 3.0


def revoke(servers: AuthorizationServers, ehr: EhrSettings, grant: Grant) -> bool:
    """Asks the EHR to end the grant's tokens, for a few seconds each; says whether it has ended all. Never raises.

    An EHR without a revocation endpoint ends its tokens by their time.
    """
    return revoke_tokens(servers, ehr, grant.refresh_token, grant.access_token)


def revoke_tokens(servers: AuthorizationServers, ehr: EhrSettings, refresh_token: str, access_token: str) -> bool:
    """The same for tokens that no grant was made of; an empty one there is not."""
    try:
        configuration = servers.configurations.of(ehr, _SECONDS)
        if not configuration.revocation_endpoint:
            return False
        answers = [
            _answer(servers, configuration, ehr, hint, token)
            for hint, token in (("refresh_token", refresh_token), ("access_token", access_token))
            if token
        ]
    except (SightlineError, OSError, ValueError) as failure:
        _log.warning("%s: tokens not revoked: %s", ehr.name, getattr(failure, "detail", type(failure).__name__))
        return False
    if set(answers) != {200}:
        _log.warning("%s: revocation answered %s", ehr.name, ", ".join(map(str, answers)))
    return set(answers) == {200}


def _answer(
    servers: AuthorizationServers, configuration: SmartConfiguration, ehr: EhrSettings, hint: str, token: str
) -> int:
    """The status of the answer; 200 for a token that the server does not know, too (RFC 7009 section 2.2)."""
    with session(servers, configuration, ehr) as oauth:
        answer = oauth.revoke_token(
            configuration.revocation_endpoint, token=token, token_type_hint=hint, timeout=_SECONDS
        )
    status: int = answer.status_code
    return status
