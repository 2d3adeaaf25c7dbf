"""Sightline's own keys: published, used against a hospital that checks them, and changed without a gap."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask import request, request_started
from joserfc import jws

from app import create_app
from sandbox import sightline_settings
from sightline.settings import load
from tests.conftest import Pair
from tests.ehr_user import EhrUser


def published(pair: Pair) -> requests.Response:
    return requests.get(f"{pair.sightline_url}/.well-known/jwks.json", timeout=10)


def test_public_halves_are_published_and_may_be_kept_for_an_hour(pair: Pair) -> None:
    answer = published(pair)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert [key["alg"] for key in answer.json()["keys"]] == ["ES384", "RS384", "ES256"]
    assert "Set-Cookie" not in answer.headers


def test_no_private_member_is_published(pair: Pair) -> None:
    private = json.loads((pair.data_folder / "own-keys.json").read_text())["keys"]
    secrets = {key[name] for key in private for name in ("d", "p", "q", "dp", "dq", "qi") if name in key}
    assert len(secrets) == 8
    assert not [secret for secret in secrets if secret in published(pair).text]


def test_without_keys_the_set_is_empty(pair: Pair) -> None:
    environment = sightline_settings.environment(pair.data_folder) | {"SIGHTLINE_CLIENT_KEYS": ""}
    toml = (pair.data_folder / "sightline.toml").read_text()
    without = pair.data_folder / "without-keys.toml"
    without.write_text(
        toml.replace('"private_key_jwt"', '"none"').replace('"backend"', '"none"').replace('proof = "proof"', "")
    )
    answer = create_app(load(without, environment)).test_client().get("/.well-known/jwks.json")
    assert answer.json == {"keys": []}


def algorithms_used(pair: Pair, patient: str = "ada") -> list[str]:
    """Launches, and gives the algorithms of the proofs that the hospital was shown."""
    used: list[str] = []

    def hear(*_: object, **__: object) -> None:
        if "client_assertion" in request.form:
            used.append(jws.extract_compact(request.form["client_assertion"].encode()).headers()["alg"])

    with request_started.connected_to(hear, pair.hospital):
        page = EhrUser(pair).opens_chart(patient, "r4-asymmetric")
    assert page.heading == "Imaging studies"
    assert len(page.rows) == 13
    return used


def test_client_with_keys_signs_in_at_a_hospital_that_checks_them(pair: Pair) -> None:
    assert algorithms_used(pair) == ["ES384"]


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_key_is_chosen_by_the_algorithms_that_the_hospital_takes(
    sightline_with: Callable[[Callable[[str], str]], Pair], monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    monkeypatch.setattr("sandbox.smart.configuration.ALGORITHMS", (algorithm,))
    assert algorithms_used(sightline_with(str)) == [algorithm]


def with_keys(monkeypatch: pytest.MonkeyPatch, keys: list[dict[str, str]]) -> None:
    """The next Sightline that is started has these keys."""
    own = sightline_settings.environment

    def environment(folder: Path) -> dict[str, str]:
        return own(folder) | {"SIGHTLINE_CLIENT_KEYS": json.dumps({"keys": keys})}

    monkeypatch.setattr(sightline_settings, "environment", environment)


def test_keys_are_changed_by_publishing_two(
    pair: Pair, sightline_with: Callable[[Callable[[str], str]], Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    elliptic, rsa, proving = json.loads((pair.data_folder / "own-keys.json").read_text())["keys"]
    for keys, signs in (([rsa], "RS384"), ([rsa, elliptic], "RS384"), ([elliptic], "ES384")):
        with_keys(monkeypatch, [*keys, proving])
        assert algorithms_used(sightline_with(str)) == [signs]
        monkeypatch.undo()


def test_key_that_is_not_the_published_one_opens_nothing(
    pair: Pair, sightline_with: Callable[[Callable[[str], str]], Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    (elliptic, *_) = json.loads((pair.data_folder / "own-keys.json").read_text())["keys"]
    started = sightline_with(str)
    another = {**json.loads((started.data_folder / "own-keys.json").read_text())["keys"][0]}
    assert another["d"] != elliptic["d"]
    # What the hospital finds there is another key of the same name.
    (first, *_) = published(pair).json()["keys"]
    fetched = {"keys": [{**first, "kid": another["kid"]}]}
    monkeypatch.setattr(started.hospital.extensions["assertions"], "_fetch", lambda _: fetched)
    page = EhrUser(started).opens_chart("ada", "r4-asymmetric")
    assert (page.status, page.heading) == (403, "Imaging could not be opened from the chart")
