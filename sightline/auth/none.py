"""`authorization = "none"`: a FHIR server that lets in whoever reaches it. No Authorization header is sent."""

from sightline.auth.grant import KeptGrant
from sightline.auth.servers import AuthorizationServers
from sightline.authorization import Authorization, FixedHeader
from sightline.settings import EhrSettings


def authorization(servers: AuthorizationServers, ehr: EhrSettings, kept: KeptGrant) -> Authorization:
    """No header at all."""
    return FixedHeader("")
