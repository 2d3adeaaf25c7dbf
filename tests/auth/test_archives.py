"""What lets Sightline in at an archive: its own permission, or the token of the chart that the archive belongs to."""

import base64

import pytest

from sightline.auth.archives import ARCHIVE_MODES
from sightline.auth.client_keys import jwks_with_new_key
from sightline.auth.servers import authorization_servers
from sightline.authorization import Authorization, FixedHeader
from sightline.errors import OwnAccessRefused, SignInEnded
from sightline.outbound import Door
from sightline.settings import ArchiveSettings
from tests.far_side import FarSide, Reply, archive_at, as_json

KEYS = jwks_with_new_key("ES384")
CHART = FixedHeader("Bearer t0ken-of-ada")


def way_in(archive: ArchiveSettings, of_chart: Authorization = CHART) -> Authorization:
    servers = authorization_servers(Door(1, 50_000), KEYS)
    return ARCHIVE_MODES[archive.authorization](servers, archive, of_chart)


class Renewable:
    """A chart's token that would be renewed, were it asked to."""

    covers_all = False

    def header(self) -> str:
        return "Bearer t0ken"

    def after_refusal(self, header: str) -> str:
        raise AssertionError("renewed for an archive's sake")


class Ended:
    """A chart whose grant has run out."""

    covers_all = True

    def header(self) -> str:
        raise SignInEnded("no grant")

    def after_refusal(self, header: str) -> str:
        return ""


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({"authorization": "none"}, ""),
        ({"authorization": "bearer", "bearer_token": "own"}, "Bearer own"),
        (
            {"authorization": "basic", "basic_user": "us", "basic_password": "pass"},
            f"Basic {base64.b64encode(b'us:pass').decode()}",
        ),
    ],
)
def test_permission_of_our_own_has_nothing_of_the_charts_token(settings: dict[str, str], header: str) -> None:
    found = way_in(archive_at("https://pacs.example", **settings))

    assert found.header() == header
    assert found.covers_all
    assert found.after_refusal(header) == ""


def test_charts_token_is_lent_only_to_an_archive_that_is_said_to_take_it() -> None:
    assert way_in(archive_at("https://pacs.example", authorization="smart")).header() == "Bearer t0ken-of-ada"


def test_refusal_by_an_archive_does_not_renew_the_charts_token() -> None:
    lent = way_in(archive_at("https://pacs.example", authorization="smart"), Renewable())

    assert lent.after_refusal("Bearer t0ken") == ""
    assert not lent.covers_all


def test_chart_whose_sign_in_has_ended_lends_nothing() -> None:
    with pytest.raises(SignInEnded):
        way_in(archive_at("https://pacs.example", authorization="smart"), Ended()).header()


def backend_archive(server: FarSide) -> ArchiveSettings:
    return archive_at(
        "https://pacs.example",
        authorization="backend",
        token_endpoint=f"{server.url}/token",
        backend_client_id="sightline-at-pacs",
        backend_scopes=("dicom.read",),
    )


def test_own_token_is_asked_for_at_the_address_of_the_settings_and_kept() -> None:
    with FarSide(lambda _: as_json({"access_token": "own", "token_type": "Bearer", "expires_in": 300})) as server:
        found = way_in(backend_archive(server))
        headers = {found.header(), found.header()}

    [asked] = server.asked
    assert headers == {"Bearer own"}
    assert (asked.path, asked.form["scope"], asked.form["grant_type"]) == ("/token", "dicom.read", "client_credentials")
    assert asked.form["client_assertion"].count(".") == 2
    assert found.after_refusal("Bearer own") == ""  # it was just given: another would be refused too


def test_refused_proof_is_not_the_users_fault() -> None:
    with FarSide(lambda _: as_json({"error": "invalid_client"}, 401)) as server, pytest.raises(OwnAccessRefused):
        way_in(backend_archive(server)).header()


def test_token_endpoint_that_fails_is_said() -> None:
    with FarSide(lambda _: Reply(500)) as server, pytest.raises(Exception, match="HTTP 500"):
        way_in(backend_archive(server)).header()
