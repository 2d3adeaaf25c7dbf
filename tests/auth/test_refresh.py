"""A grant renewed: for the same patient and user, with what the EHR now grants, or ended."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec.structs import replace

from sightline.auth.grant import Grant
from sightline.auth.id_token import User
from sightline.auth.refresh import refreshed, renewal_time
from sightline.auth.servers import authorization_servers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import SignInChanged, SignInEnded, SourceError, SourceFailed, SourceNotAsked
from sightline.outbound import Door
from tests.far_side import Asked, FarSide, Reply, as_json, ehr_at

KEY = RSAKey.generate_key(2048, {"kid": "one"})
SCOPES = ("launch", "patient/ImagingStudy.rs")
NONCE = "n" * 43


def grant_of(issuer: str) -> Grant:
    user = User(issuer, "dr-7", "https://ehr.example/fhir/Practitioner/7", "Dr Grace Hopper")
    return Grant("old", 100.0, 40.0, SCOPES, "ada", user, NONCE, "refre5h", refresh_sent=True)


def answer(**changes: Any) -> Callable[[str], Reply]:
    """A good answer; a change to None leaves the member out, `claims` adds an id_token with these."""

    def token(issuer: str) -> Reply:
        now, more = int(time.time()), dict(changes)
        if (claims := more.pop("claims", None)) is not None:
            good = {"iss": issuer, "aud": "sightline", "sub": "dr-7", "exp": now + 60, "iat": now}
            more["id_token"] = jwt.encode({"alg": "RS256", "kid": "one"}, good | claims, KEY)
        good_answer = {"access_token": "new", "token_type": "Bearer", "expires_in": 600, "scope": " ".join(SCOPES)}
        return as_json({name: value for name, value in (good_answer | more).items() if value is not None})

    return token


def renewed(token: Callable[[str], Reply], keys: Reply | None = None) -> tuple[Grant | Exception, Grant, list[Asked]]:
    """What came of it, the grant before, and what the server was asked."""

    def answers(asked: Asked) -> Reply:
        if asked.path == "/keys":
            return keys or as_json({"keys": [KEY.as_dict(private=False)]})
        return token(server.url) if asked.path == "/token" else Reply(200)

    with FarSide(answers) as server:
        url, before = server.url, grant_of(server.url)
        configuration = SmartConfiguration(f"{url}/authorize", f"{url}/token", url, f"{url}/keys", f"{url}/revoke")
        servers = authorization_servers(Door(1, 50_000), "")
        servers.configurations._known["north-wing"] = (time.monotonic(), configuration)
        try:
            return refreshed(servers, configuration, ehr_at(f"{url}/fhir"), before), before, server.asked
        except SourceError as failure:
            return failure, before, server.asked


def test_refresh_token_is_sent_with_the_clients_proof_and_nothing_else() -> None:
    _, _, (asked,) = renewed(answer())

    assert asked.form == {"grant_type": "refresh_token", "refresh_token": "refre5h"}
    assert asked.headers["Authorization"].startswith("Basic ")


def test_new_token_takes_the_place_of_the_old_one() -> None:
    grant, before, _ = renewed(answer(refresh_token="next", patient="ada"))

    assert isinstance(grant, Grant)
    assert 590 < grant.expires_at - time.time() <= 600
    assert 530 < grant.renew_at - time.time() <= 540
    assert grant == replace(
        before,
        access_token="new",
        refresh_token="next",
        refresh_sent=False,
        expires_at=grant.expires_at,
        renew_at=grant.renew_at,
    )


def test_answer_without_a_refresh_token_leaves_the_old_one_good() -> None:
    grant, _, _ = renewed(answer())

    assert isinstance(grant, Grant)
    assert (grant.refresh_token, grant.refresh_sent) == ("refre5h", False)


@pytest.mark.parametrize(
    ("scope", "scopes", "may_list", "covers_all"),
    [
        ("patient/ImagingStudy.rs?modality=CT", ("patient/ImagingStudy.rs?modality=CT",), True, False),
        ("launch", ("launch",), False, False),
        (None, SCOPES, True, True),
        ("", (), False, False),
        ([], (), False, False),
        (["patient/ImagingStudy.rs"], ("patient/ImagingStudy.rs",), True, True),
    ],
)
def test_scopes_are_those_of_the_answer_where_it_names_any(
    scope: Any, scopes: tuple[str, ...], may_list: bool, covers_all: bool
) -> None:
    grant, _, _ = renewed(answer(scope=scope))

    assert isinstance(grant, Grant)
    assert (grant.scopes, grant.may_search("ImagingStudy"), grant.may_search("ImagingStudy", whole=True)) == (
        scopes,
        may_list,
        covers_all,
    )


def given_back(asked: list[Asked]) -> list[str]:
    return [question.form["token"] for question in asked if question.path == "/revoke"]


@pytest.mark.parametrize("patient", ["cleo", "Ada", "", 7, ["ada"], {"id": "ada"}])
def test_token_for_another_patient_ends_the_sign_in_and_goes_back(patient: Any) -> None:
    ended, _, asked = renewed(answer(patient=patient, refresh_token="next"))

    assert isinstance(ended, SignInChanged)
    assert given_back(asked) == ["next", "new"]


@pytest.mark.parametrize(
    "claims", [{"sub": "dr-8"}, {"fhirUser": "Practitioner/8"}, {"fhirUser": "PractitionerRole/7"}], ids=str
)
def test_token_for_another_user_ends_the_sign_in_and_goes_back(claims: dict[str, Any]) -> None:
    ended, _, asked = renewed(answer(claims=claims))

    assert isinstance(ended, SignInChanged)
    assert given_back(asked) == ["refre5h", "new"]


@pytest.mark.parametrize(
    "claims",
    [{}, {"nonce": NONCE}, {"fhirUser": "Practitioner/7"}, {"fhirUser": "https://ehr.example/fhir/Practitioner/7"}],
    ids=str,
)
def test_id_token_of_the_same_user_needs_no_nonce(claims: dict[str, Any]) -> None:
    grant, before, _ = renewed(answer(claims=claims))

    assert isinstance(grant, Grant)
    assert grant.user == before.user


@pytest.mark.parametrize(
    "token",
    [
        answer(claims={"iss": "https://evil.example"}),
        answer(claims={"aud": "another-app"}),
        answer(claims={"exp": 1}),
        answer(claims={"nonce": "m" * 43}),
        answer(id_token="x.y.z"),
        answer(id_token=7),
    ],
)
def test_id_token_that_fails_a_check_ends_the_sign_in_and_the_tokens_go_back(token: Callable[[str], Reply]) -> None:
    ended, _, asked = renewed(token)

    assert type(ended) is SignInEnded
    assert given_back(asked) == ["refre5h", "new"]


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"error": "invalid_grant"}, 400),
        as_json({"error": "invalid_client"}, 401),
        as_json({"error": "invalid_grant"}),
        as_json({"access_token": "new"}),
        as_json({"access_token": "a\r\nb", "token_type": "Bearer"}),
        as_json({"access_token": "new", "token_type": "Bearer", "refresh_token": 7}),
        as_json([]),
        Reply(200, b"<html>"),
    ],
)
def test_refusal_or_an_answer_that_is_no_good_ends_the_sign_in(reply: Reply) -> None:
    assert type(renewed(lambda _: reply)[0]) is SignInEnded


@pytest.mark.parametrize(("reply", "not_asked"), [(Reply(503), True), (Reply(500), False), (Reply(silent=True), False)])
def test_failure_says_whether_the_refresh_token_is_as_good_as_before(reply: Reply, not_asked: bool) -> None:
    failure, _, _ = renewed(lambda _: reply)

    assert not isinstance(failure, SignInEnded)
    assert isinstance(failure, SourceNotAsked) is not_asked


def test_keys_that_cannot_be_had_do_not_make_a_spent_refresh_token_good_again() -> None:
    failure, _, asked = renewed(answer(claims={}), keys=Reply(503))

    assert type(failure) is SourceFailed
    assert given_back(asked) == ["refre5h", "new"]


@pytest.mark.parametrize(("lifetime", "before_end"), [(3600, 60), (300, 60), (100, 20), (10, 2), (0, 0)])
def test_token_is_renewed_a_minute_before_its_end_and_later_where_it_lives_for_minutes(
    lifetime: float, before_end: float
) -> None:
    assert renewal_time(1000.0, lifetime) == 1000 + lifetime - before_end
