"""What an EHR says of its authorization server is believed only as far as the settings allow."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sightline.auth.smart_configuration import Configurations, SmartConfiguration
from sightline.errors import LaunchRefused, SightlineError, SourceError, SourceFailed, SourceSlow
from sightline.outbound import Door
from sightline.settings import EhrSettings
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


def in_parts(well_known: Reply, metadata: Reply | None = None, openid: Reply | None = None) -> Callable[[Asked], Reply]:
    """An EHR by its three documents; those that are left out are not there."""

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/smart-configuration"):
            return well_known
        return (metadata if asked.path.endswith("/metadata") else openid) or Reply(404)

    return answer


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
    ],
)
def test_endpoint_on_an_origin_that_the_settings_do_not_list_is_refused(endpoint: str, address: str) -> None:
    with pytest.raises(LaunchRefused, match=endpoint):
        read(as_json({**STATED, endpoint: address}))


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint"])
def test_endpoint_that_is_not_named_is_refused(endpoint: str) -> None:
    with pytest.raises(LaunchRefused, match=f"names no {endpoint}"):
        read(as_json(without(endpoint)))


def without(*names: str, **more: Any) -> dict[str, Any]:
    """The document without these members."""
    return {name: value for name, value in STATED.items() if name not in names} | more


def read_of_issuer(openid: Callable[[str], Reply], **settings: Any) -> tuple[SmartConfiguration, list[Asked]]:
    """The configuration of an EHR that names no keys and is its own issuer, whose document `openid` gives."""
    with FarSide(lambda _: Reply(404)) as server:
        stated = without("jwks_uri", issuer=f"{server.url}/login")
        server.answer = in_parts(as_json(stated), openid=openid(server.url))
        return Configurations(Door(0.5, 100_000)).of(trusting(f"{server.url}/fhir", **settings)), server.asked


def test_keys_that_are_not_named_are_looked_up_at_the_issuer() -> None:
    configuration, asked = read_of_issuer(
        lambda url: as_json({"issuer": f"{url}/login", "jwks_uri": f"{url}/login/keys"})
    )

    assert configuration.jwks_uri == f"{configuration.issuer}/keys"
    assert [question.path for question in asked][1:] == ["/login/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "openid",
    [
        lambda _: Reply(404),
        lambda url: as_json({"issuer": f"{url}/login"}),
        lambda url: as_json({"jwks_uri": f"{url}/keys"}),
        lambda url: as_json({"issuer": f"{url}/login/", "jwks_uri": f"{url}/keys"}),
        lambda url: as_json({"issuer": "https://evil.example", "jwks_uri": f"{url}/keys"}),
    ],
)
def test_issuer_that_does_not_vouch_for_its_keys_leaves_the_sign_in_unchecked_and_refused(
    openid: Callable[[str], Reply],
) -> None:
    with pytest.raises(LaunchRefused, match="names no jwks_uri") as refusal:
        read_of_issuer(openid)
    assert refusal.value.sentence == "The EHR does not say how its sign-ins can be checked."


def test_keys_that_the_issuer_names_on_a_foreign_origin_are_refused() -> None:
    with pytest.raises(LaunchRefused, match="jwks_uri is on https://evil"):
        read_of_issuer(lambda url: as_json({"issuer": f"{url}/login", "jwks_uri": "https://evil.example/keys"}))


def test_issuer_that_is_down_is_the_sources_failure() -> None:
    with pytest.raises(SourceError, match="openid-configuration: HTTP 503"):
        read_of_issuer(lambda _: Reply(503))


def test_issuer_on_a_foreign_origin_is_not_asked() -> None:
    with FarSide(lambda _: as_json(without("jwks_uri", issuer="https://evil.example"))) as server:
        with pytest.raises(LaunchRefused, match="names no jwks_uri"):
            Configurations(Door(1, 10_000)).of(trusting(f"{server.url}/fhir"))

        assert len(server.asked) == 1


def test_without_an_issuer_no_launch_is_begun_unless_the_settings_name_one() -> None:
    with pytest.raises(LaunchRefused, match="set `issuer` for this EHR"):
        read(as_json(without("issuer")))

    assert read(as_json(without("issuer")), issuer="https://issuer.example")[0].issuer == "https://issuer.example"


OLD = {
    "resourceType": "Conformance",
    "rest": [
        {
            "security": {
                "extension": [
                    {
                        "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                        "extension": [
                            {"url": "authorize", "valueUri": f"{LOGIN}/authorize"},
                            {"url": "token", "valueUri": f"{LOGIN}/token"},
                        ],
                    }
                ]
            }
        }
    ],
}
OF_AN_OLD_EHR = {"issuer": LOGIN, "jwks_uri": f"{LOGIN}/keys"}


def read_of_old(
    instead: Reply, metadata: Reply | None = None, **settings: Any
) -> tuple[SmartConfiguration, list[Asked]]:
    with FarSide(in_parts(instead, metadata or as_json(OLD))) as server:
        return Configurations(Door(0.5, 100_000)).of(trusting(f"{server.url}/fhir/", **settings)), server.asked


@pytest.mark.parametrize("instead", [Reply(404), Reply(410), Reply(400), Reply(401), HTML, Reply(), as_json([])])
def test_old_server_is_believed_what_its_capability_statement_says(instead: Reply) -> None:
    configuration, asked = read_of_old(instead, **OF_AN_OLD_EHR)

    assert configuration == SmartConfiguration(f"{LOGIN}/authorize", f"{LOGIN}/token", LOGIN, f"{LOGIN}/keys")
    assert [question.path for question in asked] == ["/fhir/.well-known/smart-configuration", "/fhir/metadata"]
    assert asked[1].headers["Authorization"] is None


def test_old_server_signs_nobody_in_unless_the_settings_say_who_vouches_for_its_users() -> None:
    with pytest.raises(LaunchRefused, match="set `issuer`") as refusal:
        read_of_old(Reply(404))
    assert refusal.value.sentence == "The EHR does not say how its sign-ins can be checked."


def test_endpoint_of_an_old_server_on_a_foreign_origin_is_refused() -> None:
    evil = as_json(json.loads(json.dumps(OLD).replace(f"{LOGIN}/token", "https://evil.example/token")))
    with pytest.raises(LaunchRefused, match="token_endpoint is on https://evil"):
        read_of_old(Reply(404), evil, **OF_AN_OLD_EHR)


@pytest.mark.parametrize(
    ("metadata", "error", "words"),
    [
        (as_json({"resourceType": "CapabilityStatement"}), LaunchRefused, "metadata has no oauth-uris"),
        (HTML, LaunchRefused, "metadata is not readable"),
        (Reply(404), SourceError, "metadata: HTTP 404"),
        (Reply(500), SourceError, "metadata: HTTP 500"),
    ],
)
def test_server_that_says_nowhere_how_to_sign_in_is_refused_in_words(
    metadata: Reply, error: type[SightlineError], words: str
) -> None:
    with pytest.raises(error, match=f"smart-configuration: HTTP 404; {words}"):
        read_of_old(Reply(404), metadata, **OF_AN_OLD_EHR)


@pytest.mark.parametrize("instead", [Reply(500), Reply(503)])
def test_server_that_is_down_is_not_taken_for_an_old_one(instead: Reply) -> None:
    with FarSide(in_parts(instead, as_json(OLD))) as server:
        with pytest.raises(SourceError):
            Configurations(Door(1, 10_000)).of(trusting(f"{server.url}/fhir", **OF_AN_OLD_EHR))

        assert len(server.asked) == 1


def test_server_with_a_configuration_that_lacks_pkce_is_not_taken_for_an_old_one() -> None:
    answers = in_parts(as_json(without("code_challenge_methods_supported")), as_json(OLD))
    with FarSide(answers) as server, pytest.raises(LaunchRefused, match="PKCE"):
        Configurations(Door(1, 10_000)).of(trusting(f"{server.url}/fhir", **OF_AN_OLD_EHR))


def test_what_the_server_can_do_is_read() -> None:
    configuration, _ = read(
        as_json(
            {
                **STATED,
                "capabilities": ["permission-v1", "permission-v2"],
                "revocation_endpoint": f"{LOGIN}/revoke",
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["ES384"],
                "authorization_response_iss_parameter_supported": True,
            }
        )
    )

    assert configuration.scopes_version_2
    assert configuration.revocation_endpoint == f"{LOGIN}/revoke"
    assert configuration.authentication_methods == ("private_key_jwt",)
    assert configuration.assertion_algorithms == ("ES384",)
    assert configuration.names_itself


def test_members_that_are_null_count_as_left_out() -> None:
    optional = ["capabilities", "revocation_endpoint", "token_endpoint_auth_methods_supported"]

    assert read(as_json({**STATED, **dict.fromkeys(optional)}))[0] == read(as_json(without("capabilities")))[0]


@pytest.mark.parametrize(
    "address", ["https://evil.example/revoke", "http://login.hospital.example/revoke", "https://["]
)
def test_revocation_endpoint_that_is_not_listed_is_not_used_and_no_reason_to_refuse_a_launch(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(as_json({**STATED, "revocation_endpoint": address}))[0].revocation_endpoint == ""
    assert "north-wing: tokens will not be revoked: revocation_endpoint" in caplog.text


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
