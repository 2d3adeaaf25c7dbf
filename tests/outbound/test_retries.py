"""A GET that fails in passing is asked again, a little, within its deadline; a POST never."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings, strategies as st

from sightline.errors import SourceSlow, SourceUnreachable
from sightline.outbound import Answer, Door
from sightline.outbound.retries import persistently
from tests.far_side import FarSide, Reply, seconds_since, unused_origin
from tests.outbound.asking import LIMIT

GOOD = Reply(body=b"good")


def asked(*replies: Reply, method: str = "GET", seconds: float = 5) -> tuple[Answer, int]:
    """The answer of a server that gives these replies in turn, the last again and again; how often it was asked."""
    with FarSide(lambda _: replies[min(len(server.asked), len(replies)) - 1]) as server:
        try:
            answer = Door(seconds, LIMIT).send(method, server.url, origins=(server.url,))
        except SourceUnreachable:
            return Answer(0, {}, b""), len(server.asked)
        return answer, len(server.asked)


PASSING = [Reply(502), Reply(503, b"later"), Reply(504), Reply(silent=True), Reply(reset=b"")]


def status_of(reply: Reply) -> int:
    return 0 if reply.silent or reply.reset is not None else reply.status


@pytest.mark.parametrize("failing", PASSING, ids=repr)
def test_failure_in_passing_is_asked_again_and_forgotten(failing: Reply) -> None:
    for times in (1, 2):
        answer, count = asked(*[failing] * times, GOOD)

        assert (answer.body, count) == (b"good", times + 1)


@pytest.mark.parametrize("failing", PASSING, ids=repr)
def test_failure_that_does_not_pass_is_said_after_the_third_time(failing: Reply) -> None:
    answer, count = asked(failing, seconds=10)

    assert (answer.status, count) == (status_of(failing), 3)


@pytest.mark.parametrize("failing", PASSING, ids=repr)
def test_request_that_may_have_been_carried_out_is_never_repeated(failing: Reply) -> None:
    answer, count = asked(failing, GOOD, method="POST")

    assert (answer.status, count) == (status_of(failing), 1)


@pytest.mark.parametrize(
    "failing", [Reply(500), Reply(404), Reply(429), Reply(501), Reply(body=b"ha", promised=9)], ids=repr
)
def test_failure_that_will_not_pass_or_answer_that_had_begun_is_not_asked_for_again(failing: Reply) -> None:
    assert asked(failing, GOOD)[1] == 1


@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"])
def test_answer_that_breaks_off_in_its_head_is_not_asked_for_again(said: bytes) -> None:
    assert asked(Reply(reset=said), GOOD) == (Answer(0, {}, b""), 1)


def test_server_that_takes_no_connection_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known, resolved = socket.getaddrinfo, []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *facts, **more: resolved.append(1) or known(*facts, **more))
    origin = unused_origin()

    with pytest.raises(SourceUnreachable):
        Door(9, LIMIT).send("GET", origin, origins=(origin,))

    assert len(resolved) == 1


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("as_date", [False, True])
def test_server_is_left_in_peace_as_long_as_it_wishes(as_date: bool) -> None:
    begin = time.monotonic()
    wish = in_seconds(2) if as_date else "1"  # a date has no fractions of a second
    answer, count = asked(Reply(503, headers={"Retry-After": wish}), GOOD, seconds=9)

    assert (answer.body, count) == (b"good", 2)
    assert 0.9 <= seconds_since(begin) < 4


@pytest.mark.parametrize("wish", ["6", "9" * 400, in_seconds(86_400), "Fri, 31 Dec 9999 23:59:59 GMT"], ids=range(4))
def test_wish_beyond_the_deadline_is_said_at_once(wish: str) -> None:
    begin = time.monotonic()
    answer, count = asked(Reply(503, headers={"Retry-After": wish}), GOOD, seconds=5)

    assert (answer.status, count) == (503, 1)
    assert seconds_since(begin) < 2


@pytest.mark.parametrize(
    "wish", ["", "soon", "-5", "1.5", "0", "\xb2", "Mon, 00 Xyz 0000", in_seconds(-60)], ids=range(8)
)
def test_wish_that_says_nothing_is_a_short_pause(wish: str) -> None:
    begin = time.monotonic()
    answer, count = asked(Reply(503, headers={"Retry-After": wish}), GOOD)

    assert (answer.body, count) == (b"good", 2)
    assert 0.1 <= seconds_since(begin) < 2


@given(st.text() | st.dates().map(str) | st.datetimes().map(lambda moment: format_datetime(moment)))
@settings(deadline=None)
def test_whatever_the_server_wishes_is_understood_as_some_time_or_none(wish: str) -> None:
    busy = Answer(503, {"Retry-After": wish}, b"")

    assert persistently(lambda: busy, time.monotonic()) is busy


def test_deadline_is_one_for_all_times_together() -> None:
    replies = iter([Reply(503, wait=0.5), Reply(503, wait=0.5), Reply(wait=9)])
    with FarSide(lambda _: next(replies)) as server:
        begin = time.monotonic()
        with pytest.raises(SourceSlow):
            Door(2, LIMIT).send("GET", server.url, origins=(server.url,))

        assert seconds_since(begin) < 2.8
        assert len(server.asked) == 3


def test_kept_connection_that_the_server_closed_meanwhile_is_no_failure() -> None:
    with FarSide(lambda _: Reply(promised=0) if len(server.asked) == 1 else GOOD) as server:
        door = Door(2, LIMIT)
        door.send("GET", server.url, origins=(server.url,))

        assert door.send("GET", server.url, origins=(server.url,)).body == b"good"
