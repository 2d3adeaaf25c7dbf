"""Delivers the trail to one destination: in order, at least once, and again after every outage.

Among all processes of a machine one thread delivers; it holds a lock that dies with its process, and then another
takes over. What it has not delivered when it dies is in the trail's files, and what it delivered without noting it
comes twice, under the same id.
"""

import logging
import os
import threading
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec

from sightline.audit_record import Record
from sightline.audit_trail import Destination, Sent
from sightline.audit_trail.progress import Progress, ProgressFile
from sightline.audit_trail.reading import Position, lines_after

_log = logging.getLogger("sightline")

_AT_ONCE = 100
_LOOK_SECONDS = 1.0
_LONGEST_PAUSE = 60.0

_decoder = msgspec.json.Decoder(Record)


class Deliverer:
    """The delivery to one destination. `wake` says that there is something new, and starts the thread if need be."""

    def __init__(self, folder: Path, destination: Destination) -> None:
        self._folder, self._destination = folder, destination
        self._progress = ProgressFile(folder, destination.name)
        self._starting, self._woken, self._stopping = threading.Lock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._process = 0

    def wake(self) -> None:
        """Costs a page next to nothing: it sets a flag. A process that was forked has no thread yet."""
        self._woken.set()
        if self._process != os.getpid():
            with self._starting:
                if self._process != os.getpid():
                    self._process = os.getpid()
                    name = f"audit to {self._destination.name}"
                    self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Ends the thread when it has sent what it is sending."""
        self._stopping.set()
        self._woken.set()
        if self._thread:
            self._thread.join()

    def deliver(self) -> bool | None:
        """Sends the next few records: whether any of them is dealt with now, None where nothing is waiting."""
        progress = self._progress.read()
        lines = list(islice(lines_after(self._folder, progress.position), _AT_ONCE))
        if not lines:
            return None
        records = [_record(line) for line, _ in lines]
        sent = self._destination.send([record for record in records if record])
        verdicts, position, dealt_with = iter(sent.refusals[: _dealt_with(sent)]), progress.position, 0
        for (line, behind), record in zip(lines, records, strict=True):
            verdict = next(verdicts, None) if record else "its line is damaged"
            if verdict is None:
                break
            if verdict:
                self._put_aside(line, verdict)
            position, dealt_with = behind, dealt_with + 1
        failure = "" if dealt_with == len(lines) else sent.failure or sent.refusals[-1]
        self._note(progress, position, failure)
        return dealt_with > 0

    def _put_aside(self, line: bytes, why: str) -> None:
        self._progress.put_aside(line)
        _log.error(
            "audit to %s: a record is put aside in %s: %s",
            self._destination.name,
            self._progress.refused_file.name,
            why,
        )

    def _note(self, before: Progress, position: Position, failure: str) -> None:
        since = (before.failing_since or datetime.now(UTC).isoformat(timespec="seconds")) if failure else ""
        if failure and not before.failure:
            _log.warning("audit to %s: not delivered, tried again until it is: %s", self._destination.name, failure)
        if before.failure and not failure:
            _log.warning("audit to %s: delivered again", self._destination.name)
        now = Progress(position, failure, since)
        if now != before:
            self._progress.keep(now)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._progress.mine() as mine:
                    if mine:
                        self._deliver_until_stopped()
            except Exception as unforeseen:  # a full disk, a mistake of ours: the thread must outlive it
                _log.error("audit to %s: interrupted", self._destination.name, exc_info=unforeseen)
            self._stopping.wait(_LOOK_SECONDS)

    def _deliver_until_stopped(self) -> None:
        pause = _LOOK_SECONDS
        while not self._stopping.is_set():
            self._woken.clear()
            went_through = self.deliver()
            if went_through is None:
                self._woken.wait(_LOOK_SECONDS)  # other processes write too, and cannot set the flag
            elif not went_through:
                self._stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = _LOOK_SECONDS


def _record(line: bytes) -> Record | None:
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError:
        return None


def _dealt_with(sent: Sent) -> int:
    """How many records, from the first on, need no other try.

    One that is refused while a later one is taken will never be taken. Where all are refused it is not the records: the
    address, the token or the repository is wrong, and nothing is given up.
    """
    return max((nth for nth, refusal in enumerate(sent.refusals, 1) if not refusal), default=0)
