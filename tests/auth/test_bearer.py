"""`authorization = "bearer"`: the environment's token, for good."""

from sightline.auth import bearer
from sightline.auth.grant import NoGrant
from sightline.auth.servers import authorization_servers
from sightline.outbound import Door
from tests.far_side import ehr_at


def test_token_is_sent_as_it_was_given_and_no_other_is_asked_for() -> None:
    ehr = ehr_at("https://ehr.example/fhir", sign_in="oidc", authorization="bearer", bearer_token="abc.DEF-123==")
    way_in = bearer.authorization(authorization_servers(Door(1, 1000), ""), ehr, NoGrant())

    assert way_in.header() == "Bearer abc.DEF-123=="
    assert way_in.after_refusal("Bearer abc.DEF-123==") == ""
    assert way_in.covers_all
    assert "abc.DEF" not in repr(ehr)
