"""How Sightline proves itself (SMART 2.2 "Client authentication", RFC 7523 section 3)."""

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from sightline.auth.client_authentication import check, session_of
from sightline.auth.client_keys import ClientKeys, jwks_with_new_key
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused
from sightline.outbound import Door, DoorAdapter
from tests.far_side import Asked, FarSide, as_json, ehr_at

JWKS = {algorithm: jwks_with_new_key(algorithm) for algorithm in ("RS384", "ES384")}
BOTH = jwks_with_new_key("ES384", JWKS["RS384"])
TOKEN = {"access_token": "t", "token_type": "Bearer"}


def configured(url: str = "https://login.example", **stated: Any) -> SmartConfiguration:
    return SmartConfiguration(f"{url}/authorize", f"{url}/token", url, f"{url}/keys", f"{url}/revoke", **stated)


def asked_for_tokens(times: int, jwks: str, method: str = "private_key_jwt", **stated: Any) -> list[Asked]:
    """So many token requests, and one to revoke after each, as they came to the server."""
    with FarSide(lambda _: as_json(TOKEN)) as server:
        ehr = ehr_at(server.url, client_authentication=method, client_secret="s3cret" if "basic" in method else "")
        session = session_of(configured(server.url, **stated), ehr, ClientKeys(jwks))
        session.mount("http://", DoorAdapter(Door(2, 10_000), ehr.endpoint_origins))
        for _ in range(times):
            session.fetch_token(f"{server.url}/token", grant_type="refresh_token", refresh_token="r")
            session.revoke_token(f"{server.url}/revoke", token="t", token_type_hint="access_token")
        return server.asked


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_assertion_holds_all_that_smart_demands(algorithm: str) -> None:
    request, revocation = asked_for_tokens(1, JWKS[algorithm])
    published = ClientKeys(JWKS[algorithm]).public_set()
    for asked in (request, revocation):
        form = asked.form
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        token = jwt.decode(form["client_assertion"], KeySet.import_key_set(published), algorithms=[algorithm])
        assert token.header == {"alg": algorithm, "kid": published["keys"][0]["kid"], "typ": "JWT"}
        assert token.claims["iss"] == token.claims["sub"] == "sightline"
        # The token endpoint at both: it is what SMART calls this server by.
        assert token.claims["aud"] == request.headers["Host"].join(["http://", "/token"])
        assert time.time() < token.claims["exp"] <= time.time() + 300
        assert not {"client_id", "client_secret"} & form.keys()
        assert asked.headers["Authorization"] is None


def test_no_assertion_is_used_twice() -> None:
    assertions = [asked.form["client_assertion"] for asked in asked_for_tokens(3, JWKS["ES384"])]
    ids = [json.loads(jws.extract_compact(each.encode()).payload)["jti"] for each in assertions]

    assert len(set(ids)) == 6


def test_key_is_chosen_that_the_server_takes() -> None:
    (asked, _) = asked_for_tokens(1, BOTH, assertion_algorithms=("ES384",))

    assert jws.extract_compact(asked.form["client_assertion"].encode()).headers()["alg"] == "ES384"


def test_secret_goes_into_the_header_at_both_endpoints() -> None:
    for asked in asked_for_tokens(1, "", "client_secret_basic"):
        assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"sightline:s3cret").decode()
        assert not {"client_id", "client_secret", "client_assertion"} & asked.form.keys()


def test_public_client_only_names_itself_at_both_endpoints() -> None:
    for asked in asked_for_tokens(1, BOTH, "none"):
        assert asked.form["client_id"] == "sightline"
        assert asked.headers["Authorization"] is None
        assert "client_assertion" not in asked.form


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        ("client_secret_basic", ()),
        ("client_secret_basic", ("private_key_jwt", "client_secret_basic")),
        ("private_key_jwt", ("private_key_jwt",)),
        # SMART's list has no word for a public client.
        ("none", ("client_secret_basic", "private_key_jwt")),
    ],
)
def test_launch_may_begin_where_the_server_takes_our_proof_or_does_not_say(method: str, taken: tuple[str, ...]) -> None:
    check(
        configured(authentication_methods=taken), ehr_at("https://a.b", client_authentication=method), ClientKeys(BOTH)
    )


@pytest.mark.parametrize(
    ("method", "stated", "hint"),
    [
        (
            "client_secret_basic",
            {"authentication_methods": ("client_secret_post", "private_key_jwt")},
            "takes client_secret_post or private_key_jwt, client_authentication is client_secret_basic",
        ),
        ("private_key_jwt", {"authentication_methods": ("client_secret_basic",)}, "takes client_secret_basic"),
        ("private_key_jwt", {"assertion_algorithms": ("RS256", "PS512")}, "no algorithm that one of the client keys"),
    ],
)
def test_launch_is_refused_with_a_hint_before_it_is_spent_where_the_server_takes_another_proof(
    method: str, stated: dict[str, Any], hint: str
) -> None:
    with pytest.raises(LaunchRefused, match=hint):
        check(configured(**stated), ehr_at("https://a.b", client_authentication=method), ClientKeys(BOTH))
