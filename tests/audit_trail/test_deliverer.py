"""Delivery to one destination: in order, at least once, again after an outage, by one thread of the machine."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from sightline.audit_record import Action, Record
from sightline.audit_trail import Sent
from sightline.audit_trail.deliverer import Deliverer
from sightline.audit_trail.files import LIVE, TrailFiles
from sightline.audit_trail.progress import ProgressFile
from tests.audit_examples import AT


def everything(records: Sequence[Record]) -> Sent:
    return Sent([""] * len(records))


@dataclass
class Repository:
    """A far side that answers as told and remembers what it was sent."""

    answer: Callable[[Sequence[Record]], Sent] = everything
    name: str = "fhir"
    tries: list[list[str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def send(self, records: Sequence[Record]) -> Sent:
        self.tries.append([record.id for record in records])
        sent = self.answer(records)
        self.taken += [record.id for record, no in zip(records, sent.refusals, strict=False) if not no]
        return sent


def write(folder: Path, *ids: str) -> None:
    files = TrailFiles(folder)
    for id_ in ids:
        files.append(msgspec.json.encode(Record(Action.LIST, "success", AT, id=id_)))


def refusing(*ids: str) -> Callable[[Sequence[Record]], Sent]:
    return lambda records: Sent(["HTTP 422" if record.id in ids else "" for record in records])


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def test_records_are_delivered_once_each_in_their_order(tmp_path: Path) -> None:
    write(tmp_path, *map(str, range(250)))
    repository = Repository()
    deliverer = Deliverer(tmp_path, repository)

    assert [deliverer.deliver() for _ in range(4)] == [True, True, True, None]
    assert repository.taken == [str(number) for number in range(250)]


def test_what_an_earlier_process_delivered_is_not_delivered_again(tmp_path: Path) -> None:
    write(tmp_path, "a", "b")
    Deliverer(tmp_path, Repository()).deliver()
    write(tmp_path, "c")
    repository = Repository()
    Deliverer(tmp_path, repository).deliver()

    assert repository.taken == ["c"]


def test_each_destination_goes_its_own_way(tmp_path: Path) -> None:
    write(tmp_path, "a")
    Deliverer(tmp_path, Repository(lambda records: Sent(failure="HTTP 503"))).deliver()
    syslog = Repository(name="syslog")
    Deliverer(tmp_path, syslog).deliver()

    assert syslog.taken == ["a"]


def test_outage_loses_nothing_and_is_said_once_as_is_its_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "a", "b", "c")
    repository = Repository(
        lambda records: Sent([""], "HTTP 503") if records[0].id == "a" else Sent(failure="HTTP 503")
    )
    deliverer = Deliverer(tmp_path, repository)

    assert [deliverer.deliver() for _ in range(3)] == [True, False, False]
    progress = ProgressFile(tmp_path, "fhir").read()
    assert (progress.failure, bool(progress.failing_since)) == ("HTTP 503", True)
    repository.answer = everything
    assert deliverer.deliver()

    assert repository.taken == ["a", "b", "c"]
    assert [r.getMessage().split(": ")[1] for r in caplog.records] == [
        "not delivered, tried again until it is",
        "delivered again",
    ]
    assert ProgressFile(tmp_path, "fhir").read().failure == ""


def test_record_that_is_refused_while_the_next_is_taken_is_put_aside_and_holds_nobody_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "a", "poison", "c")
    repository = Repository(refusing("poison"))

    assert Deliverer(tmp_path, repository).deliver()
    assert Deliverer(tmp_path, repository).deliver() is None
    assert repository.taken == ["a", "c"]
    assert b"poison" in (tmp_path / "audit-to-fhir.refused.ndjson").read_bytes()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_repository_that_refuses_everything_is_tried_again_and_nothing_is_given_up(tmp_path: Path) -> None:
    write(tmp_path, "a", "b")
    repository = Repository(refusing("a", "b"))
    deliverer = Deliverer(tmp_path, repository)

    assert [deliverer.deliver(), deliverer.deliver()] == [False, False]
    assert ProgressFile(tmp_path, "fhir").read().failure == "HTTP 422"
    assert not (tmp_path / "audit-to-fhir.refused.ndjson").exists()
    repository.answer = everything
    deliverer.deliver()
    assert repository.taken == ["a", "b"]


def test_last_record_that_is_refused_waits_until_another_was_taken(tmp_path: Path) -> None:
    write(tmp_path, "a", "poison")
    repository = Repository(refusing("poison"))
    deliverer = Deliverer(tmp_path, repository)
    assert [deliverer.deliver(), deliverer.deliver()] == [True, False]
    write(tmp_path, "c")

    assert deliverer.deliver()
    assert repository.taken == ["a", "c"]


def test_damaged_line_is_put_aside_and_what_follows_it_is_delivered(tmp_path: Path) -> None:
    write(tmp_path, "a")
    with (tmp_path / LIVE).open("ab") as file:
        file.write(b'{"action":"li\n\0\0\0\n')
    write(tmp_path, "b")
    repository = Repository()
    deliverer = Deliverer(tmp_path, repository)

    assert [deliverer.deliver(), deliverer.deliver()] == [True, None]
    assert repository.taken == ["a", "b"]
    assert (tmp_path / "audit-to-fhir.refused.ndjson").read_bytes() == b'{"action":"li\n\0\0\0\n'


def test_line_torn_at_the_very_end_waits_for_the_next_start(tmp_path: Path) -> None:
    write(tmp_path, "a")
    with (tmp_path / LIVE).open("ab") as file:
        file.write(b'{"action":"li')
    repository = Repository()

    assert [Deliverer(tmp_path, repository).deliver() for _ in range(2)] == [True, None]
    write(tmp_path, "b")
    Deliverer(tmp_path, repository).deliver()
    assert repository.taken == ["a", "b"]


# The thread


@pytest.fixture
def running() -> "list[Deliverer]":
    """Deliverers that are stopped after the test."""
    started: list[Deliverer] = []
    yield started  # type: ignore[misc]
    for deliverer in started:
        deliverer.stop()


def test_thread_delivers_what_waits_and_what_comes(tmp_path: Path, running: list[Deliverer]) -> None:
    write(tmp_path, "a")
    repository = Repository()
    running.append(Deliverer(tmp_path, repository))
    running[0].wake()
    wait_for(lambda: repository.taken == ["a"])
    write(tmp_path, "b")
    running[0].wake()
    wait_for(lambda: repository.taken == ["a", "b"])


def test_what_another_process_writes_is_delivered_though_nobody_wakes_us(
    tmp_path: Path, running: list[Deliverer]
) -> None:
    repository = Repository()
    running.append(Deliverer(tmp_path, repository))
    running[0].wake()
    time.sleep(0.2)
    write(tmp_path, "a")
    wait_for(lambda: repository.taken == ["a"])


def test_one_of_many_delivers_and_another_takes_over(tmp_path: Path, running: list[Deliverer]) -> None:
    first, second = Repository(), Repository()
    write(tmp_path, "a")
    deliverers = [Deliverer(tmp_path, first), Deliverer(tmp_path, second)]
    running.append(deliverers[1])
    deliverers[0].wake()
    wait_for(lambda: first.taken == ["a"])
    deliverers[1].wake()
    write(tmp_path, "b")
    wait_for(lambda: first.taken == ["a", "b"])
    deliverers[0].stop()
    write(tmp_path, "c")
    wait_for(lambda: second.taken == ["c"])

    assert first.taken == ["a", "b"]


def test_pauses_grow_while_nothing_goes_through(tmp_path: Path, running: list[Deliverer]) -> None:
    moments: list[float] = []

    def down(records: Sequence[Record]) -> Sent:
        moments.append(time.monotonic())
        return Sent(failure="SourceUnreachable")

    write(tmp_path, "a")
    running.append(Deliverer(tmp_path, Repository(down)))
    running[0].wake()
    for _ in range(20):
        running[0].wake()  # a page that is answered meanwhile does not hurry it
        time.sleep(0.05)
    wait_for(lambda: len(moments) == 3)

    assert 0.9 < moments[1] - moments[0] < 1.9
    assert 1.9 < moments[2] - moments[1] < 3.9


def test_thread_outlives_a_mistake_of_ours(
    tmp_path: Path, running: list[Deliverer], caplog: pytest.LogCaptureFixture
) -> None:
    def fails_once(records: Sequence[Record]) -> Sent:
        repository.answer = everything
        raise ZeroDivisionError

    write(tmp_path, "a")
    repository = Repository(fails_once)
    running.append(Deliverer(tmp_path, repository))
    running[0].wake()
    wait_for(lambda: repository.taken == ["a"])

    assert "interrupted" in caplog.text


def test_slow_destination_holds_no_writer_up(tmp_path: Path, running: list[Deliverer]) -> None:
    may_answer = threading.Event()

    def slow(records: Sequence[Record]) -> Sent:
        may_answer.wait(20)
        return everything(records)

    write(tmp_path, "a")
    running.append(Deliverer(tmp_path, repository := Repository(slow)))
    running[0].wake()
    wait_for(lambda: len(repository.tries) == 1)
    begin = time.monotonic()
    for number in range(200):
        write(tmp_path, str(number))
        running[0].wake()
    took = time.monotonic() - begin
    may_answer.set()

    assert took < 2
    wait_for(lambda: len(repository.taken) == 201)
