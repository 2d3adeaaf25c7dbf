"""[[archive]]: which archive, for whose patients, by which numbers, and how it lets us in. Mistakes end at the door."""

from pathlib import Path

import pytest

from sightline.auth.client_keys import jwks_with_new_key
from sightline.settings import ARCHIVE_AUTHORIZATIONS, ArchiveSettings, Mistake, Settings, SettingsError, load

ENVIRONMENT = {
    "SIGHTLINE_SECRET_KEY": "k" * 32,
    "SIGHTLINE_CLIENT_KEYS": jwks_with_new_key("ES384"),
    "SIGHTLINE_ARCHIVE_SOUTH_BEARER_TOKEN": "abc.DEF-123==",
    "SIGHTLINE_ARCHIVE_SOUTH_BASIC_USER": "sightline",
    "SIGHTLINE_ARCHIVE_SOUTH_BASIC_PASSWORD": "pass: word",
    "SIGHTLINE_EHR_OPEN_BEARER_TOKEN": "token",
    "SIGHTLINE_EHR_OPEN_CLIENT_SECRET": "secret",
}
HEAD = """\
public_url = "https://sightline.hospital.example"
site_name = "South Hospital"
time_zone = "Europe/Berlin"
[limits]
answer_seconds = 10
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "https://tower.hospital.example/IHEInvokeImageDisplay"
[[ehr]]
name = "wing"
title = "Wing EHR"
iss = "https://ehr.hospital.example/fhir"
client_id = "sightline"
client_authentication = "none"
frame_ancestors = []
[[ehr]]
name = "open"
title = "Open EHR"
iss = "https://open.hospital.example/fhir"
sign_in = "oidc"
authorization = "bearer"
client_id = "sightline"
issuer = "https://login.hospital.example"
frame_ancestors = []
"""
FACTS = {
    "name": '"south"',
    "title": '"South archive"',
    "address": '"https://pacs.hospital.example/dicom-web"',
    "authorization": '"none"',
    "ehrs": '["wing"]',
    "issuers": '{ "urn:oid:1.2.3" = "SOUTH" }',
}


def block(**changes: str) -> str:
    lines = (f"{key} = {value}\n" for key, value in (FACTS | changes).items() if value)
    return "[[archive]]\n" + "".join(lines)


def loaded(folder: Path, *blocks: str, **environment: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(HEAD + "".join(blocks), encoding="utf-8")
    return load(file, {name: value for name, value in (ENVIRONMENT | environment).items() if value})


def archive(folder: Path, **changes: str) -> ArchiveSettings:
    [only] = loaded(folder, block(**changes)).archives
    return only


def only_mistake(folder: Path, *blocks: str, **environment: str) -> Mistake:
    with pytest.raises(SettingsError) as refused:
        loaded(folder, *blocks, **environment)
    [mistake] = refused.value.mistakes
    return mistake


def line_of(folder: Path, words: str) -> int:
    lines = (folder / "config.toml").read_text(encoding="utf-8").split("\n")
    return next(nth for nth, line in reversed([*enumerate(lines, start=1)]) if words in line)


def test_without_a_block_there_is_no_archive(tmp_path: Path) -> None:
    assert loaded(tmp_path).archives == ()


def test_archive_that_says_only_what_it_must_has_defaults(tmp_path: Path) -> None:
    found = archive(tmp_path)

    assert found.wado_address == found.address == "https://pacs.hospital.example/dicom-web"
    assert found.issuers == (("urn:oid:1.2.3", "SOUTH"),)
    assert (found.case_sensitive, found.issuer_may_be_absent) == (True, False)
    assert (found.limits.answer_seconds, found.limits.list_seconds, found.limits.studies) == (10, 60, 10_000)


def test_archive_is_asked_for_studies_and_pictures_or_for_one_of_them(tmp_path: Path) -> None:
    assert archive(tmp_path).asked_for == {"studies", "pictures"}
    assert archive(tmp_path, asked_for='["pictures"]').asked_for == {"pictures"}


@pytest.mark.parametrize("asked_for", ["[]", '["reports"]', '"pictures"'])
def test_archive_that_is_asked_for_nothing_or_something_else_is_refused(tmp_path: Path, asked_for: str) -> None:
    assert only_mistake(tmp_path, block(asked_for=asked_for)).line == line_of(tmp_path, "asked_for")


def test_issuers_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    table = '[archive.issuers]\n"urn:oid:1.2.3" = "SOUTH"\n"urn:oid:4.5" = "NORTH"\n'

    [found] = loaded(tmp_path, block(issuers=""), table).archives

    assert found.issuers == (("urn:oid:1.2.3", "SOUTH"), ("urn:oid:4.5", "NORTH"))


def test_archive_serves_the_patients_of_the_ehrs_that_it_names(tmp_path: Path) -> None:
    settings = loaded(tmp_path, block(), block(name='"both"', title='"Both"', ehrs='["wing", "open"]'))
    wing, other = settings.ehrs

    assert [each.name for each in settings.archives_of(wing)] == ["south", "both"]
    assert [each.name for each in settings.archives_of(other)] == ["both"]


def test_addresses_for_searching_and_for_images_may_differ_and_lose_their_slash(tmp_path: Path) -> None:
    found = archive(tmp_path, address='"https://a.example/qido/"', wado_address='"https://b.example/wado/"')

    assert (found.address, found.wado_address) == ("https://a.example/qido", "https://b.example/wado")


def test_archive_may_cost_less_than_any_source_may(tmp_path: Path) -> None:
    found = archive(tmp_path, answer_seconds="2.5", studies="50")

    assert (found.limits.answer_seconds, found.limits.studies, found.limits.pages) == (2.5, 50, 50)


@pytest.mark.parametrize(
    ("way", "expected"),
    [("bearer", ("abc.DEF-123==", "", "")), ("basic", ("", "sightline", "pass: word")), ("none", ("", "", ""))],
)
def test_secrets_come_from_the_environment(tmp_path: Path, way: str, expected: tuple[str, ...]) -> None:
    found = archive(tmp_path, authorization=f'"{way}"')

    assert (found.bearer_token, found.basic_user, found.basic_password) == expected
    assert "DEF" not in repr(found)
    assert "word" not in repr(found)


def test_own_token_needs_an_address_a_client_id_and_scopes(tmp_path: Path) -> None:
    backend = {"authorization": '"backend"', "token_endpoint": '"https://login.example/token"'}
    found = archive(tmp_path, **backend, backend_client_id='"us"', backend_scopes='["dicom.read"]')

    assert (found.token_endpoint, found.backend_scopes) == ("https://login.example/token", ("dicom.read",))
    mistake = only_mistake(tmp_path, block(**backend, backend_client_id='"us"'))
    assert mistake.what == 'authorization is "backend", but backend_scopes is empty'
    assert mistake.line == line_of(tmp_path, 'backend"')


@pytest.mark.parametrize("key", ["address", "authorization", "ehrs", "issuers", "title"])
def test_what_must_be_said_is_missed_with_its_line(tmp_path: Path, key: str) -> None:
    mistake = only_mistake(tmp_path, block(**{key: ""}))

    assert mistake.what == f"{key} is missing in [[archive]]"
    assert mistake.line == line_of(tmp_path, "[[archive]]")


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("address", '"http://pacs.example/dicom-web"', "address is not https"),
        ("address", '"https://pacs.example/studies?x=1"', "address has a query"),
        ("wado_address", '"pacs.example"', "wado_address is not a URL of http or https"),
        ("authorization", '"cookie"', "authorization is not known: 'cookie'"),
        ("ehrs", "[]", "ehrs is empty"),
        ("ehrs", '["wign"]', "ehrs names no [[ehr]]: 'wign'"),
        ("issuers", "{}", "issuers is empty"),
        ("issuers", '["SOUTH"]', "issuers is not a table in braces"),
        ("issuers", '{ "" = "SOUTH" }', "issuers has '', which is empty"),
        ("issuers", '{ "urn:oid:1.2.3" = "*" }', "issuers has 'urn:oid:1.2.3', which is no issuer of patient numbers"),
        ("case_sensitive", '"no"', "case_sensitive is neither true nor false"),
        ("private_networks", '["8.8.8.0/24"]', "item 1 of private_networks is not private"),
        ("answer_seconds", "11", "answer_seconds is more than that of [limits], which holds for every source"),
        ("studies", "-1", "studies is out of range"),
        ("token_endpoint", '"https://login.example/token"', 'token_endpoint is set, but authorization is "none"'),
        ("title", '"Wing EHR"', "title is the same as in line 13, so that nobody could tell the two apart"),
    ],
)
def test_mistake_is_refused_at_its_line(tmp_path: Path, key: str, value: str, what: str) -> None:
    mistake = only_mistake(tmp_path, block(**{key: value}))

    assert mistake.what == what
    assert mistake.line == line_of(tmp_path, f"{key} = ")


