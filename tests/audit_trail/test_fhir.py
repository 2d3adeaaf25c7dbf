"""Destination `fhir`: AuditEvents posted to a repository, and what its answers are taken for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sightline.audit_trail.fhir import FhirRepository
from sightline.fhir.audit_event import audit_event
from sightline.outbound import Door
from tests.audit_examples import SIGHTLINE, SITE, record_of
from tests.far_side import Asked, FarSide, Reply, unused_origin

A, B, C = (record_of(case) for case in ("sign-in", "list", "open"))


@contextmanager
def repository(
    answer: Callable[[Asked], Reply], token: str = "audit-token"
) -> Iterator[tuple[FhirRepository, FarSide]]:
    with FarSide(answer) as far_side:
        door = Door(answer_seconds=1, answer_bytes=10_000)
        yield FhirRepository(door, f"{far_side.url}/audit/fhir/", token, SIGHTLINE, SITE), far_side


def test_each_record_is_one_create_with_the_repositorys_own_token() -> None:
    with repository(lambda asked: Reply(201)) as (destination, far_side):
        sent = destination.send([A, B, C])

    assert (sent.refusals, sent.failure) == (["", "", ""], "")
    assert [(asked.method, asked.path) for asked in far_side.asked] == [("POST", "/audit/fhir/AuditEvent")] * 3
    assert [json.loads(asked.body) for asked in far_side.asked] == [audit_event(r, SIGHTLINE, SITE) for r in (A, B, C)]
    headers = far_side.asked[0].headers
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/fhir+json", "Bearer audit-token")
    assert "id" not in json.loads(far_side.asked[0].body)  # HAPI refuses a create that names one


def test_repository_without_authentication_gets_no_token() -> None:
    with repository(lambda asked: Reply(201), token="") as (destination, far_side):
        destination.send([A])

    assert far_side.asked[0].headers["Authorization"] is None


@pytest.mark.parametrize("status", [400, 409, 412, 413, 422])
def test_refusal_that_is_about_the_record_is_said_and_the_next_is_tried(status: int) -> None:
    replies = iter([Reply(201), Reply(status), Reply(200)])
    with repository(lambda asked: next(replies)) as (destination, _):
        sent = destination.send([A, B, C])

    assert (sent.refusals, sent.failure) == (["", f"HTTP {status}", ""], "")


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 408, 415, 429, 500, 502, 503])
def test_refusal_that_may_be_over_tomorrow_ends_the_attempt(status: int) -> None:
    replies = iter([Reply(201), Reply(status, headers={"Location": "/elsewhere"})])
    with repository(lambda asked: next(replies)) as (destination, far_side):
        sent = destination.send([A, B, C])

    assert sent.refusals == [""]
    assert str(status) in sent.failure
    assert len(far_side.asked) == 2


@pytest.mark.parametrize("reply", [Reply(silent=True), Reply(wait=3), Reply(201, promised=100)])
def test_repository_that_does_not_answer_ends_the_attempt(reply: Reply) -> None:
    with repository(lambda asked: reply) as (destination, _):
        sent = destination.send([A, B])

    assert sent.refusals == []
    assert sent.failure.startswith("Source")


def test_repository_that_is_not_there_is_a_failure() -> None:
    destination = FhirRepository(Door(1, 1000), unused_origin(), "", SIGHTLINE, SITE)

    assert "SourceNotAsked" in destination.send([A]).failure
