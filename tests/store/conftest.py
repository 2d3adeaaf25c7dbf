"""An empty store of each kind, and how to break it: a fixture `<kind>_address` and a fixture `break_<kind>`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from sightline.store import Store
from sightline.store.redis import RedisStore
from sightline.store.sqlite import SqliteStore
from tests.redis_server import RedisServer, running


@dataclass(frozen=True)
class Address:
    """What another process needs to open the same store."""

    kind: str
    place: str


def opened(address: Address) -> Store:
    """The store at this address, as a new process would open it."""
    return SqliteStore(Path(address.place)) if address.kind == "sqlite" else RedisStore(address.place)


@pytest.fixture
def sqlite_address(tmp_path: Path) -> Address:
    return Address("sqlite", str(tmp_path / "var" / "charts.sqlite"))


@pytest.fixture
def break_sqlite(sqlite_address: Address) -> Callable[[], None]:
    def drop_tables() -> None:
        connection = apsw.Connection(sqlite_address.place)
        connection.execute("DROP TABLE row; DROP TABLE tally;")
        connection.close()

    return drop_tables


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_address(redis_server: RedisServer) -> Address:
    redis_server.clear()
    return Address("redis", redis_server.url)


@pytest.fixture
def break_redis(redis_server: RedisServer) -> Iterator[Callable[[], None]]:
    yield redis_server.stop
    redis_server.start()
