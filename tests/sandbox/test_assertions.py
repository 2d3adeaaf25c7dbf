"""`private_key_jwt` at the hospital's authorization server: it checks strictly, as a stranger does."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sandbox.application import record_system
from sandbox.smart.assertions import ASSERTION_TYPE, Assertions, NotProven

TOKEN_URL, JWKS_URL = "http://hospital.test:9000/auth/token", "http://sightline.test:8000/.well-known/jwks.json"
CLIENT = "sightline-asymmetric"
EC, RSA = ECKey.generate_key("P-384", {"kid": "ec"}), RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = ECKey.generate_key("P-384", {"kid": "ec"})


def assertion(key: Any = EC, alg: str = "ES384", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A good assertion; a change to None leaves the claim out."""
    now = int(time.time())
    good = {"iss": CLIENT, "sub": CLIENT, "aud": TOKEN_URL, "exp": now + 240, "jti": f"{time.monotonic_ns()}"}
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {}), claims, key, algorithms=[alg])


class Published:
    """A client's key set, and how often it was asked for."""

    def __init__(self, *keys: Any) -> None:
        self.keys, self.asked = list(keys), 0

    def __call__(self, address: str) -> dict[str, Any]:
        assert address == JWKS_URL
        self.asked += 1
        return {"keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in self.keys]}


def checking(published: Published | None = None) -> Callable[[str], None]:
    assertions = Assertions(TOKEN_URL, time.time, published or Published(EC, RSA))
    return lambda text: assertions.check(text, CLIENT, JWKS_URL)


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")])
def test_good_assertion_of_either_algorithm_is_taken_once(key: Any, alg: str) -> None:
    check, text = checking(), assertion(key, alg)
    check(text)

    with pytest.raises(NotProven, match="jti"):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        assertion(iss="somebody"),
        assertion(sub="somebody"),
        assertion(aud="http://hospital.test:9000/auth"),
        assertion(aud=[TOKEN_URL]),
        assertion(aud=None),
        assertion(exp=int(time.time()) + 3600),
        assertion(exp=int(time.time()) - 60),
        assertion(exp=None),
        assertion(jti=None),
        assertion(jti=7),
        assertion(RSA, "RS256"),
        assertion(header={"typ": "jwt+x"}),
        assertion(header={"kid": ""}),
        assertion(header={"kid": "unknown"}),
        assertion(STRANGER),
        "",
        "a.b.c",
        "é",
    ],
)
def test_assertion_that_breaks_a_rule_proves_nothing(text: str) -> None:
    with pytest.raises(NotProven):
        checking()(text)


def test_keys_are_asked_for_once_and_again_for_a_new_one() -> None:
    published = Published(EC)
    check = checking(published)
    for _ in range(3):
        check(assertion())
    assert published.asked == 1
    published.keys.append(RSA)
    check(assertion(RSA, "RS384"))

    assert published.asked == 2


def test_key_set_that_gives_a_private_key_away_is_not_believed() -> None:
    with pytest.raises(NotProven):
        checking(Published(EC.as_dict(private=True)))(assertion())


@pytest.fixture
def browser() -> FlaskClient:
    app = record_system("http://hospital.test:9000", "http://sightline.test:8000", [])
    app.extensions["assertions"] = Assertions(TOKEN_URL, time.time, Published(EC))
    return app.test_client()


def status(browser: FlaskClient, **form: str) -> int:
    return browser.post("/auth/revoke", data={"token": "unknown", **form}).status_code


def test_client_with_keys_proves_itself_by_them_and_in_no_other_way(browser: FlaskClient) -> None:
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion()}

    assert status(browser, **proof) == 200
    assert status(browser, client_id=CLIENT) == 401
    assert status(browser, **proof) == 401
    assert status(browser, client_assertion=assertion()) == 401
    assert status(browser, **proof | {"client_assertion": assertion(), "client_id": "sightline"}) == 401


@pytest.mark.parametrize("client", ["sightline", "sightline-public", "nobody"])
def test_client_without_keys_has_none_looked_up(browser: FlaskClient, client: str) -> None:
    text = assertion(iss=client, sub=client)

    assert status(browser, client_assertion_type=ASSERTION_TYPE, client_assertion=text) == 401
