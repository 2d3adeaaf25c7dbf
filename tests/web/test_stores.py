"""A store that does not answer: one clear page within seconds, and the chart is there again when the store is."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Pair, started
from tests.ehr_user import EhrUser, Page
from tests.redis_server import RedisServer, running


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    (tmp_path / "redis").mkdir()
    with running(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def on_redis(redis: RedisServer, tmp_path: Path) -> Iterator[Pair]:
    """A hospital and a Sightline that keeps its charts in Redis."""
    secrets = {"SIGHTLINE_REDIS_URL": redis.url}
    with started(tmp_path / "pair", lambda toml: f'{toml}\n[store]\nkind = "redis"\n', secrets) as pair:
        yield pair


def assert_not_available(page: Page) -> None:
    assert (page.status, page.heading) == (503, "Imaging is not available at the moment")
    assert "This does not mean that there are no images." in page.text
    assert "open imaging again from the patient's chart" in page.text
    assert page.patient == ""
    assert not page.rows
    assert "edis" not in page.html, "the page names the software behind it"


def test_chart_lives_in_redis_from_launch_to_sign_out(on_redis: Pair) -> None:
    user = EhrUser(on_redis)
    page = user.opens_chart("ada")
    assert user.opens_images(page, "MR brain").patient == page.patient
    assert not (on_redis.data_folder / "charts.sqlite").exists()
    assert user.presses(page, "Sign out").heading == "Signed out"
    assert user.visits(page.url).status == 401


def test_every_page_of_a_chart_and_every_launch_says_that_the_store_is_down(on_redis: Pair, redis: RedisServer) -> None:
    user = EhrUser(on_redis)
    page = user.opens_chart("ada")
    launch = user.launch_address("ada")
    callback = user.comes_back_with(user.launch_address("ada"))
    redis.stop()
    for address in (page.url, f"{page.url}view/x", f"{page.url}time-left", "/tab/x", launch, callback):
        assert_not_available(user.visits(address))
    assert_not_available(user.presses(page, "Sign out"))
    assert user.visits("/").status == 200
    redis.start()
    assert user.visits(page.url).patient == page.patient


def test_store_that_hangs_keeps_nobody_waiting(on_redis: Pair, redis: RedisServer) -> None:
    user = EhrUser(on_redis)
    page = user.opens_chart("ada")
    os.kill(redis.pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        assert_not_available(user.visits(page.url))
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert time.monotonic() - began < 8
    assert user.visits(page.url).patient == page.patient


def test_store_that_lost_its_rows_ends_every_chart_and_shows_nothing(on_redis: Pair, redis: RedisServer) -> None:
    user = EhrUser(on_redis)
    page = user.opens_chart("ada")
    redis.clear()
    gone = user.visits(page.url)
    assert (gone.status, gone.heading, gone.patient) == (401, "This imaging session has ended", "")
    assert user.opens_chart("ada").patient == page.patient
