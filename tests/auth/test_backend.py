"""SMART Backend Services: a token for Sightline itself, proven by a key, asked for when there is none that lasts."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sightline.auth import backend
from sightline.auth.client_keys import ClientKeys, jwks_with_new_key
from sightline.auth.grant import NoGrant
from sightline.auth.servers import AuthorizationServers, authorization_servers
from sightline.authorization import Authorization
from sightline.errors import OwnAccessRefused, SourceError
from sightline.outbound import Door
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at

KEYS = {algorithm: jwks_with_new_key(algorithm) for algorithm in ("RS384", "ES384")}
BOTH = jwks_with_new_key("ES384", KEYS["RS384"])
SCOPE = "system/Patient.rs system/ImagingStudy.rs"


def token(**changes: Any) -> Reply:
    good = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 300, "scope": SCOPE}
    return as_json({name: value for name, value in (good | changes).items() if value is not None})


def server_saying(answer: Callable[[Asked], Reply], **stated: Any) -> Callable[[FarSide], Callable[[Asked], Reply]]:
    """A FHIR server and its token endpoint on one origin."""

    def of(server: FarSide) -> Callable[[Asked], Reply]:
        def answers(asked: Asked) -> Reply:
            if asked.path.endswith("/smart-configuration"):
                return as_json({"token_endpoint": f"{server.url}/token", **stated})
            return answer(asked)

        return answers

    return of


def way_in(server: FarSide, jwks: str = BOTH, **settings: Any) -> tuple[Authorization, AuthorizationServers]:
    servers = authorization_servers(Door(1, 50_000), jwks)
    of_backend = {"sign_in": "oidc", "authorization": "backend", "backend_client_id": "sightline-backend"}
    ehr = ehr_at(f"{server.url}/fhir", **{**of_backend, **settings})
    return backend.authorization(servers, ehr, NoGrant()), servers


def header_of(reply: Reply, jwks: str = BOTH, settings: dict[str, Any] | None = None, **stated: Any) -> list[Asked]:
    """What was asked for a header, which is `Bearer t0ken`."""
    with FarSide(lambda _: Reply(500)) as server:
        server.answer = server_saying(lambda _: reply, **stated)(server)
        authorization, _ = way_in(server, jwks, **(settings or {}))
        assert authorization.header() == "Bearer t0ken"
        return server.asked


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_token_is_asked_for_with_a_signed_assertion_and_no_secret(algorithm: str) -> None:
    _, asked = header_of(token(), KEYS[algorithm])

    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.headers["Authorization"] is None
    assert asked.form["grant_type"] == "client_credentials"
    assert asked.form["scope"] == SCOPE
    assert asked.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    keys = KeySet.import_key_set(ClientKeys(KEYS[algorithm]).public_set())  # type: ignore[arg-type]
    assertion = jwt.decode(asked.form["client_assertion"], keys, algorithms=[algorithm])
    assert assertion.header["typ"] == "JWT"
    assert assertion.claims["iss"] == assertion.claims["sub"] == "sightline-backend"
    assert assertion.claims["aud"].endswith("/token")
    assert assertion.claims["exp"] <= time.time() + 300


def test_key_is_one_that_the_server_takes() -> None:
    _, asked = header_of(token(), BOTH, token_endpoint_auth_signing_alg_values_supported=["ES384"])

    keys = KeySet.import_key_set(ClientKeys(BOTH).public_set())  # type: ignore[arg-type]
    assert jwt.decode(asked.form["client_assertion"], keys, algorithms=["ES384"]).header["alg"] == "ES384"


def test_scopes_of_the_settings_are_asked_for() -> None:
    _, asked = header_of(token(), settings={"backend_scopes": ("system/*.read",)})

    assert asked.form["scope"] == "system/*.read"


def test_relative_token_endpoint_starts_at_the_fhir_base() -> None:
    _, asked = header_of(token(), token_endpoint="auth/token")

    assert asked.path == "/fhir/auth/token"


def test_token_is_kept_for_its_time_and_then_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    right, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: right() + ahead[0])
    with FarSide(lambda _: Reply(500)) as server:
        server.answer = server_saying(lambda _: token())(server)
        authorization, _ = way_in(server)
        for _ in range(3):
            authorization.header()
        assert sum(asked.path == "/token" for asked in server.asked) == 1
        ahead[0] = 245
        authorization.header()
        assert sum(asked.path == "/token" for asked in server.asked) == 2


def test_refused_token_is_replaced_once_it_is_not_brand_new(monkeypatch: pytest.MonkeyPatch) -> None:
    right, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: right() + ahead[0])
    values = iter(["first", "second"])
    with FarSide(lambda _: Reply(500)) as server:
        server.answer = server_saying(lambda _: token(access_token=next(values)))(server)
        authorization, _ = way_in(server)
        assert authorization.after_refusal(authorization.header()) == ""
        ahead[0] = 60
        assert authorization.after_refusal(authorization.header()) == "Bearer second"


@pytest.mark.parametrize("scope", ["system/Patient.rs", "patient/Patient.rs", "openid", "", " ", [], ["openid"], 7])
def test_grant_without_a_search_for_studies_is_refused(scope: Any) -> None:
    """A server may answer an unpermitted search with an empty list."""
    with pytest.raises(OwnAccessRefused, match="no search for ImagingStudy"):
        header_of(token(scope=scope))


@pytest.mark.parametrize(
    ("scope", "covers_all"), [(SCOPE, True), (None, True), ("system/ImagingStudy.rs?modality=CT", False)]
)
def test_grant_that_is_narrowed_is_known_to_be(scope: str | None, covers_all: bool) -> None:
    with FarSide(lambda _: Reply(500)) as server:
        server.answer = server_saying(lambda _: token(scope=scope))(server)
        authorization, _ = way_in(server)

        assert authorization.covers_all is covers_all


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"error": "invalid_client"}, 401),
        as_json({"error": "invalid_scope"}, 400),
        HTML,
        token(access_token=""),
        token(access_token="a\r\nX: y"),
        token(token_type="mac"),
        as_json([]),
    ],
)
def test_server_that_gives_no_token_is_said_not_to_let_sightline_in(reply: Reply) -> None:
    with pytest.raises(OwnAccessRefused):
        header_of(reply)


@pytest.mark.parametrize("status", [500, 503])
def test_server_that_is_down_is_a_failure(status: int) -> None:
    with pytest.raises(SourceError):
        header_of(Reply(status))


def test_token_endpoint_elsewhere_gets_no_assertion() -> None:
    with FarSide(lambda _: token()) as stranger, pytest.raises(OwnAccessRefused, match="endpoint_origins"):
        header_of(token(), token_endpoint=f"{stranger.url}/token")
    assert stranger.asked == []


@pytest.mark.parametrize("stated", [{"token_endpoint": None}, {"token_endpoint": 7}, {"token_endpoint": "http://["}])
def test_configuration_without_a_token_endpoint_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(OwnAccessRefused):
        header_of(token(), **stated)


def test_server_that_takes_no_key_of_ours_is_refused() -> None:
    with pytest.raises(OwnAccessRefused):
        header_of(token(), KEYS["RS384"], token_endpoint_auth_signing_alg_values_supported=["ES384"])
    with pytest.raises(OwnAccessRefused):
        header_of(token(), token_endpoint_auth_methods_supported=["client_secret_basic"])
