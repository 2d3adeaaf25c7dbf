"""The whole house for a test: a real sandbox hospital and a real Sightline, speaking HTTP on the loopback.

`pair` starts both once for each test process; `browser` tests add a real Chromium. A test that needs other settings
starts a Sightline of its own with `sightline_with`.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings as properties
from werkzeug.serving import make_server

from app import create_app
from sandbox import sightline_settings
from sandbox.application import create_app as create_hospital
from sandbox.certificates import EHR_HOST, Certificates
from sightline.settings import Settings, load
from translations.catalogues import compile_all

ROOT = Path(__file__).parent.parent

# How long an example takes, and how many are thrown away before, says more of the machine and of luck than of the code.
properties.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
properties.load_profile("any machine")

compile_all()
PICTURES = Path(os.environ.get("SANDBOX_PICTURES", ROOT / "var" / "sandbox" / "pictures"))

LIMITS = (
    "launches_a_minute = 1000000\nanswer_seconds = 2\nlist_seconds = 6\npage_seconds = 20\n"
    "report_seconds = 1.5\npicture_seconds = 1.5\n"
)
"""Short waiting times; but a page waits for its list, so that on a busy machine too an answer has its own status."""


@dataclass(frozen=True)
class Pair:
    """A hospital and the Sightline that it launches; `data_folder` is where that Sightline keeps charts and trail."""

    hospital_url: str
    sightline_url: str
    data_folder: Path
    hospital: Flask
    sightline: Flask


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with started(tmp_path_factory.mktemp("pair")) as running:
        yield running


@pytest.fixture
def sightline_with(tmp_path: Path) -> Iterator[Callable[[Callable[[str], str]], Pair]]:
    """Gives a function that starts another pair, with the settings file changed by the function handed to it."""
    running = []

    def start(change: Callable[[str], str]) -> Pair:
        manager = started(tmp_path / str(len(running)), change)
        running.append(manager)
        return manager.__enter__()

    yield start
    for manager in running:
        manager.__exit__(None, None, None)


@contextmanager
def started(
    folder: Path,
    change: Callable[[str], str] = str,
    certificates: Certificates | None = None,
    environment: Mapping[str, str] | None = None,
    settled: Callable[[Settings], Settings] = lambda settings: settings,
) -> Iterator[Pair]:
    """A running pair whose settings are the sandbox's, with short waiting times, changed by `change`.

    With `certificates` both are on https, as two sites. `environment` has secrets besides; `settled` changes what was
    loaded to what no file may say.
    """
    hospital_url, sightline_url = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    if certificates:
        hospital_url = hospital_url.replace("http://127.0.0.1", f"https://{EHR_HOST}")
        sightline_url = sightline_url.replace("http", "https")
    folder.mkdir(parents=True, exist_ok=True)
    settings_file = folder / "sightline.toml"
    toml = sightline_settings.toml(hospital_url, sightline_url, folder)
    settings_file.write_text(change(f"{toml}\n[limits]\n{LIMITS}"))
    hospital = create_hospital(hospital_url, sightline_url, PICTURES)
    secrets = {**sightline_settings.environment(folder), **(environment or {})}
    sightline = create_app(settled(load(settings_file, secrets)))
    with served(hospital, hospital_url, certificates), served(sightline, sightline_url, certificates):
        yield Pair(hospital_url, sightline_url, folder, hospital, sightline)


@contextmanager
def served(app: Flask, url: str, certificates: Certificates | None = None) -> Iterator[None]:
    context = certificates.server_context() if certificates else None
    server = make_server("127.0.0.1", int(url.rsplit(":", 1)[1]), app, threaded=True, ssl_context=context)
    if certificates:
        # Else one connection that a browser opens and says nothing on keeps all others waiting.
        server.socket.do_handshake_on_connect = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports
