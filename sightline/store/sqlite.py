"""The store on one machine: one SQLite file, which any number of processes on it may share."""

import sqlite3
import threading
import time
from pathlib import Path

_PURGE_EVERY = 60.0


class SqliteStore:
    """Keeps `Store`'s contract. One connection a thread; write-ahead logging, so readers never wait."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._path = path
        self._local = threading.local()
        self._purge_at = 0.0
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS row (key TEXT PRIMARY KEY, sealed BLOB NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID"
        )

    def put(self, key: str, sealed: bytes, expires_at: float) -> None:
        self._purge()
        self._connection.execute("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", (key, sealed, expires_at))

    def get(self, key: str) -> bytes | None:
        found = self._connection.execute("SELECT sealed FROM row WHERE key = ? AND expires_at > ?", (key, time.time()))
        return self._only(found)

    def take(self, key: str) -> bytes | None:
        found = self._connection.execute(
            "DELETE FROM row WHERE key = ? AND expires_at > ? RETURNING sealed", (key, time.time())
        )
        return self._only(found)

    def keep_until(self, key: str, expires_at: float) -> None:
        self._connection.execute(
            "UPDATE row SET expires_at = ? WHERE key = ? AND expires_at > ?", (expires_at, key, time.time())
        )

    def delete(self, key: str) -> None:
        self._connection.execute("DELETE FROM row WHERE key = ?", (key,))

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            self._local.connection = connection
        return connection

    def _only(self, found: sqlite3.Cursor) -> bytes | None:
        rows = found.fetchall()
        return bytes(rows[0][0]) if rows else None

    def _purge(self) -> None:
        """Rows past their time are removed now and then, by whoever writes."""
        now = time.time()
        if now >= self._purge_at:
            self._purge_at = now + _PURGE_EVERY
            self._connection.execute("DELETE FROM row WHERE expires_at <= ?", (now,))
