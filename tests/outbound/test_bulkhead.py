"""A server that hangs takes its own places and no more: everybody else is answered meanwhile."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from sightline.errors import SourceBusy, SourceError
from sightline.outbound import Answer, Bulkhead, Door
from tests.far_side import FarSide, Reply, seconds_since
from tests.outbound.asking import LIMIT


def asking(door: Door, server: FarSide) -> Callable[[], Answer]:
    return lambda: door.send("GET", server.url, origins=(server.url,))


def outcome(future: Future[Answer]) -> str:
    failure = future.exception()
    return type(failure).__name__ if failure else "answer"


def test_excess_over_a_server_that_hangs_is_refused_and_other_servers_are_not() -> None:
    released = threading.Event()

    def hangs(_: object) -> Reply:
        released.wait(20)
        return Reply(wait=0.1)

    with FarSide(hangs) as stuck, FarSide(lambda _: Reply(body=b"good")) as well, ThreadPoolExecutor(8) as threads:
        door = Door(20, LIMIT, in_flight=2)
        waiting = [threads.submit(asking(door, stuck)) for _ in range(2)]
        until(lambda: len(stuck.asked) == 2)
        first_excess = [threads.submit(asking(door, stuck)) for _ in range(3)]
        assert [outcome(each) for each in first_excess] == ["SourceBusy"] * 3

        begin = time.monotonic()
        for _ in range(5):
            with pytest.raises(SourceBusy):
                asking(door, stuck)()
        assert seconds_since(begin) < 2
        assert asking(door, well)().body == b"good"
        assert len(stuck.asked) == 2

        released.set()
        assert [outcome(each) for each in waiting] == ["answer"] * 2
        busy = [threads.submit(asking(door, stuck)) for _ in range(6)]
        assert [outcome(each) for each in busy] == ["answer"] * 6


def test_excess_over_a_server_that_is_merely_busy_waits_its_turn() -> None:
    with FarSide(lambda _: Reply(wait=0.1)) as server, ThreadPoolExecutor(6) as threads:
        door = Door(20, LIMIT, in_flight=2)

        assert [outcome(each) for each in [threads.submit(asking(door, server)) for _ in range(6)]] == ["answer"] * 6


@pytest.mark.parametrize("reply", [Reply(500), Reply(302), Reply(silent=True), Reply(body=b"x", promised=9)], ids=repr)
def test_question_that_failed_leaves_its_place(reply: Reply) -> None:
    with FarSide(lambda _: reply if len(server.asked) <= 9 else Reply(body=b"good")) as server:
        door = Door(9, LIMIT, in_flight=1)
        while len(server.asked) < 9:
            try:
                asking(door, server)()
            except SourceError as failure:
                assert not isinstance(failure, SourceBusy)

        assert asking(door, server)().body == b"good"


def test_only_so_many_wait_for_a_place_as_may() -> None:
    places, begin = Bulkhead(1, patience=20, queue=1), time.monotonic()
    places.enter("pictures")

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(places.enter, "pictures")
        until(waiting.running)
        refused = 0
        while not refused:
            refused += is_refused(places)
        places.leave()
        waiting.result()

    assert seconds_since(begin) < 10
    places.leave()
    places.enter("pictures")


def is_refused(places: Bulkhead) -> bool:
    """Whether one more finds no place, free or in the queue."""
    try:
        places.enter("pictures")
    except SourceBusy:
        return True
    places.leave()
    return False


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
