"""What the token endpoint answers, and what may be made of it."""

from typing import Any

import pytest

from sightline.auth.servers import authorization_servers
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.auth.token_endpoint import TokenRefused, asked, bearer, error_code, granted_scopes, lifetime
from sightline.errors import SourceError, SourceFailed, SourceNotAsked, SourceSlow
from sightline.outbound import Door
from tests.far_side import HTML, FarSide, Reply, as_json, ehr_at, unused_origin

TOKEN = {"access_token": "t0ken", "token_type": "Bearer"}


def answer_to(reply: Reply, origin: str = "") -> dict[str, Any]:
    with FarSide(lambda _: reply) as server:
        url = origin or server.url
        configuration = SmartConfiguration(f"{url}/authorize", f"{url}/token", url, f"{url}/keys")
        servers = authorization_servers(Door(0.5, 10_000), "")
        return asked(servers, configuration, ehr_at(url), grant_type="refresh_token", refresh_token="r")


def test_token_is_what_the_server_says() -> None:
    assert answer_to(as_json({**TOKEN, "patient": "ada"}))["patient"] == "ada"


@pytest.mark.parametrize("status", [429, 503])
def test_server_that_says_later_has_not_been_asked(status: int) -> None:
    with pytest.raises(SourceNotAsked, match=f"HTTP {status}"):
        answer_to(Reply(status, HTML.body))


def test_server_that_cannot_be_reached_has_not_been_asked() -> None:
    with pytest.raises(SourceNotAsked):
        answer_to(Reply(), unused_origin())


@pytest.mark.parametrize("reply", [Reply(500), Reply(502, HTML.body), Reply(504), Reply(silent=True), Reply(wait=9)])
def test_server_of_which_nothing_is_known_may_have_been_asked(reply: Reply) -> None:
    with pytest.raises(SourceError) as failure:
        answer_to(reply)
    assert not isinstance(failure.value, SourceNotAsked)
    assert isinstance(failure.value, SourceFailed | SourceSlow) or reply.silent


def test_refusal_carries_its_code() -> None:
    with pytest.raises(TokenRefused) as refusal:
        answer_to(as_json({"error": "invalid_grant", "error_description": "Ada said no"}, 400))
    assert (refusal.value.code, refusal.value.detail) == ("invalid_grant", "token endpoint: invalid_grant")


@pytest.mark.parametrize("body", [[], "t", None, {**TOKEN, "expires_in": "soon"}, {"access_token": "t"}, {}])
def test_answer_that_is_no_token_response_is_a_refusal(body: Any) -> None:
    with pytest.raises(TokenRefused):
        answer_to(as_json(body))


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(60, 60), ("60", 60), (None, 3600), (-5, 0), (10**9, 86_400), (True, 3600), ([], 3600), (float("nan"), 0)],
)
def test_lifetime_is_what_the_server_says_within_reason(expires_in: Any, seconds: float) -> None:
    assert lifetime({"expires_in": expires_in}) == seconds
    assert lifetime({}) == 3600


@pytest.mark.parametrize("scope", [None, 7, {}, [], "", " ", ["launch", 7], [["launch"]]])
def test_scope_that_is_empty_or_not_readable_grants_nothing(scope: Any) -> None:
    assert granted_scopes({"scope": scope}, ("launch",)) == ()


@pytest.mark.parametrize("scope", [" launch  openid ", ["launch", "openid"], ["launch openid"]])
def test_scope_is_read_word_by_word(scope: Any) -> None:
    assert granted_scopes({"scope": scope}, ("patient/*.rs",)) == ("launch", "openid")


def test_answer_without_scope_grants_what_was_asked_for() -> None:
    assert granted_scopes({}, ("launch", "patient/*.rs")) == ("launch", "patient/*.rs")


@pytest.mark.parametrize("value", [None, "", " ", 7, "a\r\nX-Evil: 1", "tökén", ["t"]])
def test_token_that_could_not_stand_in_a_header_is_refused(value: Any) -> None:
    with pytest.raises(TokenRefused, match="holds no refresh_token"):
        bearer({"refresh_token": value}, "refresh_token")


@pytest.mark.parametrize(
    ("code", "logged"),
    [
        ("access_denied", "access_denied"),
        ("DOE, Jane may not", "unknown"),
        ("doe jane", "unknown"),
        ("a\nb", "unknown"),
        ("x" * 41, "unknown"),
        ("", "unknown"),
        ({"code": "invalid_grant"}, "unknown"),
    ],
)
def test_error_code_for_the_log_has_the_form_of_one(code: Any, logged: str) -> None:
    assert error_code(code) == logged
