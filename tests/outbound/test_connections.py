"""Connections: only to addresses that were looked at, only to servers that are believed, through no proxy of chance."""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from sightline.errors import SourceError, SourceSlow, SourceUnreachable
from sightline.outbound import Door
from tests.certificates import Authority
from tests.far_side import FarSide, Reply, resolve, seconds_since, unused_origin
from tests.outbound.asking import LIMIT
from tests.outbound.connect_proxy import ConnectProxy

GOOD = Reply(body=b"good")
EHR = "ehr.hospital.example"
TEN = (ip_network("10.0.0.0/8"),)


def good(door: Door, origin: str, **more: Any) -> bool:
    return door.send("GET", f"{origin}/x", origins=(origin,), **more).body == b"good"


def at(patch: pytest.MonkeyPatch, address: str) -> None:
    """Has every connected socket say that the far side is at this address."""
    patch.setattr(socket.socket, "getpeername", lambda _: (address, 443))


# Whom a name leads to


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_name_that_leads_to_this_machine_is_not_spoken_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve(monkeypatch, EHR, "127.0.0.1")
    at(monkeypatch, address)
    with FarSide(lambda _: GOOD) as server:
        with pytest.raises(SourceUnreachable, match=re.escape(address)):
            good(Door(2, LIMIT), server.url_at(EHR), networks=TEN, headers={"Authorization": "Bearer t0ken"})

        assert server.asked == []


def test_machine_itself_is_spoken_to_where_its_own_address_is_configured() -> None:
    with FarSide(lambda _: GOOD) as server:
        assert good(Door(2, LIMIT), server.url)
        assert good(Door(2, LIMIT), server.url_at("localhost"))


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", EHR])
def test_name_that_leads_to_a_private_network_is_spoken_to_only_where_it_is_listed(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    resolve(monkeypatch, EHR, "127.0.0.1")
    at(monkeypatch, "10.1.2.3")
    with FarSide(lambda _: GOOD) as server:
        assert good(Door(2, LIMIT), server.url_at(name), networks=TEN)
        for networks in ((), (ip_network("10.2.0.0/16"),)):
            with pytest.raises(SourceUnreachable, match=r"10\.1\.2\.3"):
                good(Door(2, LIMIT), server.url_at(name), networks=networks)

        assert len(server.asked) == 1


def test_kept_connection_of_one_ehr_does_not_serve_another_with_a_stricter_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(monkeypatch, "10.1.2.3")
    with FarSide(lambda _: GOOD) as server:
        door = Door(2, LIMIT)
        assert good(door, server.url, networks=TEN)
        assert good(door, server.url, networks=TEN)
        assert server.connections == 1
        with pytest.raises(SourceUnreachable):
            good(door, server.url)

        assert len(server.asked) == 2


def test_name_that_changes_its_address_is_looked_at_with_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, EHR, "127.0.0.1")
    with FarSide(lambda _: Reply(body=b"good", headers={"Connection": "close"})) as server:
        door = Door(2, LIMIT)
        with monkeypatch.context() as global_at_first:
            at(global_at_first, "8.8.8.8")
            assert good(door, server.url_at(EHR))
        with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1"):
            good(door, server.url_at(EHR))

        assert len(server.asked) == 1


def test_credentials_of_a_cloud_machine_are_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "169.254.169.254")
    with FarSide(lambda _: GOOD) as server:
        for networks in ((), TEN, (ip_network("169.254.0.0/16"),)):
            with pytest.raises(SourceUnreachable):
                good(Door(2, LIMIT), server.url, networks=networks)

        assert server.asked == []


def test_refusal_of_an_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "10.1.2.3")
    with FarSide(lambda _: GOOD) as server:
        with pytest.raises(SourceUnreachable):
            good(Door(2, LIMIT), server.url)

        assert server.connections <= 1


def test_name_without_an_address_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, EHR)
    for host in (EHR, "no-such-host.invalid", "a..b", "x" * 70 + ".example"):
        with pytest.raises(SourceError):
            good(Door(2, LIMIT), f"https://{host}")


