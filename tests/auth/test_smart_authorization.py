"""A chart's way in: one grant is good for the questions of a moment, and never longer than the chart has it."""

import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from sightline.auth.grant import Grant, NoGrant
from sightline.auth.id_token import User
from sightline.auth.servers import authorization_servers
from sightline.auth.smart import SmartAuthorization
from sightline.errors import SignInEnded
from sightline.outbound import Door
from tests.far_side import FarSide, as_json, ehr_at

_NAMED = ("authorization_endpoint", "token_endpoint", "issuer", "jwks_uri")
_FAR = time.time() + 3600
ADAS = Grant("first", _FAR, _FAR, ("patient/ImagingStudy.rs",), "ada", User("https://ehr.example", "7"))


class Row(NoGrant):
    """Where Ada's chart has its grant, until it is taken away; counts how often somebody looks."""

    def __init__(self) -> None:
        self.grant: Grant | None = ADAS
        self.looked = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def read(self) -> Grant:
        self.looked += 1
        if self.grant is None:
            raise SignInEnded("the chart has no grant any more")
        return self.grant

    def renewed(self, stale: Grant, renew: Callable[[Grant], Grant]) -> Grant:
        """Takes its time, in which others ask."""
        self.meanwhile()
        self.grant = replace(stale, access_token="second")
        return self.grant


@pytest.fixture
def row() -> Row:
    return Row()


@pytest.fixture
def authorization(row: Row) -> SmartAuthorization:
    return SmartAuthorization(authorization_servers(Door(1, 50_000), ""), ehr_at("https://ehr.example/fhir"), row)


def test_questions_of_one_moment_share_a_look_at_the_grant(authorization: SmartAuthorization, row: Row) -> None:
    assert [authorization.header() for _ in range(3)] == ["Bearer first"] * 3
    assert row.looked == 1


def test_grant_that_was_taken_away_lets_in_nobody_a_moment_later(
    authorization: SmartAuthorization, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorization.header()
    row.grant = None
    later = time.monotonic() + 0.3
    monkeypatch.setattr(time, "monotonic", lambda: later)

    with pytest.raises(SignInEnded):
        authorization.header()


def test_grant_that_another_request_renewed_is_used_at_once_after_a_refusal(
    authorization: SmartAuthorization, row: Row
) -> None:
    refused = authorization.header()
    row.grant = replace(ADAS, access_token="second")

    assert authorization.after_refusal(refused) == "Bearer second"


def test_refused_grant_does_not_come_back_with_a_question_asked_during_its_renewal(row: Row) -> None:
    row.grant = replace(ADAS, refresh_token="once")
    stated = {"code_challenge_methods_supported": ["S256"]}
    with FarSide(lambda asked: as_json(dict.fromkeys(_NAMED, f"http://{asked.headers['Host']}/") | stated)) as server:
        ehr = ehr_at(server.url)
        authorization = SmartAuthorization(authorization_servers(Door(1, 50_000), ""), ehr, row)
        row.meanwhile = authorization.header

        assert authorization.after_refusal(authorization.header()) == "Bearer second"
    assert authorization.header() == "Bearer second"
