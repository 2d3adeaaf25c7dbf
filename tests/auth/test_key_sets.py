"""The keys of an EHR: kept, asked for again when one is new, and never as often as somebody likes."""

import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from sightline.auth.key_sets import KeySets
from sightline.errors import SourceError
from sightline.outbound import Door
from tests.far_side import FarSide, Reply, as_json, ehr_at

ONE, TWO = (RSAKey.generate_key(2048, {"kid": kid}).as_dict(private=False) for kid in ("one", "two"))


class Asking:
    """One process's key sets, and the set that the EHR has today."""

    def __init__(self, server: FarSide, *keys: Any) -> None:
        self._server, self._sets = server, KeySets(Door(1, 100_000))
        self.has(*keys)

    def has(self, *keys: Any) -> None:
        self._server.answer = lambda _: as_json({"keys": list(keys)})

    def found(self, kid: str | None, algorithm: str = "RS256") -> int:
        return len(self._sets.matching(ehr_at(self._server.url), f"{self._server.url}/keys", algorithm, kid))


@pytest.fixture
def server() -> Any:
    with FarSide(lambda _: Reply(500)) as running:
        yield running


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts the clock so many seconds further."""
    right, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: right() + ahead[0])
    return lambda seconds: ahead.append(ahead.pop() + seconds)


def test_keys_are_asked_for_once(server: FarSide) -> None:
    asking = Asking(server, ONE)

    assert [asking.found("one") for _ in range(5)] == [1] * 5
    assert len(server.asked) == 1


def test_key_that_is_new_is_found_by_asking_once_more(server: FarSide, later: Any) -> None:
    asking = Asking(server, ONE)
    asking.found("one")
    asking.has(ONE, TWO)
    later(31)

    assert asking.found("two") == 1
    assert len(server.asked) == 2


def test_made_up_key_ids_are_no_way_to_make_us_ask(server: FarSide, later: Any) -> None:
    asking = Asking(server, ONE)

    assert [asking.found(f"made-up-{nth}") for nth in range(20)] == [0] * 20
    assert len(server.asked) == 1
    later(31)
    assert [asking.found(f"made-up-{nth}") for nth in range(20)] == [0] * 20
    assert len(server.asked) == 2


def test_keys_are_asked_for_again_after_ten_minutes_so_that_a_withdrawn_one_ends(server: FarSide, later: Any) -> None:
    asking = Asking(server, ONE, TWO)
    assert asking.found("two") == 1
    asking.has(ONE)
    later(601)

    assert asking.found("two") == 0


def test_keys_that_are_fresh_serve_while_the_ehr_is_down_and_no_longer(server: FarSide, later: Any) -> None:
    asking = Asking(server, ONE)
    asking.found("one")
    server.answer = lambda _: Reply(503)

    assert asking.found("one") == 1
    later(601)
    with pytest.raises(SourceError, match="jwks: HTTP 503") as down:
        asking.found("one")
    assert down.value.sentence == "The EHR's signing keys could not be read."


def test_two_keys_of_one_id_are_both_given(server: FarSide) -> None:
    assert Asking(server, ONE, {**TWO, "kid": "one"}).found("one") == 2


CURVE = ECKey.generate_key("P-256", {"kid": "curve"}).as_dict(private=False)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        ({**ONE, "use": "enc"}, "RS256"),
        ({**ONE, "alg": "RS384"}, "RS256"),
        (ONE, "ES384"),
        (CURVE, "ES384"),
        (CURVE, "RS256"),
        (OctKey.generate_key(256, {"kid": "shared"}).as_dict(), "RS256"),
    ],
    ids=["for-encryption", "for-another-algorithm", "rsa-for-es", "other-curve", "ec-for-rs", "shared-secret"],
)
def test_key_that_may_not_verify_this_algorithm_is_not_given(server: FarSide, key: Any, algorithm: str) -> None:
    assert Asking(server, key).found(key["kid"], algorithm) == 0


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_key_that_is_too_short_to_be_trusted_is_not_given(server: FarSide) -> None:
    short = RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False)

    assert Asking(server, short).found("short") == 0


def test_token_without_a_key_id_may_be_of_any_key_of_its_kind(server: FarSide) -> None:
    assert Asking(server, ONE, TWO, CURVE).found(None) == 2
