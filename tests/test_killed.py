"""Sightline killed outright while people work: every page that was answered has its record, delivered after a restart.

Real processes: two workers of the server, the sandbox hospital as EHR and as audit repository.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from sandbox import sightline_settings
from sandbox.application import create_app as create_hospital
from sightline.audit_record import Record, chart_digest
from sightline.audit_trail.reading import Position, lines_after
from tests.conftest import PICTURES, ROOT, Pair, free_ports, served
from tests.ehr_user import EhrUser

PATIENCE_SECONDS = 40
PEOPLE = 4

Seen = Counter[tuple[str, str]]


@contextmanager
def sightline(pair: Pair) -> Iterator["subprocess.Popen[bytes]"]:
    """A Sightline of two worker processes; all of it is killed at the end, if it is not yet."""
    port = pair.sightline_url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "sightline", "--config", str(pair.data_folder / "sightline.toml")]
    environment = {**os.environ, **sightline_settings.environment(pair.data_folder)}
    with (pair.data_folder / "terminal").open("ab") as terminal:
        process = subprocess.Popen(
            [*command, "--port", port, "--workers", "2"],
            cwd=ROOT,
            env=environment,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Nobody is asked: SIGKILL, to the server and its workers."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)


def wait_for(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


@dataclass
class Person:
    """Somebody who opens Ada's chart, her list and her images as fast as they come, and counts what they got to see."""

    pair: Pair
    seen: Seen = field(default_factory=Counter)

    def works(self) -> None:
        with suppress(requests.RequestException):
            while True:
                user = EhrUser(self.pair)
                page = user.opens_chart("ada")
                chart = chart_digest(page.chart_id)
                self.seen += Counter({(chart, "sign-in"): 1, (chart, "list"): 1})
                for _ in range(5):
                    assert user.visits(page.url).rows
                    self.seen[chart, "list"] += 1
                    assert user.visits(page.row("MR brain").images).status == 200
                    self.seen[chart, "open"] += 1


def written(folder: Path) -> list[Record]:
    return [msgspec.json.decode(line, type=Record) for line, _ in lines_after(folder, Position())]


def delivered(pair: Pair) -> list[str]:
    """The ids of the records that the repository took, each once, in the order they came."""
    events = reversed(pair.hospital.extensions["audit"].events)
    own = [entity for event in events for entity in event["entity"] if entity["type"]["code"] == "4"]
    return [entity["what"]["identifier"]["value"].removeprefix("urn:uuid:") for entity in own]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A hospital, and where a Sightline may run beside it. (Its application is another process's.)"""
    hospital_url, sightline_url = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    toml = sightline_settings.toml(hospital_url, sightline_url, tmp_path)
    (tmp_path / "sightline.toml").write_text(toml + sightline_settings.audit_delivery(hospital_url))
    hospital = create_hospital(hospital_url, sightline_url, PICTURES)
    with served(hospital, hospital_url):
        yield Pair(hospital_url, sightline_url, tmp_path, hospital, hospital)


@contextmanager
def repository_down(pair: Pair) -> Iterator[None]:
    """The audit repository answers 503, the rest of the hospital goes on."""
    own = pair.hospital.wsgi_app

    def without_repository(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith("/audit/"):
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return own(environ, start_response)

    pair.hospital.wsgi_app = without_repository  # type: ignore[method-assign]
    yield
    pair.hospital.wsgi_app = own  # type: ignore[method-assign]


@pytest.mark.skipif(sys.platform != "linux", reason="kills a group of processes")
@pytest.mark.parametrize("down", [False, True], ids=["repository-up", "repository-down"])
def test_every_page_that_was_answered_is_delivered_after_a_kill(pair: Pair, down: bool) -> None:
    people = [Person(pair) for _ in range(PEOPLE)]
    threads = [threading.Thread(target=person.works) for person in people]
    outage = repository_down(pair) if down else nullcontext()
    with outage, sightline(pair) as process:
        wait_for(lambda: answers(pair.sightline_url), "Sightline")
        for thread in threads:
            thread.start()
        wait_for(lambda: sum(person.seen.total() for person in people) > 120, "some work")
        kill(process)
        for thread in threads:
            thread.join()
    before = len(delivered(pair))
    seen: Seen = sum((person.seen for person in people), Counter())
    records = written(pair.data_folder)
    recorded = Counter((record.chart, str(record.action)) for record in records if record.outcome == "success")

    assert not seen - recorded
    assert before == 0 if down else before > 0
    with sightline(pair):
        wait_for(lambda: len(delivered(pair)) >= len(records), "the rest to be delivered")
    assert delivered(pair) == [record.id for record in records]
    assert len({record.id for record in records}) == len(records)
