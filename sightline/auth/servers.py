"""What one process holds to speak with the EHRs' authorization servers, put together once by `app.py`."""

from msgspec import Struct

from sightline.auth.client_keys import ClientKeys
from sightline.auth.key_sets import KeySets
from sightline.auth.openid_configuration import Providers
from sightline.auth.own_tokens import OwnTokens
from sightline.auth.smart_configuration import Configurations
from sightline.outbound import Door


class AuthorizationServers(Struct, frozen=True):
    """The way to them, what they say of themselves, the keys they sign with, and our own. For use from any thread.

    `providers` sign in those who look patients up; `own_tokens` are what Sightline has for itself.
    """

    door: Door
    configurations: Configurations
    key_sets: KeySets
    client_keys: ClientKeys
    providers: Providers
    own_tokens: OwnTokens


def authorization_servers(door: Door, client_keys: str) -> AuthorizationServers:
    """Nothing known yet; `client_keys` is a JWK Set of private keys, or empty. Raises SettingsError for a wrong one."""
    return AuthorizationServers(
        door, Configurations(door), KeySets(door), ClientKeys(client_keys), Providers(door), OwnTokens()
    )
