"""The cookies' attributes, by which browsers decide whether a frame gets them: on the loopback's http, and on https."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from app import create_app
from sandbox import sightline_settings
from sandbox.application import record_system
from sightline.settings import load
from tests.conftest import free_ports, served
from tests.ehr_user import EhrUser

HTTPS = "https://sightline.example"


def attributes(header: str) -> tuple[str, str, dict[str, str]]:
    """Name, value and attributes of a Set-Cookie header, attribute names in small letters."""
    pair, *rest = header.split("; ")
    name, _, value = pair.partition("=")
    named = (item.partition("=") for item in rest)
    return name, value, {key.lower(): words for key, _, words in named}


def test_cookie_of_a_launch_on_http_has_a_name_of_its_own_and_ten_minutes(user: EhrUser) -> None:
    answer = user.is_sent_to_sign_in(user.launch_address("ada"))
    name, value, set_to = attributes(answer.headers["Set-Cookie"])
    assert name.startswith("launch-")
    assert len(value) == 43
    assert set_to.pop("expires")
    assert set_to == {"httponly": "", "path": "/", "samesite": "Lax", "max-age": "600"}


def test_mark_that_cookies_are_kept_says_nothing_and_ends_with_the_day(user: EhrUser) -> None:
    name, value, set_to = attributes(user.asks(user.launch_address("ada")).headers["Set-Cookie"])
    assert (name, value) == ("kept", "1")
    assert set_to.pop("expires")
    assert set_to == {"httponly": "", "path": "/", "samesite": "Lax", "max-age": "86400"}


def test_cookie_of_a_chart_on_http_is_for_its_own_address_only(user: EhrUser) -> None:
    answer = user.asks(user.comes_back_with(user.launch_address("ada")))
    (name, value, set_to), _ = map(attributes, answer.raw.headers.getlist("Set-Cookie"))
    assert (name, len(value)) == ("chart", 43)
    assert set_to.pop("expires")
    path = urlsplit(answer.headers["Location"]).path
    assert set_to == {"httponly": "", "path": path, "samesite": "Lax", "max-age": "900"}


def test_cookie_of_a_launch_is_gone_when_the_chart_is_open(user: EhrUser) -> None:
    launch, _, _ = attributes(user.is_sent_to_sign_in(user.launch_address("ada")).headers["Set-Cookie"])
    callback = user.comes_back_with(user.launch_address("ada"))
    _, (name, value, set_to) = map(attributes, user.asks(callback).raw.headers.getlist("Set-Cookie"))
    assert name.startswith("launch-")
    assert (value, set_to["path"], set_to["max-age"]) == ("", "/", "0")
    # The other launch under way in this browser keeps its own.
    assert [cookie.name for cookie in user.browser.cookies if cookie.name.startswith("launch-")] == [launch]


def test_cookie_lives_on_while_the_chart_is_used(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    name, value, set_to = attributes(page.headers["Set-Cookie"])
    assert (name, value) == ("chart", user.cookie("chart", f"/s/{page.chart_id}/"))
    assert set_to["max-age"] == "900"


@pytest.fixture
def https(tmp_path: Path) -> Iterator[tuple[FlaskClient, str]]:
    """A Sightline that browsers reach by https through a proxy, and the address of the hospital that launches it."""
    (port,) = free_ports(1)
    hospital_url = f"http://127.0.0.1:{port}"
    settings = tmp_path / "sightline.toml"
    settings.write_text(sightline_settings.toml(hospital_url, HTTPS, tmp_path))
    sightline = create_app(load(settings, sightline_settings.environment(tmp_path)))
    with served(record_system(hospital_url, HTTPS, ()), hospital_url):
        yield sightline.test_client(), hospital_url


def sent_back(client: FlaskClient, hospital_url: str) -> tuple[list[str], str]:
    """Goes through a sign-in: every Set-Cookie header on the way, and the address that the EHR sends the browser to."""
    launch = requests.get(f"{hospital_url}/launch-only/ada", allow_redirects=False, timeout=10).headers["Location"]
    bounced = client.get(launch, base_url=HTTPS)
    sent = client.get(bounced.headers["Location"], base_url=HTTPS)
    back = requests.get(sent.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    return [answer.headers["Set-Cookie"] for answer in (bounced, sent)], back


def launched(client: FlaskClient, hospital_url: str) -> tuple[list[str], str]:
    """Goes through a whole launch: every Set-Cookie header on the way, and the list's page."""
    cookies, back = sent_back(client, hospital_url)
    opened = client.get(back, base_url=HTTPS)
    page = client.get(opened.headers["Location"], base_url=HTTPS)
    return [*cookies, *(answer.headers["Set-Cookie"] for answer in (opened, page))], page.text


def test_cookies_on_https_reach_a_frame_on_another_site(https: tuple[FlaskClient, str]) -> None:
    cookies, page = launched(*https)
    assert "LINDQVIST" in page
    for header in cookies:
        _, _, set_to = attributes(header)
        assert set_to["samesite"] == "None"
        assert {"secure", "httponly", "partitioned"} <= set(set_to)
        assert "domain" not in set_to


def test_cookies_on_https_are_host_cookies_or_for_one_charts_path(https: tuple[FlaskClient, str]) -> None:
    """RFC 6265bis section 4.1.3: browsers take a `__Host-` cookie from no neighbour, and for the path "/" only."""
    mark, launch, *charts = (attributes(header) for header in launched(*https)[0])
    assert (mark[0], mark[2]["path"]) == ("__Host-kept", "/")
    assert launch[0].startswith("__Host-launch-")
    assert launch[2]["path"] == "/"
    for name, _, set_to in charts:
        assert name == "__Secure-chart"
        assert set_to["path"].startswith("/s/")
        assert set_to["path"].endswith("/")


@pytest.mark.parametrize("prefix", ["", "__Secure-"])
def test_key_of_a_launch_that_a_neighbour_could_have_set_opens_nothing(
    https: tuple[FlaskClient, str], prefix: str
) -> None:
    """A domain above ours can set any cookie here but a `__Host-` one; with it, its own sign-in."""
    client, hospital_url = https
    (_, cookie), back = sent_back(client, hospital_url)
    name, key, _ = attributes(cookie)
    stranger = client.application.test_client()
    stranger.set_cookie(name.replace("__Host-", prefix), key, domain="sightline.example", secure=True)
    assert stranger.get(back, base_url=HTTPS).status_code == 400
    assert client.get(back, base_url=HTTPS).status_code == 303


def test_https_is_asked_for_in_future_too(https: tuple[FlaskClient, str]) -> None:
    answer = https[0].get("/", base_url=HTTPS)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_plain_http_asks_for_no_https(user: EhrUser) -> None:
    assert "Strict-Transport-Security" not in user.visits("/").headers


def test_redirect_uri_on_https_is_the_public_one(https: tuple[FlaskClient, str]) -> None:
    client, hospital_url = https
    launch = requests.get(f"{hospital_url}/launch-only/ada", allow_redirects=False, timeout=10).headers["Location"]
    client.set_cookie("__Host-kept", "1", domain="10.0.0.7")
    # As behind a proxy that speaks plain http to us.
    sent = client.get(launch.removeprefix(HTTPS), base_url="http://10.0.0.7:8000")
    assert "redirect_uri=https%3A%2F%2Fsightline.example%2Fcallback%2Fr4&" in sent.headers["Location"]
