"""A question is on its way before its answer is waited for, and nothing of it stays when nobody waits."""

import time

import pytest

from sightline.errors import SourceBusy, SourceSlow, SourceUnreachable
from sightline.outbound import Door
from tests.far_side import FarSide, Reply, seconds_since, unused_origin
from tests.outbound.asking import LIMIT
from tests.outbound.test_bulkhead import until


def test_question_is_at_the_server_before_its_answer_is_waited_for() -> None:
    with FarSide(lambda _: Reply(body=b"good")) as server:
        question = Door(2, LIMIT).ask("GET", server.url, origins=(server.url,))
        until(lambda: len(server.asked) == 1)

        assert question.answer().body == b"good"


def test_two_servers_that_were_asked_at_once_take_as_long_as_one() -> None:
    with FarSide(lambda _: Reply(wait=0.5)) as one, FarSide(lambda _: Reply(wait=0.5)) as other:
        door, begin = Door(5, LIMIT), time.monotonic()
        for question in [door.ask("GET", server.url, origins=(server.url,)) for server in (one, other)]:
            question.answer()

    assert seconds_since(begin) < 0.9


def test_time_runs_from_the_moment_of_asking() -> None:
    with FarSide(lambda _: Reply(wait=5)) as server:
        question = Door(0.5, LIMIT).ask("GET", server.url, origins=(server.url,))
        time.sleep(0.4)
        begin = time.monotonic()
        with pytest.raises(SourceSlow):
            question.answer()

    assert seconds_since(begin) < 0.4


def test_question_holds_its_place_until_it_is_answered() -> None:
    with FarSide(lambda _: Reply(body=b"good")) as server:
        door = Door(5, LIMIT, in_flight=1)
        question = door.ask("GET", server.url, origins=(server.url,))
        with pytest.raises(SourceBusy):
            door.ask("GET", server.url, origins=(server.url,))
        question.answer()

        assert door.send("GET", server.url, origins=(server.url,)).body == b"good"


def test_question_that_nobody_waits_for_leaves_its_place_and_its_answer_is_nobody_elses() -> None:
    replies = iter([Reply(body=b"Ada's"), Reply(body=b"Ben's")])
    with FarSide(lambda _: next(replies)) as server:
        door = Door(5, LIMIT, in_flight=1)
        question = door.ask("GET", f"{server.url}/ada", origins=(server.url,))
        until(lambda: len(server.asked) == 1)
        del question

        assert door.send("GET", f"{server.url}/ben", origins=(server.url,)).body == b"Ben's"


def test_question_that_could_not_be_sent_says_so_at_once_and_leaves_its_place() -> None:
    origin, door = unused_origin(), Door(5, LIMIT, in_flight=1)
    for _ in range(2):
        with pytest.raises(SourceUnreachable):
            door.ask("GET", origin, origins=(origin,))


def test_server_that_breaks_off_while_nobody_waits_is_asked_again() -> None:
    replies = iter([Reply(silent=True), Reply(body=b"good")])
    with FarSide(lambda _: next(replies)) as server:
        question = Door(5, LIMIT).ask("GET", server.url, origins=(server.url,))
        until(lambda: len(server.asked) == 1)

        assert question.answer().body == b"good"


def test_answer_that_begins_is_told_and_one_that_does_not_is_not() -> None:
    with FarSide(lambda _: Reply(wait=0.3)) as server:
        question = Door(5, LIMIT).ask("GET", server.url, origins=(server.url,))

        assert not question.begins(0.05)
        assert question.begins(4)
        assert question.answer().status == 200


def test_nobody_waits_for_a_beginning_beyond_the_time_that_a_question_has() -> None:
    with FarSide(lambda _: Reply(wait=5)) as server:
        question = Door(0.3, LIMIT).ask("GET", server.url, origins=(server.url,))
        begin = time.monotonic()

        assert question.begins(4)
        assert seconds_since(begin) < 2
        with pytest.raises(SourceSlow):
            question.answer()
