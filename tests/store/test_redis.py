"""What is Redis's own: a server that hangs, restarts, wants a password or speaks TLS, and a clock that is not ours."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from sightline.errors import StoreUnavailable
from sightline.store.redis import RedisStore
from tests.redis_server import RedisServer, running
from tests.store.conftest import Address


def soon() -> float:
    return time.time() + 60


@pytest.fixture
def store(redis_address: Address) -> RedisStore:
    return RedisStore(redis_address.place)


@pytest.fixture
def server(redis_address: Address) -> Iterator["redis.Redis[bytes]"]:
    """Another client of the same server."""
    with redis.Redis.from_url(redis_address.place) as client:
        yield client


def read(store: RedisStore, key: str) -> bytes | None:
    found = store.get(key)
    return found[0] if found else None


def test_server_that_hangs_is_given_up_within_seconds(store: RedisStore, redis_server: RedisServer) -> None:
    store.put("a", b"x", soon())
    began = time.monotonic()
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable):
            store.get("a")
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    assert time.monotonic() - began < 8
    assert read(store, "a") == b"x"


def test_rows_outlive_a_restart_of_the_server(store: RedisStore, redis_server: RedisServer) -> None:
    store.put("a", b"x", soon())

    redis_server.stop()
    redis_server.start()

    assert read(store, "a") == b"x"


def test_connection_that_the_server_closed_is_made_anew(store: RedisStore, server: "redis.Redis[bytes]") -> None:
    store.put("a", b"x", soon())
    server.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    assert read(store, "a") == b"x"


def test_clock_of_the_server_does_not_matter(
    store: RedisStore, server: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + 86400)
    store.put("a", b"x", soon())

    assert read(store, "a") == b"x"
    assert 55_000 < server.pttl("sightline:a") <= 60_000


def test_row_is_dead_when_our_clock_says_so(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"x", soon())
    store.put("b", b"x", soon())
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + 61)

    assert store.get("a") is None
    assert store.take("b") is None


def test_server_clears_every_row_and_count_away_by_itself(store: RedisStore, server: "redis.Redis[bytes]") -> None:
    store.put("put", b"x", soon())
    store.add("added", b"x", soon())
    store.put("kept longer", b"x", soon())
    store.keep_until("kept longer", time.time() + 600)
    store.keep_until("never there", soon())
    store.count("counted", 60)

    left = {key.decode(): server.pttl(key) for key in server.scan_iter()}

    assert left.keys() == {f"sightline:{key}" for key in ("put", "added", "kept longer", "count:counted")}
    assert 590_000 < left.pop("sightline:kept longer") <= 600_000
    assert all(0 < milliseconds <= 60_000 for milliseconds in left.values())


def test_what_is_not_ours_stays(store: RedisStore, server: "redis.Redis[bytes]") -> None:
    server.set("somebody else's:a", "y")
    store.put("chart:a", b"x", soon())

    store.delete_all(":a")

    assert list(server.scan_iter()) == [b"somebody else's:a"]


def test_full_server_says_so(store: RedisStore, server: "redis.Redis[bytes]") -> None:
    server.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="OutOfMemoryError"):
            store.put("a", b"x", soon())
    finally:
        server.config_set("maxmemory", "0")


def test_password_opens_the_server_and_a_wrong_one_is_not_told(tmp_path: Path) -> None:
    with running(tmp_path, "--port", "{port}", "--requirepass", "geheim") as locked:
        address = f"127.0.0.1:{locked.port}"
        RedisStore(f"redis://:geheim@{address}").put("a", b"x", soon())
        for url in (f"redis://:falsch@{address}", f"redis://{address}"):
            with pytest.raises(StoreUnavailable) as refused:
                RedisStore(url).get("a")
            assert "falsch" not in str(refused.value)


def certificate(folder: Path, name: str, *arguments: str) -> None:
    """A key and a certificate that is good for a day."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
    command += ["-keyout", f"{name}.key", "-out", f"{name}.pem", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="this system has no openssl to make certificates with")
def test_server_is_spoken_to_by_tls_only_if_its_certificate_is_right(tmp_path: Path) -> None:
    certificate(tmp_path, "hospital", "-addext", "subjectAltName=IP:127.0.0.1")
    certificate(tmp_path, "stranger", "-addext", "subjectAltName=IP:127.0.0.1")
    certificate(tmp_path, "elsewhere", "-addext", "subjectAltName=DNS:elsewhere.example")
    tls = ["--port", "0", "--tls-port", "{port}", "--tls-auth-clients", "no"]
    for name, trusted, answers in (
        ("hospital", "hospital", True),
        ("hospital", "stranger", False),
        ("elsewhere", "elsewhere", False),
    ):
        files = ["--tls-cert-file", str(tmp_path / f"{name}.pem"), "--tls-key-file", str(tmp_path / f"{name}.key")]
        with running(tmp_path, *tls, *files) as server:
            url = f"rediss://127.0.0.1:{server.port}?ssl_ca_certs={tmp_path / trusted}.pem"
            if answers:
                RedisStore(url).put("a", b"x", soon())
                assert read(RedisStore(url), "a") == b"x"
            else:
                with pytest.raises(StoreUnavailable):
                    RedisStore(url).get("a")
