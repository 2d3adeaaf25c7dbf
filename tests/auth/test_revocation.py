"""Giving tokens back (RFC 7009): refresh then access, by the same proof, for seconds only, and never an error."""

import time
from typing import Any

import pytest
from msgspec.structs import replace

from sightline.auth.grant import Grant
from sightline.auth.id_token import User
from sightline.auth.revocation import revoke
from sightline.auth.servers import authorization_servers
from sightline.outbound import Door
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at, seconds_since

GRANT = Grant("acce55", 4000.0, 3940.0, (), "ada", User("https://login.example", "7"), refresh_token="refre5h")


def revoked(reply: Reply, grant: Grant = GRANT, **stated: Any) -> tuple[bool, list[Asked]]:
    """Whether the EHR has ended the tokens, and what it was asked at its revocation endpoint."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/revoke":
            return reply
        return as_json(
            {
                "authorization_endpoint": f"{server.url}/authorize",
                "token_endpoint": f"{server.url}/token",
                "issuer": server.url,
                "jwks_uri": f"{server.url}/keys",
                "code_challenge_methods_supported": ["S256"],
                "revocation_endpoint": f"{server.url}/revoke",
                **stated,
            }
        )

    with FarSide(answer) as server:
        servers = authorization_servers(Door(20, 10_000), "")
        done = revoke(servers, ehr_at(f"{server.url}/fhir"), grant)
        return done, [asked for asked in server.asked if asked.path == "/revoke"]


def test_refresh_token_is_given_back_first_and_then_the_access_token() -> None:
    done, asked = revoked(Reply(200))

    assert done
    assert [question.form for question in asked] == [
        {"token": "refre5h", "token_type_hint": "refresh_token"},
        {"token": "acce55", "token_type_hint": "access_token"},
    ]
    assert all(question.headers["Authorization"].startswith("Basic ") for question in asked)


def test_grant_without_a_refresh_token_gives_its_access_token_back() -> None:
    _, asked = revoked(Reply(200), replace(GRANT, refresh_token=""))

    assert [question.form["token"] for question in asked] == ["acce55"]


@pytest.mark.parametrize(
    "reply", [Reply(400), Reply(401), Reply(500), HTML, Reply(silent=True), Reply(302, b"", {"Location": "/x"})]
)
def test_ehr_that_does_not_take_them_back_breaks_nothing(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    done, _ = revoked(reply)

    assert done is (reply.status == 200 and not reply.silent)
    assert not [secret for secret in ("refre5h", "acce55", "s3cret") if secret in caplog.text]


def test_ehr_that_does_not_answer_is_not_waited_for() -> None:
    begin = time.monotonic()
    done, asked = revoked(Reply(wait=30))

    assert (done, len(asked)) == (False, 1)
    assert seconds_since(begin) < 6


@pytest.mark.parametrize("address", ["", None, "https://evil.example/revoke"])
def test_tokens_go_nowhere_where_no_endpoint_is_named_or_listed(address: str | None) -> None:
    assert revoked(Reply(200), revocation_endpoint=address) == (False, [])


def test_ehr_whose_configuration_cannot_be_had_breaks_nothing() -> None:
    with FarSide(lambda _: Reply(500)) as server:
        assert revoke(authorization_servers(Door(1, 1000), ""), ehr_at(server.url), GRANT) is False
