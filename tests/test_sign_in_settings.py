"""The two axes of an EHR's block: who the user is, and how the FHIR server is asked. What makes no sense is refused."""

from pathlib import Path

import pytest

from sightline.auth.client_keys import jwks_with_new_key
from sightline.settings import AUTHORIZATIONS, SIGN_INS, EhrSettings, Mistake, Settings, SettingsError, load
from sightline.settings.sign_in import OIDC_SCOPES

ENVIRONMENT = {
    "SIGHTLINE_SECRET_KEY": "k" * 32,
    "SIGHTLINE_CLIENT_KEYS": jwks_with_new_key("ES384"),
    "SIGHTLINE_EHR_SOUTH_WING_CLIENT_SECRET": "provider secret",
    "SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN": "abc.DEF-123_~+/==",
    "SIGHTLINE_EHR_SOUTH_WING_BASIC_USER": "sightline",
    "SIGHTLINE_EHR_SOUTH_WING_BASIC_PASSWORD": "pass: word",
}
HEAD = """\
public_url = "{public_url}"
site_name = "South Hospital"
time_zone = "Europe/Berlin"
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "https://tower.hospital.example/IHEInvokeImageDisplay"
[[ehr]]
name = "south-wing"
title = "South Wing EHR"
iss = "https://ehr.hospital.example/fhir"
frame_ancestors = []
"""
OIDC = """\
sign_in = "oidc"
client_id = "sightline-client"
issuer = "https://login.hospital.example/realms/staff"
"""
BACKEND = 'authorization = "backend"\nbackend_client_id = "sightline-backend"\n'


def loaded(
    folder: Path, block: str, public_url: str = "https://sightline.hospital.example", **changes: str
) -> Settings:
    file = folder / "config.toml"
    file.write_text(HEAD.format(public_url=public_url) + block, encoding="utf-8")
    return load(file, {name: value for name, value in (ENVIRONMENT | changes).items() if value})


def ehr(folder: Path, block: str, public_url: str = "https://sightline.hospital.example") -> EhrSettings:
    [only] = loaded(folder, block, public_url).ehrs
    return only


def only_mistake(folder: Path, block: str, **how: str) -> Mistake:
    with pytest.raises(SettingsError) as refused:
        loaded(folder, block, **how)
    [mistake] = refused.value.mistakes
    return mistake


def test_ehr_that_says_nothing_is_launched_by_smart(tmp_path: Path) -> None:
    found = ehr(tmp_path, 'client_id = "sightline-client"\n')

    assert (found.sign_in, found.authorization) == ("smart", "smart")
    assert "launch" in found.scopes


def test_sign_in_at_a_provider_with_backend_services_has_all_it_needs(tmp_path: Path) -> None:
    found = ehr(tmp_path, OIDC + BACKEND)

    assert (found.sign_in, found.authorization) == ("oidc", "backend")
    assert (found.client_id, found.client_secret) == ("sightline-client", "provider secret")
    assert found.backend_client_id == "sightline-backend"
    assert found.backend_scopes == ("system/Patient.rs", "system/ImagingStudy.rs")


def test_providers_origin_is_listed_by_being_the_issuer(tmp_path: Path) -> None:
    found = ehr(tmp_path, OIDC + BACKEND + 'endpoint_origins = ["https://token.hospital.example"]\n')

    assert found.endpoint_origins == (
        "https://ehr.hospital.example",
        "https://login.hospital.example",
        "https://token.hospital.example",
    )


def test_provider_is_asked_for_no_scopes_of_a_launch(tmp_path: Path) -> None:
    assert ehr(tmp_path, OIDC + BACKEND).scopes == OIDC_SCOPES
    assert ehr(tmp_path, OIDC + BACKEND + 'scopes = ["openid", "groups"]\n').scopes == ("openid", "groups")


