"""An answer comes whole by its deadline, however it drips, or not at all."""

import time

import pytest

from sightline.errors import SourceSlow
from sightline.outbound import Door
from tests.far_side import FarSide, Reply, seconds_since
from tests.outbound.asking import LIMIT, asked_once


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(wait=5), id="says nothing"),
        pytest.param(Reply(body=b"x" * 100, drip=0.05), id="drips its body"),
        pytest.param(Reply(body=b"x" * 100, drip=0.05, chunked=True), id="drips its chunks"),
        pytest.param(Reply(drip_headers=0.05), id="drips its headers"),
        pytest.param(Reply(body=b"half", promised=100, drip=0.3), id="stops in the middle"),
    ],
)
def test_server_that_is_too_slow_is_left_at_the_deadline(reply: Reply) -> None:
    begin = time.monotonic()

    with pytest.raises(SourceSlow):
        asked_once(reply, Door(0.5, LIMIT))

    assert seconds_since(begin) < 2


def test_server_that_begins_at_the_last_moment_has_no_more_time_than_others() -> None:
    begin = time.monotonic()

    with pytest.raises(SourceSlow):
        asked_once(Reply(wait=0.8, body=b"xy", drip=5), Door(1, LIMIT))

    assert seconds_since(begin) < 1.5


def test_question_may_have_less_time_than_the_door_but_never_more() -> None:
    with FarSide(lambda _: Reply(wait=5)) as server:
        for door, seconds in ((Door(30, LIMIT), 0.2), (Door(0.2, LIMIT), 30)):
            begin = time.monotonic()
            with pytest.raises(SourceSlow):
                door.send("GET", server.url, origins=(server.url,), seconds=seconds)

            assert seconds_since(begin) < 2


def test_slow_answer_leaves_the_next_one_its_whole_time() -> None:
    with FarSide(lambda _: Reply(body=b"x", wait=0.3)) as server:
        door = Door(0.5, LIMIT)

        assert [door.send("GET", server.url, origins=(server.url,)).body for _ in range(3)] == [b"x"] * 3
