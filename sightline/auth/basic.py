"""`authorization = "basic"`: a user and a password that the FHIR server's people gave to Sightline (RFC 7617)."""

import base64

from sightline.auth.grant import KeptGrant
from sightline.auth.servers import AuthorizationServers
from sightline.authorization import Authorization, FixedHeader
from sightline.settings import EhrSettings


def authorization(servers: AuthorizationServers, ehr: EhrSettings, kept: KeptGrant) -> Authorization:
    """User and password of the environment, in UTF-8 (RFC 7617 section 2.1)."""
    return way_in(ehr.basic_user, ehr.basic_password)


def way_in(user: str, password: str) -> Authorization:
    """The same for any server."""
    pair = f"{user}:{password}".encode()
    return FixedHeader(f"Basic {base64.b64encode(pair).decode()}")