def test_second_address_of_a_name_is_tried_where_the_first_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "localhost", "127.0.0.9", "127.0.0.1")
    with FarSide(lambda _: GOOD) as server:
        assert good(Door(2, LIMIT), server.url_at("localhost"))


def test_addresses_that_swallow_everything_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "localhost", *["127.0.0.1"] * 6)
    with socket.socket() as hole, socket.socket() as filling:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        filling.connect(hole.getsockname())  # from here on nobody else gets in
        begin = time.monotonic()
        with pytest.raises(SourceSlow):
            good(Door(1, LIMIT), f"http://localhost:{hole.getsockname()[1]}")

    assert seconds_since(begin) < 2


def test_name_that_is_resolved_too_late_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    known = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *facts, **more: time.sleep(1.5) or known(*facts, **more))
    with FarSide(lambda _: GOOD) as server:
        begin = time.monotonic()
        with pytest.raises(SourceSlow):
            good(Door(0.4, LIMIT), server.url_at("localhost"))

        assert seconds_since(begin) < 1.2


def test_resolving_and_handshake_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    known = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *facts, **more: time.sleep(1) or known(*facts, **more))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        with pytest.raises(SourceSlow):
            good(Door(1.5, LIMIT), f"https://127.0.0.1:{silent.getsockname()[1]}")

    assert seconds_since(begin) < 2.2


# Whom TLS believes


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("North Hospital CA")


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.pem)
    return file


def test_server_is_believed_where_its_authority_is_listed(authority: Authority, ca_file: Path) -> None:
    with FarSide(lambda _: GOOD, authority.server("127.0.0.1")) as server:
        assert good(Door(2, LIMIT, ca_file=ca_file), server.url)


def test_answer_over_tls_has_its_deadline_too(authority: Authority, ca_file: Path) -> None:
    begin = time.monotonic()
    drips = Reply(body=b"x" * 100, drip=0.05)
    with FarSide(lambda _: drips, authority.server("127.0.0.1")) as server, pytest.raises(SourceSlow):
        good(Door(0.5, LIMIT, ca_file=ca_file), server.url)

    assert seconds_since(begin) < 2


def test_server_of_another_authority_is_not_believed(authority: Authority, ca_file: Path) -> None:
    namesake = Authority("North Hospital CA")
    for signed_by, door in ((authority, Door(2, LIMIT)), (namesake, Door(2, LIMIT, ca_file=ca_file))):
        with FarSide(lambda _: GOOD, signed_by.server("127.0.0.1")) as server:
            with pytest.raises(SourceUnreachable, match="not believed"):
                good(door, server.url)

            assert server.asked == []


@pytest.mark.parametrize(
    ("names", "days", "said"),
    [
        (("localhost",), 30, "IP address mismatch"),
        (("127.0.0.2", "ehr.hospital.example"), 30, "IP address mismatch"),
        (("127.0.0.1",), -1, "expired"),
    ],
)
def test_certificate_of_another_host_or_time_is_not_believed(
    authority: Authority, ca_file: Path, names: tuple[str, ...], days: int, said: str
) -> None:
    with FarSide(lambda _: GOOD, authority.server(*names, days=days)) as server:
        with pytest.raises(SourceUnreachable, match=said):
            good(Door(2, LIMIT, ca_file=ca_file), server.url, headers={"Authorization": "Bearer t0ken"})

        assert server.asked == []


