"""Sightline's own keys: one signs, all are published, and nothing private ever leaves."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, JWKRegistry

from sightline.auth.client_keys import ALGORITHMS, ClientKeys, jwks_with_new_key
from sightline.settings import SettingsError

RSA, EC, P256 = (json.loads(jwks_with_new_key(algorithm))["keys"][0] for algorithm in ("RS384", "ES384", "ES256"))
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def keys(*stated: dict[str, Any]) -> ClientKeys:
    return ClientKeys(json.dumps({"keys": stated}))


def test_without_keys_nothing_is_published_and_nothing_signs() -> None:
    assert ClientKeys("").public_set() == {"keys": []}
    assert ClientKeys("").signing(None) is None
    assert ClientKeys("").proving is None


def test_all_keys_are_published_without_their_private_halves() -> None:
    published = keys(RSA, EC).public_set()["keys"]

    assert [(key["kid"], key["alg"], key["use"]) for key in published] == [
        (RSA["kid"], "RS384", "sig"),
        (EC["kid"], "ES384", "sig"),
    ]
    assert not PRIVATE & {member for key in published for member in key}
    assert {key["kty"] for key in published} == {"RSA", "EC"}
    assert all(not JWKRegistry.import_key(key).is_private for key in published)


def test_member_that_somebody_added_to_a_key_is_not_published() -> None:
    published = keys({**EC, "comment": "of the old server", "x5u": "https://inside.example"}).public_set()

    assert published["keys"][0].keys() == {"kty", "kid", "crv", "x", "y", "use", "key_ops", "alg"}


@pytest.mark.parametrize(
    ("taken", "signs"),
    [(None, RSA), (["RS384", "ES384"], RSA), (["ES384"], EC), (["ES256", "ES384"], EC), (["RS384"], RSA)],
)
def test_first_key_signs_that_the_ehr_takes(taken: list[str] | None, signs: dict[str, Any]) -> None:
    key = keys(RSA, EC).signing(taken)

    assert key is not None
    assert key.kid == signs["kid"]


def test_key_of_proofs_is_published_and_never_signs_for_an_ehr() -> None:
    held = keys(P256, EC)

    assert [key["alg"] for key in held.public_set()["keys"]] == ["ES256", "ES384"]
    assert held.proving
    assert held.proving.kid == P256["kid"]
    for taken in (None, ["ES256", "ES384"]):
        signing = held.signing(taken)
        assert signing
        assert signing.kid == EC["kid"]
    assert held.signing(["ES256"]) is None
    assert keys(EC, RSA).proving is None


def test_no_key_signs_where_the_ehr_takes_none_of_their_algorithms() -> None:
    assert keys(RSA, EC).signing(["RS256", "PS384"]) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_new_key_comes_after_the_older_ones_which_stay_as_they_are(algorithm: str) -> None:
    first, second = json.loads(jwks_with_new_key(algorithm, json.dumps({"keys": [RSA]})))["keys"]

    assert first == RSA
    assert second["kid"] != RSA["kid"]
    assert [key["alg"] for key in keys(first, second).public_set()["keys"]] == ["RS384", algorithm]


def of_two_halves() -> dict[str, Any]:
    """A key whose public half is another key's."""
    other = ECKey.generate_key("P-384").as_dict(private=False)
    return {**EC, "x": other["x"], "y": other["y"]}


@pytest.mark.parametrize(
    "key",
    [of_two_halves(), {**EC, "x": "AAAA"}, {**EC, "d": "!"}, {**RSA, "n": RSA["n"][:-2] + "AA"}],
    ids=["of-two-halves", "off-the-curve", "no-base64", "changed"],
)
def test_key_whose_numbers_do_not_belong_together_is_a_mistake_in_the_settings(key: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="its numbers do not belong together") as mistake:
        keys(RSA | {"kid": "good"}, key)
    assert key["kid"][:40] in str(mistake.value)
    assert key["d"] not in str(mistake.value)
