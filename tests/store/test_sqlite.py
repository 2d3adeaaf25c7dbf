"""What is SQLite's own: its file, and how dead rows leave it."""

import time
from pathlib import Path

import apsw
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


def test_dead_rows_and_counts_are_cleared_away_when_somebody_writes(path: Path) -> None:
    store = SqliteStore(path)
    store.put("a", b"x", time.time() + 0.01)
    store.count("a", 0.01)
    time.sleep(0.02)

    SqliteStore(path).put("b", b"y", soon())

    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT key FROM row").fetchall() == [("b",)]
    assert connection.execute("SELECT key FROM tally").fetchall() == []
    connection.close()


def test_file_of_an_earlier_build_without_counts_is_opened(path: Path) -> None:
    path.parent.mkdir()
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE row (key TEXT PRIMARY KEY, sealed BLOB NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID"
    )
    connection.close()

    assert SqliteStore(path).count("a", 60)[0] == 1


def test_nobody_else_on_the_machine_may_read_the_file(path: Path, store: Store) -> None:
    store.put("a", b"x", soon())

    modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()}

    assert "charts.sqlite" in modes
    assert set(modes.values()) == {0}
