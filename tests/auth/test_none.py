"""`authorization = "none"`: nothing is sent, and nothing follows a refusal."""

from sightline.auth import none
from sightline.auth.grant import NoGrant
from sightline.auth.servers import authorization_servers
from sightline.outbound import Door
from tests.far_side import ehr_at


def test_no_header_is_sent() -> None:
    ehr = ehr_at("https://ehr.example/fhir", sign_in="none", authorization="none", bearer_token="not-for-this")
    way_in = none.authorization(authorization_servers(Door(1, 1000), ""), ehr, NoGrant())

    assert way_in.header() == ""
    assert way_in.after_refusal("") == ""
    assert way_in.covers_all
