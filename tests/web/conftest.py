"""What the page tests share: a person at the EHR, the audit trail, what the hospital heard and said, and a clock."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask, Request, Response, request, request_finished, request_started

from sightline.audit_trail.reading import Position, lines_after
from tests.conftest import Pair
from tests.ehr_user import EhrUser


@pytest.fixture
def user(pair: Pair) -> EhrUser:
    """A person whose browser has no cookie yet."""
    return EhrUser(pair)


@dataclass
class Trail:
    """The records of an audit trail that were written since this was made."""

    folder: Path
    _begin: int = 0

    def __post_init__(self) -> None:
        self._begin = len(list(lines_after(self.folder, Position())))

    @property
    def records(self) -> list[dict[str, Any]]:
        lines = [line for line, _ in lines_after(self.folder, Position())]
        return [json.loads(line) for line in lines[self._begin :]]


@pytest.fixture
def trail(pair: Pair) -> Trail:
    """What is written from now on; what strangers tried in an earlier test of this minute is forgotten."""
    pair.sightline.extensions["sightline"].store.delete_all(" 127.0.0.1")
    return Trail(pair.data_folder)


@dataclass
class Overheard:
    """What passed between Sightline and the hospital: addresses asked for, and values that must stay between them."""

    asked: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def hear(self, sender: Flask, **_: object) -> None:
        self.asked.append(request.full_path)

    def take(self, sender: Flask, response: Response, **_: object) -> None:
        self.secrets.update(value for name, value in request.form.items() if name in ("code", "code_verifier"))
        if request.path == "/auth/token" and response.status_code == 200:
            answer = response.get_json()
            self.secrets.update(
                answer[name] for name in ("access_token", "refresh_token", "id_token") if name in answer
            )


@pytest.fixture
def overheard(pair: Pair) -> Iterator[Overheard]:
    listener = Overheard()
    # Addresses are noted as they come: a slow answer to an earlier test's question belongs to that test.
    with (
        request_started.connected_to(listener.hear, pair.hospital),
        request_finished.connected_to(listener.take, pair.hospital),
    ):
        yield listener


SEARCH = "/fhir/r4/ImagingStudy"


@contextmanager
def ehr_answering(
    pair: Pair, answer: Callable[[Request], Response | dict[str, Any] | None], path: str = SEARCH
) -> Iterator[list[Request]]:
    """Puts another answer in the place of the R4 server's own to a search for studies, and gives the searches.

    `path` is that of another question. `answer` gives a Bundle, a whole response, or None for the hospital's own.
    """
    own, asked = pair.hospital.wsgi_app, []

    def with_other_answers(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] != path:
            return own(environ, start_response)
        asked.append(Request(environ))
        found = answer(asked[-1])
        if isinstance(found, dict):
            found = Response(json.dumps(found), mimetype="application/fhir+json")
        return (found or own)(environ, start_response)

    pair.hospital.wsgi_app = with_other_answers  # type: ignore[method-assign]
    yield asked
    pair.hospital.wsgi_app = own  # type: ignore[method-assign]


@pytest.fixture
def ehr_answers(pair: Pair) -> Iterator[Callable[..., list[Request]]]:
    """Gives `ehr_answering` for the rest of the test; the last answer that was put in place counts."""
    with ExitStack() as until_the_end:
        yield lambda answer, path=SEARCH: until_the_end.enter_context(ehr_answering(pair, answer, path))


def keeping_the_rest_back(may_come: Event, then: Response | None = None) -> Callable[[Request], Response | None]:
    """The hospital's small first page at once; every other answer, its own or `then`, only when it may come."""

    def answer(request: Request) -> Response | None:
        if request.args.get("_count") == "50" and "_offset" not in request.args:
            return None
        assert may_come.wait(10)
        return then

    return answer


@pytest.fixture
def clock_goes_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Gives a function that puts the clock of Sightline and of the person's browser so many seconds further.

    The hospital's clock stays: what ends is then Sightline's doing.
    """
    right, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: right() + ahead[0])

    def go_on(seconds: float) -> None:
        ahead[0] += seconds

    return go_on
