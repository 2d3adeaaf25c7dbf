"""`python -m sandbox run`: the hospital with Sightline beside it, as a newcomer starts and stops the two."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from sandbox import pictures
from tests.conftest import PICTURES, ROOT, free_ports

PATIENCE_SECONDS = 40


class Started:
    """A running `run`: its process, the two addresses, and the file that all it prints goes to."""

    def __init__(self, folder: Path, *options: str) -> None:
        pictures.ensure(PICTURES)
        (folder / "sandbox").mkdir()
        (folder / "sandbox" / "pictures").symlink_to(PICTURES)
        hospital, sightline = free_ports(2)
        self.hospital_url, self.sightline_url = (f"http://127.0.0.1:{port}/" for port in (hospital, sightline))
        self.terminal = folder / "terminal"
        command = [sys.executable, "-m", "sandbox", "run", "--data", str(folder)]
        command += ["--port", str(hospital), "--sightline-port", str(sightline), *options]
        with self.terminal.open("wb") as terminal:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=terminal, stderr=subprocess.STDOUT)

    @property
    def printed(self) -> str:
        return self.terminal.read_text()

    def wait_until_ready(self) -> None:
        wait_for(lambda: "Ctrl-C" in self.printed or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed

    def sightlines_pid(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        [pid] = [int(child) for child in children]
        return pid


@contextmanager
def started(folder: Path, *options: str) -> Iterator[Started]:
    running = Started(folder, *options)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(PATIENCE_SECONDS)


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
def test_run_says_what_to_open_shows_reference_codes_and_ends_both_on_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        running.wait_until_ready()
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{running.sightline_url}launch?iss=https://unknown.example/fhir", timeout=5)
        wait_for(lambda: re.search(r"^[A-Z0-9]{8} launch", running.printed, re.MULTILINE) is not None)
        running.process.send_signal(signal.SIGINT)
        status = running.process.wait(PATIENCE_SECONDS)

    what_to_do = "Choose a patient, then the tab Imaging. Ctrl-C stops both."
    assert f"Open {running.hospital_url}\n{what_to_do}\n" in running.printed
    assert status == 0
    assert not answers(running.sightline_url)


def test_run_delivers_the_audit_trail_to_the_hospital_whose_page_shows_it(tmp_path: Path) -> None:
    def shown() -> bool:
        with urllib.request.urlopen(f"{running.hospital_url}audit", timeout=5) as page:
            return b">UnknownEhr<" in page.read()

    with started(tmp_path) as running:
        running.wait_until_ready()
        assert not shown()
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(
                f"{running.sightline_url}launch?iss=https://unknown.example/fhir&launch=x", timeout=5
            )
        wait_for(shown)


@linux_only
def test_sightline_ends_when_the_runner_is_killed_outright(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        running.wait_until_ready()
        running.process.kill()
        running.process.wait(PATIENCE_SECONDS)
        wait_for(lambda: not answers(running.sightline_url))
        assert not answers(running.hospital_url)


@linux_only
def test_crash_of_sightline_ends_the_run_with_a_sentence_and_exit_1(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        running.wait_until_ready()
        os.killpg(running.sightlines_pid(), signal.SIGKILL)
        status = running.process.wait(PATIENCE_SECONDS)

    assert status == 1
    assert "Sightline ended by itself" in running.printed


def test_mistake_in_sightlines_settings_ends_the_run_with_its_words_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    with started(tmp_path) as running:
        status = running.process.wait(PATIENCE_SECONDS)

    assert status == 1
    assert "SIGHTLINE_SECRET_KEY is shorter than" in running.printed
    assert "Sightline did not start" in running.printed


def test_run_on_https_makes_two_sites_whose_authority_can_be_trusted(tmp_path: Path) -> None:
    with started(tmp_path, "--https") as running:
        running.wait_until_ready()
        wait_for(lambda: "Browsers warn" in running.printed)
        authority = tmp_path / "https" / "authority.pem"
        browser = requests.Session()
        browser.trust_env, browser.verify = False, str(authority)
        hospital, sightline = (
            running.hospital_url.replace("http://127.0.0.1", "https://localhost"),
            running.sightline_url.replace("http", "https"),
        )
        launched = browser.get(f"{hospital}launch-only/ada", timeout=20)
        cookies = {cookie.name: cookie for cookie in browser.cookies}

    assert f"Open {hospital}\n" in running.printed
    assert str(authority) in running.printed
    assert launched.url.startswith(f"{sightline}s/")
    assert "LINDQVIST, Ada" in launched.text
    assert set(cookies) == {"__Host-kept", "__Secure-chart"}
    assert all(cookie.secure for cookie in cookies.values())
