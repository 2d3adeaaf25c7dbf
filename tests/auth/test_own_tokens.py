"""Sightline's own tokens: one a server, renewed before its end by one thread, and never asked for in a storm."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sightline.auth import own_tokens
from sightline.auth.own_tokens import OwnToken, OwnTokens
from sightline.errors import SourceBusy, SourceFailed


class Server:
    """Gives out `t1`, `t2` …, each good for `seconds`; answers late, or not at all, when told to."""

    def __init__(self, seconds: float = 300.0) -> None:
        self.seconds, self.given, self.asked, self.down = seconds, 0, 0, False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self) -> OwnToken:
        self.asked += 1
        assert self.may_answer.wait(10)
        if self.down:
            raise SourceFailed("HTTP 500")
        self.given += 1
        now = time.monotonic()
        return OwnToken(f"t{self.given}", now, now + self.seconds)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Gives a function that puts the clock so many seconds further."""
    right, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: right() + ahead[0])

    def go_on(seconds: float) -> None:
        ahead[0] += seconds

    return go_on


def test_token_is_asked_for_once_and_used_by_all() -> None:
    tokens, server = OwnTokens(), Server()
    server.may_answer.clear()
    with ThreadPoolExecutor(6) as at_once:
        asked = [at_once.submit(tokens.current, "north", server) for _ in range(6)]
        time.sleep(0.1)
        server.may_answer.set()

        assert {future.result().value for future in asked} == {"t1"}
    assert server.given == 1


def test_each_server_has_its_own() -> None:
    tokens, north, south = OwnTokens(), Server(), Server()
    tokens.current("north", north)
    tokens.current("south", south)

    assert (north.given, south.given) == (1, 1)


def test_token_is_renewed_before_its_end(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    assert tokens.current("north", server).value == "t1"
    later(239)
    assert tokens.current("north", server).value == "t1"
    later(2)
    assert tokens.current("north", server).value == "t2"


def test_others_go_on_with_the_old_token_while_one_asks(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    later(250)
    server.may_answer.clear()
    with ThreadPoolExecutor(2) as at_once:
        renewing = at_once.submit(tokens.current, "north", server)
        time.sleep(0.1)
        assert tokens.current("north", server).value == "t1"
        server.may_answer.set()

        assert renewing.result().value == "t2"
    assert server.given == 2


def test_server_that_does_not_renew_is_left_alone_for_a_while(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    later(245)
    server.down = True
    assert tokens.current("north", server).value == "t1"
    server.down = False
    assert tokens.current("north", server).value == "t1"
    later(31)
    assert tokens.current("north", server).value == "t2"


def test_token_past_its_end_is_never_used(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    later(301)
    server.down = True

    with pytest.raises(SourceFailed):
        tokens.current("north", server)


def test_server_that_hangs_takes_the_thread_of_one_and_soon_answers_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tokens, "_PATIENCE", 0.2)
    tokens, server = OwnTokens(), Server()
    server.may_answer.clear()
    with ThreadPoolExecutor(6) as at_once:
        asking = at_once.submit(tokens.current, "north", server)
        time.sleep(0.1)
        began = time.monotonic()
        others = [at_once.submit(tokens.current, "north", server) for _ in range(4)]
        others.append(at_once.submit(tokens.drop, "north", "t0"))
        assert [type(other.exception()) for other in others] == [SourceBusy] * 5
        assert time.monotonic() - began < 2
        server.may_answer.set()
        assert asking.result().value == "t1"
    assert tokens.current("north", server).value == "t1"


def test_server_that_gives_no_token_is_asked_by_one_and_its_failure_is_everybodys() -> None:
    tokens, server = OwnTokens(), Server()
    server.down = True
    server.may_answer.clear()
    with ThreadPoolExecutor(6) as at_once:
        asked = [at_once.submit(tokens.current, "north", server) for _ in range(6)]
        time.sleep(0.1)
        server.may_answer.set()
        assert [(type(each.exception()), str(each.exception())) for each in asked] == [(SourceFailed, "HTTP 500")] * 6
    assert server.asked == 1


def test_server_that_gave_no_token_is_asked_again_after_a_few_seconds(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    server.down = True
    with pytest.raises(SourceFailed):
        tokens.current("north", server)
    server.down = False
    with pytest.raises(SourceFailed):
        tokens.current("north", server)
    assert server.asked == 1
    later(6)
    assert tokens.current("north", server).value == "t1"


def test_token_that_was_not_renewed_is_asked_for_at_once_when_it_has_ended(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    later(290)
    server.down = True
    assert tokens.current("north", server).value == "t1"
    server.down = False
    later(11)
    assert tokens.current("north", server).value == "t2"


def test_refused_token_is_replaced_but_not_one_that_was_just_given(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    assert not tokens.drop("north", "t1")
    later(31)
    assert tokens.drop("north", "t1")
    assert tokens.current("north", server).value == "t2"


def test_refusal_of_an_older_token_does_not_cost_the_newer_one(later: Callable[[float], None]) -> None:
    tokens, server = OwnTokens(), Server()
    tokens.current("north", server)
    later(31)
    tokens.drop("north", "t1")
    tokens.current("north", server)

    assert tokens.drop("north", "t1")
    assert tokens.current("north", server).value == "t2"
    assert server.given == 2
