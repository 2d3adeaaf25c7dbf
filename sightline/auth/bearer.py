"""`authorization = "bearer"`: a fixed token that the FHIR server's people gave to Sightline (RFC 6750 section 2.1)."""

from sightline.auth.grant import KeptGrant
from sightline.auth.servers import AuthorizationServers
from sightline.authorization import Authorization, FixedHeader
from sightline.settings import EhrSettings


def authorization(servers: AuthorizationServers, ehr: EhrSettings, kept: KeptGrant) -> Authorization:
    """The token of the environment, the same for every request."""
    return FixedHeader(f"Bearer {ehr.bearer_token}")