def test_one_context_serves_the_whole_process_and_is_never_switched_off(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, ca_file: Path
) -> None:
    used: list[ssl.SSLContext] = []
    known = ssl.SSLContext.wrap_socket

    def wrap(context: ssl.SSLContext, *facts: Any, **more: Any) -> ssl.SSLSocket:
        used.extend([context] if "server_hostname" in more else [])
        return known(context, *facts, **more)

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    door = Door(2, LIMIT, ca_file=ca_file)
    for name in ("127.0.0.1", "localhost"):
        with FarSide(lambda _: GOOD, authority.server(name)) as server:
            good(door, server.url_at(name))

    one, other = used
    assert one is other
    assert (one.verify_mode, one.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert one.minimum_version >= ssl.TLSVersion.TLSv1_2


# Proxies


@pytest.fixture
def tls_server(authority: Authority) -> Iterator[FarSide]:
    with FarSide(lambda _: GOOD, authority.server(EHR, "127.0.0.1")) as server:
        yield server


def test_proxy_carries_tls_to_the_server_and_sees_nothing_of_it(tls_server: FarSide, ca_file: Path) -> None:
    with ConnectProxy() as proxy:
        door, origin = Door(2, LIMIT, proxy=proxy.url, ca_file=ca_file), tls_server.url_at(EHR)

        assert good(door, origin, headers={"Authorization": "Bearer t0ken"})
        assert good(door, origin, headers={"Authorization": "Bearer t0ken"})
        (head,) = proxy.asked  # one tunnel, kept
    assert head.startswith(f"CONNECT {origin.removeprefix('https://')} HTTP/1.".encode())
    assert b"t0ken" not in head
    assert [asked.headers["Authorization"] for asked in tls_server.asked] == ["Bearer t0ken"] * 2


def test_server_behind_a_proxy_must_be_believed_as_well(tls_server: FarSide, ca_file: Path) -> None:
    with ConnectProxy() as proxy, pytest.raises(SourceUnreachable, match="Hostname mismatch"):
        good(Door(2, LIMIT, proxy=proxy.url, ca_file=ca_file), tls_server.url_at("other.hospital.example"))

    assert tls_server.asked == []


@pytest.mark.parametrize("status", ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"])
def test_proxy_that_refuses_is_a_server_that_cannot_be_reached(tls_server: FarSide, ca_file: Path, status: str) -> None:
    with ConnectProxy(status) as proxy, pytest.raises(SourceUnreachable):
        good(Door(2, LIMIT, proxy=proxy.url, ca_file=ca_file), tls_server.url_at(EHR))


def test_proxy_that_is_not_there_is_not_gone_around(tls_server: FarSide, ca_file: Path) -> None:
    with pytest.raises(SourceUnreachable):
        good(Door(2, LIMIT, proxy=unused_origin(), ca_file=ca_file), tls_server.url_at(EHR))

    assert tls_server.asked == []


def test_machine_itself_is_asked_without_the_proxy(tls_server: FarSide, ca_file: Path) -> None:
    with ConnectProxy() as proxy, FarSide(lambda _: GOOD) as plain:
        door = Door(2, LIMIT, proxy=proxy.url, ca_file=ca_file)

        assert good(door, tls_server.url)
        assert good(door, plain.url)
        assert good(door, plain.url_at("localhost"))
        assert proxy.asked == []


def test_proxy_may_stand_on_any_private_network_but_nowhere_worse(
    monkeypatch: pytest.MonkeyPatch, tls_server: FarSide, ca_file: Path
) -> None:
    resolve(monkeypatch, "proxy.hospital.example", "127.0.0.1")
    with ConnectProxy() as proxy:
        door = Door(2, LIMIT, proxy=f"http://proxy.hospital.example:{proxy.port}", ca_file=ca_file)
        with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1"):
            good(door, tls_server.url_at(EHR))
        with monkeypatch.context() as elsewhere, pytest.raises(SourceUnreachable, match=r"169\.254\.1\.1"):
            at(elsewhere, "169.254.1.1")
            good(door, tls_server.url_at(EHR))
        assert proxy.asked == []
        at(monkeypatch, "192.168.7.7")

        assert good(door, tls_server.url_at(EHR))


@pytest.mark.parametrize(
    "variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
)
def test_proxy_that_the_environment_names_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tls_server: FarSide, ca_file: Path, variable: str
) -> None:
    for no in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(no, raising=False)
    monkeypatch.setenv(variable, unused_origin())
    with FarSide(lambda _: GOOD) as plain:
        assert good(Door(2, LIMIT), plain.url)
        assert good(Door(2, LIMIT, ca_file=ca_file), tls_server.url)
