"""The trail of who saw what: one line for each deed, with ids and without names."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sightline.audit import Trail
from sightline.audit_record import Action, Record, chart_digest
from sightline.errors import CannotOpen, NotAllowed, SightlineError


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


def test_deed_that_could_not_be_written_is_not_done_in_silence() -> None:
    def full_disk(line: bytes) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        Trail(full_disk).write(Action.OPEN, {})


def test_record_has_no_room_for_names_birth_dates_tokens_or_addresses() -> None:
    forbidden = ("name", "family", "given", "birth", "token", "secret", "url", "cookie")

    assert not [field for field in Record.__struct_fields__ for word in forbidden if word in field]


def test_charts_records_are_tied_together_by_a_digest_that_opens_nothing() -> None:
    assert chart_digest("chart-1") == chart_digest("chart-1") != chart_digest("chart-2")
    assert "chart-1" not in chart_digest("chart-1")
