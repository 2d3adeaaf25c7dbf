"""Several processes of Sightline on one store, of each kind: it matters neither who answers nor that one is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from flask import Flask, request_finished

from sandbox import sightline_settings
from sandbox.application import create_app as create_hospital
from sightline.store import KINDS
from tests.conftest import PICTURES, ROOT, Pair, free_ports, served
from tests.ehr_user import EhrUser
from tests.redis_server import RedisServer, running
from tests.web.conftest import Overheard, ehr_answering, keeping_the_rest_back
from tests.web.test_charts import assert_closed
from tests.web.test_confidentiality import assert_holds_none

START_SECONDS = 60


@dataclass
class House:
    """A hospital, one store, and two processes of Sightline on it. `pair` is the hospital with the first of them."""

    pair: Pair
    urls: tuple[str, str]
    environment: dict[str, str]
    redis: RedisServer | None = None
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, url: str) -> None:
        command = [sys.executable, "-m", "sightline", "--config", str(self.pair.data_folder / "sightline.toml")]
        command += ["--port", url.rsplit(":", 1)[1], "--workers", "1"]
        environment = {**os.environ, **self.environment}
        self.processes[url] = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(url, timeout=2)
                return
            except requests.ConnectionError:
                assert self.processes[url].poll() is None, "Sightline did not start"
                time.sleep(0.1)
        pytest.fail(f"Sightline did not answer within {START_SECONDS} seconds")

    def kill(self, url: str) -> None:
        """As `kill -9`, its workers too."""
        os.killpg(self.processes[url].pid, signal.SIGKILL)
        self.processes.pop(url).wait(10)

    def on_the_other(self, address: str) -> str:
        """The same address at the second process."""
        return address.replace(*self.urls)

    def everything_written(self) -> bytes:
        """Every byte that the store has on the disk."""
        if self.redis:
            self.redis.save()
        files = self.redis.folder.rglob("*") if self.redis else self.pair.data_folder.glob("charts.sqlite*")
        return b"".join(file.read_bytes() for file in files if file.is_file() and file.name != "log")


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    hospital_url, *urls = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    toml = sightline_settings.toml(hospital_url, urls[0], tmp_path) + f'\n[store]\nkind = "{request.param}"\n'
    (tmp_path / "sightline.toml").write_text(toml)
    environment = sightline_settings.environment(tmp_path)
    hospital = create_hospital(hospital_url, urls[0], PICTURES)
    with ExitStack() as until_the_end:
        redis = None
        if request.param == "redis":
            (tmp_path / "redis").mkdir()
            redis = until_the_end.enter_context(running(tmp_path / "redis"))
            environment["SIGHTLINE_REDIS_URL"] = redis.url
        until_the_end.enter_context(served(hospital, hospital_url))
        # Sightline itself is another process, out of reach for a test.
        pair = Pair(hospital_url, urls[0], tmp_path, hospital, Flask("out of reach"))
        both = House(pair, (urls[0], urls[1]), environment, redis)
        until_the_end.callback(lambda: [both.kill(url) for url in list(both.processes)])
        for url in urls:
            both.start(url)
        yield both


def test_launch_begun_on_one_process_ends_on_another_and_its_chart_opens_on_both(house: House) -> None:
    user = EhrUser(house.pair)
    callback = user.comes_back_with(user.launch_address("ada"))
    opened = user.visits(house.on_the_other(callback))
    assert (opened.status, len(opened.rows)) == (200, 13)
    assert opened.url.startswith(house.urls[1])
    again = user.visits(opened.url.replace(house.urls[1], house.urls[0]))
    assert again.patient == opened.patient
    assert user.visits(callback).status == 400, "the same return counted twice"
    user.presses(again, "Sign out")
    assert_closed(user.visits(opened.url))


def test_process_killed_in_mid_list_loses_nothing_and_shows_nobody_anothers_chart(house: House) -> None:
    ada, other = EhrUser(house.pair), EhrUser(house.pair)
    adas, maxs = ada.opens_chart("ada"), other.opens_chart("max")
    may_come = threading.Event()
    with ehr_answering(house.pair, keeping_the_rest_back(may_come)):
        cookies = {"chart": other.cookie("chart", f"/s/{maxs.chart_id}/")}
        cut_off = requests.get(f"{maxs.url}?refresh=1", cookies=cookies, stream=True, timeout=30)
        assert any(b"still-loading" in line for line in cut_off.iter_lines())
        house.kill(house.urls[0])
        may_come.set()
        cut_off.close()
    meanwhile = other.visits(house.on_the_other(f"{maxs.url}?refresh=1"))
    assert (meanwhile.patient, "of 500" in meanwhile.text) == (maxs.patient, True)
    house.start(house.urls[0])
    for user, page in ((ada, adas), (other, maxs)):
        again = user.visits(page.url)
        assert (again.status, again.patient, len(again.rows)) == (200, page.patient, len(page.rows))
    assert_closed(ada.visits(maxs.url))
    assert_closed(other.visits(adas.url))


def test_store_on_the_disk_holds_nothing_of_a_patient_and_no_key(house: House) -> None:
    user, overheard = EhrUser(house.pair), Overheard()
    with request_finished.connected_to(overheard.take, house.pair.hospital):
        page = user.opens_chart("ada")
    viewer = user.opens_images(page, "CT chest with contrast")
    uid = user.asks(viewer.frame).headers["Location"].partition("studyUID=")[2].partition("&")[0]
    assert uid.startswith("2.25.")
    user.follows(page, "Refresh")
    written = house.everything_written()
    assert page.chart_id.encode() in written, "these are not the bytes of this store"
    keys = {cookie.value or "" for cookie in user.browser.cookies} | {house.environment["SIGHTLINE_SECRET_KEY"]}
    assert len(overheard.secrets) == 5
    patient = {"Lindqvist", "LINDQVIST", "SB-1001", "1951-07-14", "CT chest", uid, "nordahl"}
    assert_holds_none("the store", written, overheard.secrets | keys | patient)