def test_token_of_a_bearer_server_comes_from_the_environment(tmp_path: Path) -> None:
    found = ehr(tmp_path, OIDC + 'authorization = "bearer"\n')

    assert found.bearer_token == "abc.DEF-123_~+/=="
    assert (found.basic_user, found.basic_password) == ("", "")
    assert "abc.DEF" not in repr(found)


def test_token_of_a_bearer_server_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    found = loaded(
        tmp_path,
        OIDC + 'authorization = "bearer"\n',
        SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN="",
        SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN_FILE=str(tmp_path / "token"),
    )

    assert found.ehrs[0].bearer_token == "from-a-file"


def test_user_and_password_of_a_basic_server_come_from_the_environment(tmp_path: Path) -> None:
    found = ehr(tmp_path, OIDC + 'authorization = "basic"\n')

    assert (found.basic_user, found.basic_password) == ("sightline", "pass: word")
    assert found.bearer_token == ""
    assert "pass: word" not in repr(found)


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_on_the_loopback_nobody_needs_to_sign_in(tmp_path: Path, public_url: str) -> None:
    found = ehr(tmp_path, 'sign_in = "none"\nauthorization = "none"\n', public_url)

    assert (found.sign_in, found.authorization) == ("none", "none")
    assert (found.client_id, found.client_secret) == ("", "")


@pytest.mark.parametrize("public_url", ["https://sightline.hospital.example", "https://127.0.0.1.hospital.example"])
def test_anywhere_else_somebody_must_sign_in(tmp_path: Path, public_url: str) -> None:
    mistake = only_mistake(tmp_path, 'sign_in = "none"\nauthorization = "none"\n', public_url=public_url)

    assert mistake.source == 'sign_in = "none"'
    assert mistake.what.startswith('sign_in is "none", but public_url is not on the loopback')


@pytest.mark.parametrize("way", sorted(set(AUTHORIZATIONS) - {"smart"}))
def test_launch_with_another_authorization_is_refused(tmp_path: Path, way: str) -> None:
    block = f'client_id = "x"\nbackend_client_id = "y"\nclient_authentication = "none"\nauthorization = "{way}"\n'
    mistake = only_mistake(tmp_path, block)

    assert mistake.source == f'authorization = "{way}"'
    assert mistake.what == f'authorization is "{way}", but sign_in is "smart": a launch brings its own token'


@pytest.mark.parametrize("way", sorted(set(SIGN_INS) - {"smart"}))
def test_sign_in_without_a_launch_needs_an_authorization_of_its_own(tmp_path: Path, way: str) -> None:
    block = OIDC.replace('"oidc"', f'"{way}"')
    mistake = only_mistake(tmp_path, block, public_url="http://127.0.0.1:8000")

    assert mistake.source == f'sign_in = "{way}"'
    assert "so no launch brings a token" in mistake.what
    assert mistake.instead == 'authorization = "backend", "bearer", "basic" or "none"'


@pytest.mark.parametrize(
    ("key", "value"), [("client_id", "sightline-client"), ("issuer", "https://login.hospital.example/realms/staff")]
)
def test_provider_without_client_or_issuer_is_refused(tmp_path: Path, key: str, value: str) -> None:
    line = f'{key} = "{value}"\n'
    missing = only_mistake(tmp_path, (OIDC + BACKEND).replace(line, ""))
    empty = only_mistake(tmp_path, (OIDC + BACKEND).replace(line, f'{key} = ""\n'))

    assert (missing.source, missing.what) == ("[[ehr]]", f"{key} is missing in [[ehr]]")
    assert (empty.source, empty.what) == (f'{key} = ""', f"{key} is empty")


def test_backend_services_without_a_key_to_sign_with_are_refused(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, OIDC + BACKEND, SIGHTLINE_CLIENT_KEYS="")

    assert mistake.source == 'authorization = "backend"'
    assert "SIGHTLINE_CLIENT_KEYS is not set" in mistake.what


def test_launch_without_a_client_is_refused(tmp_path: Path) -> None:
    assert only_mistake(tmp_path, "").what == "client_id is missing in [[ehr]]"


