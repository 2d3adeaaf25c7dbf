"""What an EHR says of its authorization server is believed only as far as the settings allow."""

from typing import Any

import pytest

from sightline.auth.smart_configuration import Configurations, SmartConfiguration
from sightline.errors import LaunchRefused, SightlineError, SourceError, SourceFailed, SourceSlow
from sightline.outbound import Door
from sightline.settings import EhrSettings
from tests.any_json import read_in_two_ways
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at

LOGIN = "https://login.hospital.example"
STATED = {
    "authorization_endpoint": f"{LOGIN}/authorize",
    "token_endpoint": f"{LOGIN}/token",
    "issuer": LOGIN,
    "jwks_uri": f"{LOGIN}/keys",
    "code_challenge_methods_supported": ["S256"],
    "capabilities": ["launch-ehr"],
}


def read(reply: Reply, base: str = "/fhir/r4", **settings: Any) -> tuple[SmartConfiguration, list[Asked]]:
    with FarSide(lambda _: reply) as server:
        ehr = trusting(server.url + base, **settings)
        return Configurations(Door(0.5, 100_000)).of(ehr), server.asked


def trusting(iss: str, **settings: Any) -> EhrSettings:
    return ehr_at(iss, **{"endpoint_origins": (LOGIN, "/".join(iss.split("/")[:3])), **settings})


@pytest.mark.parametrize("base", ["/fhir/r4", "/fhir/r4/", ""])
def test_configuration_is_asked_for_below_the_fhir_base(base: str) -> None:
    configuration, asked = read(as_json(STATED), base)

    assert configuration == SmartConfiguration(f"{LOGIN}/authorize", f"{LOGIN}/token", LOGIN, f"{LOGIN}/keys")
    assert [question.target for question in asked] == [f"{base.rstrip('/')}/.well-known/smart-configuration"]
    assert asked[0].headers["Authorization"] is None


def test_relative_addresses_start_at_the_fhir_base() -> None:
    with FarSide(lambda _: as_json({**STATED, "token_endpoint": "auth/token", "jwks_uri": "/keys"})) as server:
        configuration = Configurations(Door(1, 10_000)).of(trusting(f"{server.url}/fhir/r4"))

        assert configuration.token_endpoint == f"{server.url}/fhir/r4/auth/token"
        assert configuration.jwks_uri == f"{server.url}/keys"


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "https://login.hospital.example.evil.example/x",
        "https://login.hospital.example:8443/x",
        "http://login.hospital.example/x",
        "https://login.hospital.example@evil.example/x",
        "https://evil.example\\@login.hospital.example/x",
        "https://evil.example\t@login.hospital.example/x",
        "//evil.example/x",
        "javascript:alert(1)",
        "https://[",
        "",
    ],
)
def test_endpoint_on_an_origin_that_the_settings_do_not_list_is_refused(endpoint: str, address: str) -> None:
    with pytest.raises(LaunchRefused, match=endpoint):
        read(as_json({**STATED, endpoint: address}))


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_endpoint_that_is_not_named_is_refused(endpoint: str) -> None:
    with pytest.raises(LaunchRefused, match=f"names no {endpoint}"):
        read(as_json({name: value for name, value in STATED.items() if name != endpoint}))


def test_issuer_and_keys_of_the_settings_stand_in_for_those_of_the_document() -> None:
    configuration, _ = read(
        as_json({**STATED, "issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"}),
        issuer="https://issuer.example",
        jwks_uri=f"{LOGIN}/own-keys",
    )

    assert (configuration.issuer, configuration.jwks_uri) == ("https://issuer.example", f"{LOGIN}/own-keys")


@pytest.mark.parametrize("methods", [[], ["plain"], ["s256"], None, "S256"])
def test_server_without_pkce_by_s256_is_refused(methods: Any) -> None:
    with pytest.raises(LaunchRefused):
        read(as_json({**STATED, "code_challenge_methods_supported": methods}))
    with pytest.raises(LaunchRefused):
        read(as_json({name: value for name, value in STATED.items() if "challenge" not in name}))


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        Reply(),
        as_json([]),
        as_json({**STATED, "token_endpoint": 7}),
        Reply(body=b"[" * 50_000),
        Reply(body=b'{"issuer":"\xff"}'),
        Reply(body=b'{"issuer":'),
        *[Reply(body=body) for body in read_in_two_ways(STATED, "token_endpoint", f"{LOGIN}/other")],
    ],
)
def test_document_that_is_not_readable_is_refused(reply: Reply) -> None:
    with pytest.raises(LaunchRefused, match="not readable"):
        read(reply)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(404), SourceError),
        (Reply(500), SourceError),
        (Reply(302, b"", {"Location": "https://evil.example"}), SourceFailed),
        (Reply(wait=9), SourceSlow),
        (Reply(silent=True), SourceError),
    ],
)
def test_document_that_cannot_be_had_is_the_sources_failure(reply: Reply, error: type[SightlineError]) -> None:
    with pytest.raises(error):
        read(reply)


def test_configuration_is_asked_for_once_and_a_failure_again() -> None:
    replies = [Reply(500), as_json(STATED)]
    with FarSide(lambda _: replies[0]) as server:
        configurations, ehr = Configurations(Door(1, 10_000)), trusting(f"{server.url}/fhir/r4")
        with pytest.raises(SourceError):
            configurations.of(ehr)
        replies.pop(0)

        assert configurations.of(ehr) is configurations.of(ehr)
        assert len(server.asked) == 2


def test_each_ehr_has_a_configuration_of_its_own() -> None:
    def answer(asked: Asked) -> Reply:
        return as_json({**STATED, "issuer": f"{LOGIN}/{asked.path.split('/')[2]}"})

    with FarSide(answer) as server:
        configurations = Configurations(Door(1, 10_000))
        ehrs = [trusting(f"{server.url}/fhir/{name}", name=name) for name in ("r4", "r5")]

        assert [configurations.of(ehr).issuer for ehr in ehrs] == [f"{LOGIN}/r4", f"{LOGIN}/r5"]
