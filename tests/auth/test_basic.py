"""`authorization = "basic"`: the environment's user and password (RFC 7617)."""

import base64

import pytest

from sightline.auth import basic
from sightline.auth.grant import NoGrant
from sightline.auth.servers import authorization_servers
from sightline.outbound import Door
from tests.far_side import ehr_at


@pytest.mark.parametrize(("user", "password"), [("Aladdin", "open sesame"), ("test", "123£"), ("a", "b:c")])
def test_user_and_password_are_sent_in_utf8(user: str, password: str) -> None:
    secrets = {"basic_user": user, "basic_password": password}
    ehr = ehr_at("https://ehr.example/fhir", sign_in="oidc", authorization="basic", **secrets)
    way_in = basic.authorization(authorization_servers(Door(1, 1000), ""), ehr, NoGrant())

    scheme, _, coded = way_in.header().partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(coded).decode() == f"{user}:{password}"
    assert way_in.after_refusal(way_in.header()) == ""


def test_header_is_that_of_the_rfcs_own_example() -> None:
    """RFC 7617 section 2.1."""
    secrets = {"basic_user": "test", "basic_password": "123£"}
    ehr = ehr_at("https://ehr.example/fhir", sign_in="oidc", authorization="basic", **secrets)

    way_in = basic.authorization(authorization_servers(Door(1, 1000), ""), ehr, NoGrant())
    assert way_in.header() == "Basic dGVzdDoxMjPCow=="
