"""A real Redis or Valkey server of a test's own: a free port of the loopback, a folder of its own, gone at the end.

With SKIP_REDIS set such tests are skipped; without it and without a server they fail.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tests.conftest import free_ports

NAMES = ("redis-server", "valkey-server")
START_SECONDS = 20.0


@dataclass
class RedisServer:
    """A server that keeps everything in files as it comes, so that a test can look at what is written there."""

    folder: Path
    port: int
    arguments: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        command = [_program(), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "", "--appendonly", "yes"]
        command += ["--appendfsync", "always", *(self.arguments or ("--port", str(self.port)))]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._wait_until_answering()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def save(self) -> None:
        """Has all rows written into an RDB file too, beside the log of what was written."""
        with redis.Redis.from_url(self.url) as client:
            client.save()

    def clear(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _wait_until_answering(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        pytest.fail(f"the server did not start: {(self.folder / 'log').read_text()}")


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[RedisServer]:
    """A started server; `arguments` take the place of `--port`, {port} in them is the port."""
    (port,) = free_ports(1)
    server = RedisServer(folder, port, tuple(argument.format(port=port) for argument in arguments))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _program() -> str:
    if os.environ.get("SKIP_REDIS"):
        pytest.skip("SKIP_REDIS is set: not tested against a real Redis")
    path = os.environ.get("REDIS_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(f"no Redis: none of {', '.join(NAMES)} is installed, and REDIS_PATH names none")
    return path
