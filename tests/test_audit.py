"""The trail of who saw what: one line for each deed, with ids and without names."""

import json
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import msgspec
import pytest

from sightline.audit import Trail
from sightline.audit_record import Action, Record, chart_digest, new_id
from sightline.errors import (
    AuditUnavailable,
    CannotOpen,
    ChartClosed,
    LaunchNotOurs,
    NotAllowed,
    SightlineError,
    SignInEnded,
    SourceFailed,
    StudyNotFound,
    TicketSpent,
)


def written(action: Action, facts: dict[str, object], refusal: SightlineError | None = None) -> dict[str, object]:
    lines: list[bytes] = []
    Trail(lines.append).write(action, facts, refusal)
    assert len(lines) == 1
    assert b"\n" not in lines[0]
    found: dict[str, object] = json.loads(lines[0])
    return found


def test_opening_a_study_is_written_with_who_whose_what_and_where() -> None:
    facts = {"ehr": "https://ehr.example/fhir", "user": "dr-7", "patient": "ada", "study_uid": "1.2.3", "viewer": "d"}

    record = written(Action.OPEN, facts)

    assert record.pop("recorded")
    assert record.pop("id")
    assert record == {"action": "open", "outcome": "success", **facts}


def test_record_is_dated_now_with_its_zone() -> None:
    recorded = datetime.fromisoformat(str(written(Action.SIGN_IN, {})["recorded"]))

    assert abs(datetime.now(UTC) - recorded) < timedelta(minutes=1)


@pytest.mark.parametrize("refusal", [NotAllowed("HTTP 403"), CannotOpen("status cancelled", "Cancelled.")])
def test_refusal_is_written_with_its_kind_and_without_its_words(refusal: SightlineError) -> None:
    record = written(Action.LIST, {"patient": "ada"}, refusal)

    assert record["outcome"] == type(refusal).__name__
    assert refusal.detail not in json.dumps(record)


def test_list_is_written_with_the_number_of_studies_even_where_there_are_none() -> None:
    assert written(Action.LIST, {"studies": 0})["studies"] == 0


def test_line_break_in_a_fact_cannot_begin_another_record() -> None:
    assert written(Action.OPEN, {"accession": 'A1\n{"action":"open"}'})["accession"] == 'A1\n{"action":"open"}'


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (None, "0"),
        (SourceFailed("HTTP 500"), "4"),
        (CannotOpen("status cancelled"), "4"),
        (TicketSpent("used"), "4"),
        (NotAllowed("HTTP 403"), "8"),
        (SignInEnded("HTTP 401"), "8"),
        (StudyNotFound("other chart's"), "8"),
        (LaunchNotOurs("no cookie"), "8"),
        (ChartClosed("no row"), "8"),
        (AuditUnavailable("disk full"), "12"),
    ],
)
def test_outcome_has_its_weight(refusal: SightlineError | None, code: str) -> None:
    lines: list[bytes] = []
    Trail(lines.append).write(Action.LIST, {}, refusal)

    assert msgspec.json.decode(lines[0], type=Record).outcome_code == code


def test_what_is_known_of_the_request_is_in_every_record() -> None:
    lines: list[bytes] = []
    trail = Trail(lines.append, known=lambda: {"request": "K7XQ2MPA", "browser": "192.0.2.17"})
    trail.write(Action.SIGN_OUT, {"patient": "ada"})
    record = msgspec.json.decode(lines[0], type=Record)

    assert (record.request, record.browser, record.patient) == ("K7XQ2MPA", "192.0.2.17", "ada")


@pytest.mark.parametrize("stated", ["\ud800", "a" * 100_000])
def test_text_that_an_ehr_states_is_written_whatever_it_is(stated: str) -> None:
    assert 0 < len(str(written(Action.SIGN_IN, {"user": stated})["user"])) <= 1024


def full_disk(line: bytes) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("action", [Action.SIGN_IN, Action.LIST, Action.OPEN])
def test_what_cannot_be_recorded_is_not_shown(action: Action, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AuditUnavailable):
        Trail(full_disk).write(action, {"chart": "d1gest"})

    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert "d1gest" in caplog.text


def test_site_may_rather_see_images_than_record_them_and_its_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    Trail(full_disk, required=False).write(Action.OPEN, {})

    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def test_nobody_is_kept_signed_in_and_no_refusal_is_hidden_because_it_cannot_be_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trail = Trail(full_disk)
    trail.write(Action.SIGN_OUT, {})
    trail.write(Action.OPEN, {}, StudyNotFound("other chart's"))

    assert len(caplog.records) == 2


def test_ids_are_uuids_of_version_7_in_the_order_of_time_and_never_twice() -> None:
    ids = [new_id() for _ in range(2000)]
    later = new_id_after_a_moment()

    assert len(set(ids)) == 2000
    assert {(UUID(id_).version, UUID(id_).variant) for id_ in ids} == {(7, RFC_4122)}
    assert max(ids) < later


def new_id_after_a_moment() -> str:
    time.sleep(0.005)
    return new_id()


def test_record_has_no_room_for_names_birth_dates_tokens_or_addresses() -> None:
    forbidden = ("name", "family", "given", "birth", "token", "secret", "url", "cookie")

    assert not [field for field in Record.__struct_fields__ for word in forbidden if word in field]


def test_charts_records_are_tied_together_by_a_digest_that_opens_nothing() -> None:
    assert chart_digest("chart-1") == chart_digest("chart-1") != chart_digest("chart-2")
    assert "chart-1" not in chart_digest("chart-1")
