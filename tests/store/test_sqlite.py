"""Rows on one machine: read while they live, taken once, gone when their time is over."""

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sightline.store import Store
from sightline.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "charts.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return SqliteStore(path)


def soon() -> float:
    return time.time() + 60


def read(store: Store, key: str) -> bytes | None:
    found = store.get(key)
    return found[0] if found else None


def test_row_is_read_as_it_was_put_with_the_time_of_its_death(store: Store) -> None:
    dies_at = soon()
    store.put("a", b"\x00sealed\xff", dies_at)

    assert store.get("a") == store.get("a") == (b"\x00sealed\xff", dies_at)
    assert store.get("b") is None


def test_row_put_again_takes_the_place_of_the_older_one(store: Store) -> None:
    store.put("a", b"old", soon())
    store.put("a", b"new", soon())

    assert read(store, "a") == b"new"


def test_row_is_added_only_where_no_living_one_stands(store: Store) -> None:
    store.put("dead", b"old", time.time() - 1)

    assert [store.add(key, b"new", soon()) for key in ("a", "a", "dead", "dead")] == [True, False, True, False]
    assert read(store, "a") == read(store, "dead") == b"new"


def test_row_past_its_time_is_gone_for_everybody(store: Store) -> None:
    store.put("a", b"x", time.time() - 1)

    assert store.get("a") is None
    assert store.take("a") is None


def test_row_dies_at_its_time(store: Store) -> None:
    store.put("a", b"x", time.time() + 0.2)
    assert read(store, "a") == b"x"

    time.sleep(0.25)

    assert store.get("a") is None


def test_row_that_was_taken_or_deleted_is_gone(store: Store) -> None:
    store.put("a", b"x", soon())
    store.put("b", b"y", soon())

    assert store.take("a") == b"x"
    store.delete("b")
    store.delete("never there")

    assert [store.get(key) for key in "ab"] == [None, None]
    assert store.take("a") is None


def test_living_row_is_kept_longer_and_a_dead_one_stays_dead(store: Store) -> None:
    store.put("living", b"x", time.time() + 0.2)
    store.put("dead", b"x", time.time() - 0.2)
    for key in ("living", "dead", "never there"):
        store.keep_until(key, soon())

    time.sleep(0.25)

    assert read(store, "living") == b"x"
    assert store.get("dead") is None
    assert store.get("never there") is None


def test_row_may_be_told_to_die_earlier(store: Store) -> None:
    store.put("a", b"x", soon())
    store.keep_until("a", time.time() - 1)

    assert store.get("a") is None


def test_rows_outlive_the_process_that_wrote_them(path: Path) -> None:
    SqliteStore(path).put("a", b"x", soon())

    assert read(SqliteStore(path), "a") == b"x"


def test_row_is_taken_by_one_of_many_threads_only(store: Store) -> None:
    for round_number in range(5):
        key = f"ticket {round_number}"
        store.put(key, b"x", soon())
        assert len(_winners(lambda key=key: store.take(key))) == 1  # type: ignore[misc]


def test_row_is_added_by_one_of_many_threads_only(store: Store) -> None:
    for round_number in range(5):
        key = f"lock {round_number}"
        assert len(_winners(lambda key=key: b"x" if store.add(key, b"x", soon()) else None)) == 1  # type: ignore[misc]


def _winners(take: Callable[[], bytes | None], runners: int = 8) -> list[bytes]:
    barrier, taken = threading.Barrier(runners), []

    def run() -> None:
        barrier.wait()
        taken.append(take())

    threads = [threading.Thread(target=run) for _ in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == runners
    return [row for row in taken if row is not None]


def _take_all(path: Path, keys: list[str]) -> list[str]:
    store = SqliteStore(path)
    return [key for key in keys if store.take(key) is not None]


def test_row_is_taken_by_one_of_several_processes_only(path: Path) -> None:
    keys = [f"ticket {number}" for number in range(50)]
    store = SqliteStore(path)
    for key in keys:
        store.put(key, b"x", soon())

    with multiprocessing.get_context("spawn").Pool(2) as processes:
        taken = processes.starmap(_take_all, [(path, keys), (path, keys)])

    assert sorted(taken[0] + taken[1]) == sorted(keys)


def test_many_threads_write_at_once_and_nothing_is_lost(store: Store) -> None:
    def write(number: int) -> None:
        for row in range(20):
            store.put(f"{number}-{row}", b"x" * 1000, soon())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(store.get(f"{number}-{row}") for number in range(4) for row in range(20))


def test_dead_rows_are_cleared_away_when_somebody_writes(path: Path) -> None:
    store = SqliteStore(path)
    store.put("a", b"x", time.time() + 0.01)
    time.sleep(0.02)

    SqliteStore(path).put("b", b"y", soon())

    rows = sqlite3.connect(path).execute("SELECT key FROM row").fetchall()
    assert rows == [("b",)]


def test_nobody_else_on_the_machine_may_read_the_file(path: Path, store: Store) -> None:
    store.put("a", b"x", soon())

    modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()}

    assert "charts.sqlite" in modes
    assert set(modes.values()) == {0}
