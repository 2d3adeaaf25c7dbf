"""Bytes to one server over TLS: who it is, who we are, and that they count only when its end has read them."""

import ssl
import time
from datetime import timedelta
from pathlib import Path

import pytest

from sightline.tls_stream import TlsServer, send
from tests.syslog_server import SyslogServer
from tests.throw_away_ca import ThrowAwayCa


@pytest.fixture
def ca(tmp_path: Path) -> ThrowAwayCa:
    return ThrowAwayCa(tmp_path)


def test_what_is_sent_has_been_read_when_send_returns(ca: ThrowAwayCa) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1")) as server:
        send(TlsServer("127.0.0.1", server.port, ca.file), b"5 first6 second", 5)
        assert server.messages == [b"first", b"second"]


def test_server_that_closes_without_a_word_has_read_it_too(ca: ThrowAwayCa) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1"), closes_without_notice=True) as server:
        send(TlsServer("127.0.0.1", server.port, ca.file), b"5 first", 5)
        assert server.messages == [b"first"]


def test_more_than_any_buffer_holds_arrives_whole(ca: ThrowAwayCa) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1")) as server:
        send(TlsServer("127.0.0.1", server.port, ca.file), b"9000000 " + b"x" * 9_000_000, 20)
        assert [len(message) for message in server.messages] == [9_000_000]


def test_connection_that_is_reset_is_an_error_although_every_byte_had_left(ca: ThrowAwayCa) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1"), resets=1) as server:
        with pytest.raises(OSError):
            send(TlsServer("127.0.0.1", server.port, ca.file), b"5 first", 5)
        assert not server.messages


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("size", [1, 5_000])
def test_server_that_hangs_up_when_it_sees_who_we_are_has_read_nothing(
    ca: ThrowAwayCa, version: ssl.TLSVersion, size: int
) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1"), hangs_up=True, newest_tls=version) as server:
        for _ in range(5):
            with pytest.raises(OSError):
                send(TlsServer("127.0.0.1", server.port, ca.file), b"x" * size, 5)


@pytest.mark.parametrize("size", [5, 20_000_000])
def test_server_that_reads_nothing_is_an_error_at_the_deadline(ca: ThrowAwayCa, size: int) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1"), stuck=True) as server:
        begin = time.monotonic()
        with pytest.raises(OSError):
            send(TlsServer("127.0.0.1", server.port, ca.file), b"x" * size, 1)
        assert time.monotonic() - begin < 3


def test_server_of_another_authority_is_sent_nothing(ca: ThrowAwayCa, tmp_path: Path) -> None:
    stranger = ThrowAwayCa(tmp_path / "other", "other")
    with SyslogServer(stranger.certificate_for("127.0.0.1")) as server:
        for ca_file in (ca.file, None):
            with pytest.raises(ssl.SSLCertVerificationError):
                send(TlsServer("127.0.0.1", server.port, ca_file), b"5 first", 5)
        assert not server.messages


@pytest.mark.parametrize(("host", "good_for"), [("127.0.0.2", timedelta(days=1)), ("127.0.0.1", timedelta(days=-1))])
def test_certificate_of_another_host_or_another_time_is_refused(
    ca: ThrowAwayCa, host: str, good_for: timedelta
) -> None:
    with SyslogServer(ca.certificate_for(host, good_for=good_for)) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            send(TlsServer("127.0.0.1", server.port, ca.file), b"5 first", 5)
        assert not server.messages


def test_server_that_asks_who_we_are_is_told_and_refuses_who_does_not_say(ca: ThrowAwayCa) -> None:
    own = ca.certificate_for("sightline.example")
    with SyslogServer(ca.certificate_for("127.0.0.1"), client_ca=ca.file) as server:
        send(TlsServer("127.0.0.1", server.port, ca.file, own.certificate, own.key), b"5 first", 5)
        with pytest.raises(OSError):
            send(TlsServer("127.0.0.1", server.port, ca.file), b"6 second", 5)
        assert server.messages == [b"first"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2])
def test_older_tls_that_is_still_allowed_is_spoken(ca: ThrowAwayCa, version: ssl.TLSVersion) -> None:
    with SyslogServer(ca.certificate_for("127.0.0.1"), newest_tls=version) as server:
        send(TlsServer("127.0.0.1", server.port, ca.file), b"5 first", 5)
        assert server.messages == [b"first"]


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(ConnectionRefusedError):
        send(TlsServer("127.0.0.1", 9), b"5 first", 5)
