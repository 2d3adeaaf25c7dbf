"""Libraries that bring a session of their own go through the same door."""

import socket
from ipaddress import ip_network

import pytest
import requests

from sightline.errors import SourceFailed, SourceTooLarge, SourceUnreachable
from sightline.json_text import NotReadable
from sightline.outbound import Door, DoorAdapter
from tests.far_side import Asked, FarSide, Reply, as_json, unused_origin, zipped
from tests.outbound.asking import LIMIT, ZEROS


def test_library_with_a_session_of_its_own_goes_through_the_same_door() -> None:
    def answer(asked: Asked) -> Reply:
        return as_json({"method": asked.method, "form": asked.form}) if asked.path == "/token" else Reply(302, b"x")

    with FarSide(answer) as server:
        session = requests.Session()
        session.mount("http://", DoorAdapter(Door(1, LIMIT), (server.url,)))

        assert session.post(f"{server.url}/token", {"code": "a&b"}).json() == {
            "method": "POST",
            "form": {"code": "a&b"},
        }
        with pytest.raises(SourceFailed, match="redirect"):
            session.get(f"{server.url}/elsewhere")
        with pytest.raises(SourceFailed, match="refused to send"):
            session.get(unused_origin())


def session_to(server: FarSide) -> requests.Session:
    session = requests.Session()
    session.mount("http://", DoorAdapter(Door(2, LIMIT), (server.url,)))
    return session


def test_redirect_of_a_token_request_is_neither_followed_nor_read() -> None:
    with FarSide(lambda _: Reply(307, ZEROS, {"Location": "/elsewhere"})) as server:
        session = session_to(server)
        with pytest.raises(SourceFailed, match="redirect"):
            session.post(f"{server.url}/token", {"code": "c0de"})

        assert server.hung_up.wait(2)
        assert [asked.path for asked in server.asked] == ["/token"]


def test_small_answer_to_a_library_that_unpacks_into_a_huge_one_is_not_read_to_its_end() -> None:
    with FarSide(lambda _: zipped(ZEROS)) as server, pytest.raises(SourceTooLarge):
        session_to(server).get(server.url)


@pytest.mark.parametrize(
    "body", [b'{"patient":"ada","patient":"cleo"}', b'{"expires_in":NaN}', b'{"a":1e999}', b"\xff\xfe{\x00}\x00", b""]
)
def test_json_that_could_be_read_in_two_ways_is_not_given_to_a_library(body: bytes) -> None:
    with FarSide(lambda _: Reply(body=body)) as server, pytest.raises(NotReadable):
        session_to(server).get(server.url).json()


def test_proxy_that_the_environment_names_is_not_used_for_a_library_either(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, unused_origin())
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)

    with FarSide(lambda _: Reply(body=b"direct")) as server:
        assert session_to(server).get(server.url).content == b"direct"


def test_library_reaches_private_networks_only_where_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("10.1.2.3", 443))
    with FarSide(lambda _: Reply(body=b"private")) as server:
        session = requests.Session()
        session.mount("http://", DoorAdapter(Door(2, LIMIT), (server.url,), (ip_network("10.1.0.0/16"),)))

        assert session.get(server.url).content == b"private"
        with pytest.raises(SourceUnreachable):
            session_to(server).get(server.url)