def test_charts_token_is_lent_to_the_archive_of_one_ehr_only(tmp_path: Path) -> None:
    assert archive(tmp_path, authorization='"smart"').authorization == "smart"

    third = HEAD[HEAD.index("[[ehr]]") : HEAD.index('[[ehr]]\nname = "open"')]
    third = third.replace("wing", "third").replace("https://ehr.", "https://third.")
    several = only_mistake(tmp_path, third, block(authorization='"smart"', ehrs='["wing", "third"]'))
    assert several.what.endswith("lends the archive the token of one EHR, but ehrs names several")
    assert several.line == line_of(tmp_path, "ehrs = ")


def test_chart_without_a_launch_has_no_token_to_lend(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, block(authorization='"smart"', ehrs='["open"]'))

    assert mistake.what == "authorization is \"smart\", but charts of 'open' have no token of a launch"


def test_two_archives_have_two_names_and_two_titles(tmp_path: Path) -> None:
    twins = only_mistake(tmp_path, block(), block(title='"Other"'))
    namesakes = only_mistake(tmp_path, block(), block(name='"other"'))

    assert twins.what.startswith("name is the same as in line")
    assert namesakes.what.startswith("title is the same as in line")


@pytest.mark.parametrize("key", ["bearer_token", "basic_password"])
def test_secret_in_the_file_is_sent_to_the_environment(tmp_path: Path, key: str) -> None:
    mistake = only_mistake(tmp_path, block(**{key: '"s3cret"'}))

    assert mistake.what == f"{key} stands in the file, but secrets never do"
    assert mistake.instead == f"the environment variable SIGHTLINE_ARCHIVE_SOUTH_{key.upper()}"


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_secret_that_is_missing_is_named(tmp_path: Path, way: str) -> None:
    missing = {name: "" for name in ENVIRONMENT if name.startswith("SIGHTLINE_ARCHIVE")}
    with pytest.raises(SettingsError, match=f"SIGHTLINE_ARCHIVE_SOUTH_{way.upper()}"):
        loaded(tmp_path, block(authorization=f'"{way}"'), **missing)


@pytest.mark.parametrize("way", ARCHIVE_AUTHORIZATIONS)
def test_every_way_in_can_be_configured(tmp_path: Path, way: str) -> None:
    keys = {"token_endpoint": '"https://a.example/t"', "backend_client_id": '"us"', "backend_scopes": '["r"]'}

    assert archive(tmp_path, authorization=f'"{way}"', **(keys if way == "backend" else {})).authorization == way
