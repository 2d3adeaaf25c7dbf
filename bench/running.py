"""Starts what is measured: servers as processes of their own, on free ports of the loopback, stopped at the end."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response

from app import create_app
from sightline.auth.grant import Grant
from sightline.auth.id_token import User
from sightline.auth.launch_context import LaunchContext
from sightline.patient import Patient, PatientNumber
from sightline.settings import load
from sightline.web import charts

_SECRET = "a-key-for-measuring-only-0123456789"
_TOML = """
public_url = "{url}"
site_name = "Bench"
time_zone = "Europe/Berlin"
data_folder = "{folder}"
[[ehr]]
name = "bench"
title = "Bench EHR"
iss = "{upstream}"
client_id = "bench"
client_authentication = "none"
frame_ancestors = ["{url}"]
search = ["sort", "summary"]
[[viewer]]
name = "display"
title = "Image display"
kind = "iid"
address = "{upstream}/IHEInvokeImageDisplay"
"""

_ARCHIVE = """
[[archive]]
name = "bench"
title = "Bench archive"
address = "http://127.0.0.1:{port}/dicom-web"
authorization = "none"
ehrs = ["bench"]
issuers = {{ "urn:oid:1.2.3" = "BENCH" }}
"""


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its processes (for their CPU time and memory)."""

    port: int
    pid: int

    @property
    def pids(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextlib.contextmanager
def upstream(delay_ms: int, studies: int) -> Iterator[Server]:
    """A FHIR server with so many studies that answers after so many milliseconds."""
    port = free_port()
    with _process([sys.executable, "-m", "bench.upstream", str(port), str(delay_ms), str(studies)], port, {}) as server:
        yield server


@contextlib.contextmanager
def flask_app(name: str, port: int, **environment: str) -> Iterator[Server]:
    """A WSGI application under the server and the settings that `make run` uses."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", name, "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--workers",
        "1",
        "--blocking-threads",
        "64",
        "--backpressure",
        "2048",
        "--no-ws",
        "--log-level",
        "error",
    ]
    with _process(command, port, environment) as server:
        yield server


@contextlib.contextmanager
def sightline(folder: Path, upstream_port: int, archive_port: int = 0) -> Iterator[tuple[Server, str, str]]:
    """A running Sightline with one open chart: the server, the chart's path and its cookie. 0: it has no archive."""
    port = free_port()
    environment, path, cookie = open_chart(folder, port, f"http://127.0.0.1:{upstream_port}", archive_port)
    with flask_app("bench.unlimited:application", port, **environment) as server:
        yield server, path, cookie


@contextlib.contextmanager
def naive(upstream_port: int) -> Iterator[tuple[Server, str, str]]:
    """The obvious build of the same page, running: the server, the list's path, and the cookie that its launch gave."""
    port = free_port()
    with flask_app("bench.naive:application", port, UPSTREAM=f"http://127.0.0.1:{upstream_port}") as server:
        yield server, "/", _launched(port)


def _launched(port: int) -> str:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/launch")
        return str(connection.getresponse().headers["Set-Cookie"]).split(";")[0]


def open_chart(folder: Path, port: int, upstream_url: str, archive_port: int = 0) -> tuple[dict[str, str], str, str]:
    """A chart as a launch would leave it, sealed into the store that a Sightline on this port will use.

    Gives the environment that this Sightline needs, the chart's path and its cookie.
    """
    file = folder / "sightline.toml"
    file.write_text(
        _TOML.format(url=f"http://127.0.0.1:{port}", folder=folder, upstream=upstream_url)
        + (_ARCHIVE.format(port=archive_port) if archive_port else "")
    )
    environment = {"SIGHTLINE_CONFIG": str(file), "SIGHTLINE_SECRET_KEY": _SECRET}
    return environment, *_opened(create_app(load(file, environment)))


def _opened(application: Flask) -> tuple[str, str]:
    numbers = (PatientNumber("urn:oid:1.2.3", "SB-1001"),)
    patient = Patient("ada", "Lindqvist", "Ada", "", "", "1951-07-14", "female", "SB-1001", numbers=numbers)
    ends, user = time.time() + 3600, User("https://bench", "7")
    grant = Grant("token", ends, ends, ("patient/ImagingStudy.rs", "patient/Patient.r"), "ada", user)
    with application.test_request_context():
        response = Response()
        ehr = application.extensions["sightline"].settings.ehrs[0]
        charts.open_chart(response, "bench", ehr, patient, "r4", user, LaunchContext(), grant)
    return "/s/bench/?refresh=1", response.headers["Set-Cookie"].split(";")[0]


@contextlib.contextmanager
def _process(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port: int = opened.getsockname()[1]
        return port


def cpu_seconds(server: Server) -> float:
    """CPU time that the server's processes have used."""
    total = 0
    for pid in server.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def peak_megabytes(server: Server) -> float:
    """The highest resident memory of any of the server's processes."""
    peaks = []
    for pid in server.pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)
