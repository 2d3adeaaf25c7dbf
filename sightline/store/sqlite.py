"""The store on one machine: one SQLite file, which any number of processes on it may share.

By APSW: Python's own sqlite3 lets other threads have the interpreter nine times for each row that is read, and under
load each time wakes one of them for nothing.
"""

import threading
import time
from pathlib import Path
from typing import Any, Self

import apsw

from sightline.errors import StoreUnavailable
from sightline.settings import Settings

_PURGE_EVERY = 60.0
_PATIENCE = 10_000  # milliseconds for another process that writes
# A row is written over the one that is there: a REPLACE would free its pages and take new ones.
_PUT = (
    "INSERT INTO row VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at"
)
_ADD = (
    "INSERT INTO row VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
    " SET sealed = excluded.sealed, expires_at = excluded.expires_at WHERE row.expires_at <= ?"
)
_PUT_BESIDE = (
    "INSERT INTO row SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM row WHERE key = ?4 AND expires_at > ?5)"
    " ON CONFLICT (key) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at"
)


class SqliteStore:
    """Keeps `Store`'s contract. Write-ahead logging, so readers never wait.

    One connection writes for all, since SQLite lets but one write at a time. Those that read go from thread to thread:
    there are as many as ever read at one moment.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._path = path
        self._readers: list[apsw.Connection] = []
        self._writing = threading.Lock()
        self._purge_at = 0.0
        self._writer = self._connected()
        self._writer.execute(
            "CREATE TABLE IF NOT EXISTS row (key TEXT PRIMARY KEY, sealed BLOB NOT NULL, expires_at REAL NOT NULL)"
        )
        self._writer.execute(
            "CREATE TABLE IF NOT EXISTS tally (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends_at REAL NOT NULL)"
            " WITHOUT ROWID"
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The store in the data folder."""
        return cls(settings.data_folder / "charts.sqlite")

    def put(self, key: str, sealed: bytes, expires_at: float) -> None:
        self._purge()
        self._write(_PUT, key, sealed, expires_at)

    def add(self, key: str, sealed: bytes, expires_at: float) -> bool:
        self._purge()
        return self._write(_ADD, key, sealed, expires_at, time.time()) > 0

    def put_beside(self, other: str, key: str, sealed: bytes, expires_at: float) -> bool:
        self._purge()
        return self._write(_PUT_BESIDE, key, sealed, expires_at, other, time.time()) > 0

    def get(self, key: str) -> tuple[bytes, float] | None:
        question = "SELECT sealed, expires_at FROM row WHERE key = ? AND expires_at > ?"
        rows: list[tuple[bytes, float]] = self._ask(question, key, time.time())
        return rows[0] if rows else None

    def take(self, key: str) -> bytes | None:
        rows = self._taken("DELETE FROM row WHERE key = ? AND expires_at > ? RETURNING sealed", key, time.time())
        return rows[0][0] if rows else None

    def keep_until(self, key: str, expires_at: float) -> None:
        self._write("UPDATE row SET expires_at = ? WHERE key = ? AND expires_at > ?", expires_at, key, time.time())

    def delete(self, key: str) -> None:
        self._write("DELETE FROM row WHERE key = ?", key)

    def delete_all(self, ending: str) -> None:
        for (key,) in self._ask("SELECT key FROM row WHERE substr(key, -length(?1)) = ?1", ending):
            self.delete(key)

    def count(self, key: str, seconds: float, more: int = 1) -> tuple[int, float]:
        self._purge()
        statement = (
            "INSERT INTO tally VALUES (?1, ?2, ?3 + ?4) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN ends_at > ?3 THEN count ELSE 0 END + excluded.count,"
            " ends_at = CASE WHEN ends_at > ?3 THEN ends_at ELSE excluded.ends_at END RETURNING count, ends_at"
        )
        counted: tuple[int, float] = self._taken(statement, key, more, time.time(), seconds)[0]
        return counted

    def _write(self, statement: str, *values: str | bytes | float) -> int:
        """How many rows that changed. One write at a time within a process: waiting here is cheaper than SQLite's own
        way of trying again.
        """
        with self._writing:
            _rows(self._writer, statement, values)
            return self._writer.changes()

    def _taken(self, statement: str, *values: str | bytes | float) -> list[Any]:
        """What a statement gives of the rows that it changed, as `_write`."""
        with self._writing:
            return _rows(self._writer, statement, values)

    def _ask(self, statement: str, *values: str | bytes | float) -> list[Any]:
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._connected()
        try:
            return _rows(reader, statement, values)
        finally:
            self._readers.append(reader)

    def _connected(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._path))
        connection.set_busy_timeout(_PATIENCE)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _purge(self) -> None:
        """Rows past their time are removed now and then, by whoever writes."""
        now = time.time()
        if now >= self._purge_at:
            self._purge_at = now + _PURGE_EVERY
            self._write("DELETE FROM row WHERE expires_at <= ?", now)
            self._write("DELETE FROM tally WHERE ends_at <= ?", now)


def _rows(connection: apsw.Connection, statement: str, values: tuple[str | bytes | float, ...]) -> list[Any]:
    try:
        return connection.execute(statement, values).fetchall()
    except apsw.Error as error:
        raise StoreUnavailable(f"SQLite: {error}") from error
