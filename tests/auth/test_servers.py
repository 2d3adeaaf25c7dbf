"""What one process holds of the EHRs' authorization servers, put together."""

from sightline.auth.client_keys import jwks_with_new_key
from sightline.auth.servers import authorization_servers
from sightline.outbound import Door
from tests.far_side import FarSide, Reply


def test_nobody_is_asked_anything_before_a_launch() -> None:
    with FarSide(lambda _: Reply(500)) as server:
        made = authorization_servers(Door(1, 1000), jwks_with_new_key("ES384"))

        assert len(made.client_keys.public_set()["keys"]) == 1
        assert server.asked == []
