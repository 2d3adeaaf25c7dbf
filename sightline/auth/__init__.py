"""How a request to a source gets its Authorization header: MODES, a row for each way, by its name in the settings.

smart                  SMART App Launch: the launch, and the chart's own token
grant, refresh         what an EHR granted to a chart, and how that is renewed before its end
revocation             how it is given back
token_endpoint         the only requests that carry a client's proof: tokens, their renewal, their end
client_authentication  that proof; client_keys the keys of it, and of proofs
smart_configuration    what an EHR says of its authorization server; oauth_uris where only its metadata says it
id_token, key_sets     who is signed in, and the EHR's keys that vouch for it
scopes, launch_context what was granted, and what the EHR said beside it
oidc                   who looks patients up: a sign-in at an OpenID provider
openid_configuration   what such a provider says of itself
backend                SMART Backend Services: Sightline's own token; own_tokens where it is kept
bearer, basic, none    a fixed token, a password, nothing at all
archives               the same ways in at an archive, a table of their own
servers                what one process holds of all that
"""

from collections.abc import Callable

from sightline.auth import backend, basic, bearer, none, smart
from sightline.auth.grant import KeptGrant
from sightline.auth.servers import AuthorizationServers
from sightline.authorization import Authorization
from sightline.settings import EhrSettings

Mode = Callable[[AuthorizationServers, EhrSettings, KeptGrant], Authorization]
"""Makes the way in at an EHR's FHIR server; the grant is the chart's, which only a launch has."""

MODES: dict[str, Mode] = {
    "smart": smart.SmartAuthorization,
    "backend": backend.authorization,
    "bearer": bearer.authorization,
    "basic": basic.authorization,
    "none": none.authorization,
}
