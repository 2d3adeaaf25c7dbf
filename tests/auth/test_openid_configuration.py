"""What an OpenID provider says of itself is believed only as far as the settings allow."""

from typing import Any

import pytest

from sightline.auth.openid_configuration import Provider, Providers
from sightline.errors import SightlineError, SignInRefused, SourceError
from sightline.outbound import Door
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at


def stated(url: str, **changes: Any) -> dict[str, Any]:
    good = {
        "issuer": f"{url}/realm",
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/keys",
        "end_session_endpoint": f"{url}/logout",
        "code_challenge_methods_supported": ["plain", "S256"],
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def read(
    reply: Reply | None = None, settings: dict[str, Any] | None = None, **changes: Any
) -> tuple[Provider, list[Asked], str]:
    with FarSide(lambda _: reply or as_json(stated(server.url, **changes))) as server:
        of_oidc = {"sign_in": "oidc", "issuer": f"{server.url}/realm", "authorization": "none"}
        ehr = ehr_at(f"{server.url}/fhir", **{**of_oidc, **(settings or {})})
        return Providers(Door(0.5, 100_000)).of(ehr), server.asked, server.url


def test_document_is_asked_for_below_the_issuer() -> None:
    provider, asked, url = read()

    assert [question.target for question in asked] == ["/realm/.well-known/openid-configuration"]
    assert asked[0].headers["Authorization"] is None
    found = provider.configuration
    assert (found.authorization_endpoint, found.token_endpoint) == (f"{url}/authorize", f"{url}/token")
    assert (found.issuer, found.jwks_uri) == (f"{url}/realm", f"{url}/keys")
    assert provider.end_session_endpoint == f"{url}/logout"
    assert not found.names_itself


def test_document_is_kept_for_a_while() -> None:
    with FarSide(lambda _: as_json(stated(server.url))) as server:
        providers = Providers(Door(1, 100_000))
        ehr = ehr_at(f"{server.url}/fhir", sign_in="oidc", issuer=f"{server.url}/realm")
        providers.of(ehr)
        providers.of(ehr)

        assert len(server.asked) == 1


@pytest.mark.parametrize("issuer", [None, "", "https://other.example/realm", "/realm", 7])
def test_document_of_another_issuer_is_refused(issuer: Any) -> None:
    """Discovery 4.3: it must be the very issuer that was asked."""
    with pytest.raises(SignInRefused):
        read(issuer=issuer)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address", [None, "", "https://elsewhere.example/x", "http://127.0.0.1:1/x", "//x", "javascript:x"]
)
def test_address_that_is_not_on_a_listed_origin_is_refused(name: str, address: str | None) -> None:
    with pytest.raises(SignInRefused):
        read(**{name: address})


@pytest.mark.parametrize("address", [None, "https://elsewhere.example/logout", "javascript:alert(1)"])
def test_way_to_sign_out_elsewhere_is_not_offered(address: str | None) -> None:
    assert read(end_session_endpoint=address)[0].end_session_endpoint == ""


def test_keys_of_the_settings_go_before_those_of_the_document() -> None:
    with FarSide(lambda _: Reply(500)) as keys:
        settings = {"jwks_uri": f"{keys.url}/keys", "endpoint_origins": (keys.url,)}
        with pytest.raises(SightlineError):
            read(settings=settings)


def test_provider_that_does_not_speak_of_pkce_is_taken_one_that_lacks_s256_is_not() -> None:
    assert read(code_challenge_methods_supported=None)[0].end_session_endpoint
    for methods in ([], ["plain"]):
        with pytest.raises(SignInRefused):
            read(code_challenge_methods_supported=methods)


def test_provider_that_says_its_name_in_every_answer_is_known_to() -> None:
    assert read(authorization_response_iss_parameter_supported=True)[0].configuration.names_itself


@pytest.mark.parametrize("reply", [HTML, as_json([]), as_json(7), Reply(body=b"{"), Reply(body=b"[" * 50_000)])
def test_document_that_is_none_is_refused(reply: Reply) -> None:
    with pytest.raises(SightlineError):
        read(reply)


@pytest.mark.parametrize("reply", [Reply(404), Reply(500), Reply(302, headers={"Location": "/x"}), Reply(wait=2)])
def test_provider_that_does_not_answer_is_a_failure(reply: Reply) -> None:
    with pytest.raises(SourceError):
        read(reply)