def test_backend_services_without_a_client_of_their_own_are_refused(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, OIDC + 'authorization = "backend"\n')

    assert mistake.what == "backend_client_id is missing in [[ehr]]"


@pytest.mark.parametrize(
    ("way", "variable"),
    [
        ("bearer", "SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN"),
        ("basic", "SIGHTLINE_EHR_SOUTH_WING_BASIC_USER"),
        ("basic", "SIGHTLINE_EHR_SOUTH_WING_BASIC_PASSWORD"),
    ],
)
def test_missing_permission_is_told_at_the_line_that_wants_it(tmp_path: Path, way: str, variable: str) -> None:
    mistake = only_mistake(tmp_path, OIDC + f'authorization = "{way}"\n', **{variable: ""})

    assert mistake.source == f'authorization = "{way}"'
    assert mistake.what == f"{variable} is not set"


@pytest.mark.parametrize(
    ("way", "variable", "value"),
    [
        ("bearer", "SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN", "two words"),
        ("bearer", "SIGHTLINE_EHR_SOUTH_WING_BEARER_TOKEN", "a\r\nX-Other: b"),
        ("basic", "SIGHTLINE_EHR_SOUTH_WING_BASIC_USER", "sight:line"),
        ("basic", "SIGHTLINE_EHR_SOUTH_WING_BASIC_PASSWORD", "a\nb"),
    ],
)
def test_permission_that_no_header_can_carry_is_refused_without_printing_it(
    tmp_path: Path, way: str, variable: str, value: str
) -> None:
    mistake = only_mistake(tmp_path, OIDC + f'authorization = "{way}"\n', **{variable: value})

    assert mistake.what == f"{variable} has signs that HTTP forbids there"
    assert value not in str(mistake)


@pytest.mark.parametrize("key", ["bearer_token", "basic_user", "basic_password", "client_secret"])
def test_permission_in_the_file_is_refused_without_printing_it(tmp_path: Path, key: str) -> None:
    mistake = only_mistake(tmp_path, OIDC + f'authorization = "none"\n{key} = "hidden-value"\n')

    assert mistake.what == f"{key} stands in the file, but secrets never do"
    assert mistake.instead == f"the environment variable SIGHTLINE_EHR_SOUTH_WING_{key.upper()}"
    assert key == "basic_user" or "hidden-value" not in str(mistake)


@pytest.mark.parametrize(("key", "value"), [("required_claim", "groups"), ("required_value", "imaging")])
def test_claim_without_its_value_would_let_everybody_in_and_is_refused(tmp_path: Path, key: str, value: str) -> None:
    mistake = only_mistake(tmp_path, OIDC + f'authorization = "none"\n{key} = "{value}"\n')

    assert mistake.what == f"{key} stands alone"


def test_claim_is_asked_of_providers_only(tmp_path: Path) -> None:
    block = 'client_id = "x"\nclient_authentication = "none"\nrequired_claim = "groups"\nrequired_value = "imaging"\n'

    assert only_mistake(tmp_path, block).what == 'required_claim asks for a claim, but sign_in is not "oidc"'


def test_one_server_may_be_launched_from_and_looked_up_in(tmp_path: Path) -> None:
    second = HEAD.partition("[[ehr]]")[2].replace("south-wing", "north-wing")
    block = f'{OIDC}authorization = "none"\n[[ehr]]{second}client_id = "x"\nclient_authentication = "none"\n'
    found = loaded(tmp_path, block)

    by_iss = found.ehr_by_iss("https://ehr.hospital.example/fhir")
    assert by_iss is not None
    assert by_iss.name == "north-wing"


def test_server_that_cannot_launch_is_not_found_by_a_launch(tmp_path: Path) -> None:
    found = loaded(tmp_path, OIDC + 'authorization = "none"\n')

    assert found.ehr_by_iss("https://ehr.hospital.example/fhir") is None
