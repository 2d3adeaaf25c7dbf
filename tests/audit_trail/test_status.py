"""What waits for a destination, as monitoring sees it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from sightline.audit_record import Action, Record
from sightline.audit_trail import Sent
from sightline.audit_trail.deliverer import Deliverer
from sightline.audit_trail.files import LIVE, TrailFiles
from sightline.audit_trail.status import waiting
from tests.audit_trail.test_deliverer import Repository, refusing

NOW = datetime.now(UTC)


def write(folder: Path, id_: str, ago: timedelta = timedelta()) -> None:
    TrailFiles(folder).append(msgspec.json.encode(Record(Action.LIST, "success", (NOW - ago).isoformat(), id=id_)))


def test_nothing_waits_where_everything_was_delivered(tmp_path: Path) -> None:
    write(tmp_path, "a", timedelta(days=2))
    Deliverer(tmp_path, Repository()).deliver()
    found = waiting(tmp_path, "fhir")

    assert (found.records, found.oldest, found.failure) == (0, None, "")
    assert found.is_in_order(NOW)
    assert str(found) == "fhir: 0 waiting"


def test_what_waits_is_counted_with_the_time_of_the_oldest_and_the_reason(tmp_path: Path) -> None:
    write(tmp_path, "a", timedelta(minutes=59))
    write(tmp_path, "b")
    Deliverer(tmp_path, Repository(lambda records: Sent(failure="HTTP 503"))).deliver()
    found = waiting(tmp_path, "fhir")

    assert (found.records, found.oldest, found.failure) == (2, NOW - timedelta(minutes=59), "HTTP 503")
    assert found.failing_since
    assert "2 waiting, the oldest since" in str(found)
    assert "HTTP 503" in str(found)
    assert found.is_in_order(NOW)


def test_more_than_an_hour_is_too_long(tmp_path: Path) -> None:
    write(tmp_path, "a", timedelta(minutes=61))

    assert not waiting(tmp_path, "fhir").is_in_order(NOW)


def test_refused_record_is_not_in_order_until_somebody_has_looked(tmp_path: Path) -> None:
    write(tmp_path, "poison")
    write(tmp_path, "b")
    Deliverer(tmp_path, Repository(refusing("poison"))).deliver()
    found = waiting(tmp_path, "fhir")
    assert (found.records, found.refused, found.is_in_order(NOW)) == (0, 1, False)
    (tmp_path / "audit-to-fhir.refused.ndjson").unlink()

    assert waiting(tmp_path, "fhir").is_in_order(NOW)


def test_damaged_line_is_counted_and_tells_no_time(tmp_path: Path) -> None:
    (tmp_path / LIVE).write_bytes(b"{\n")

    assert (waiting(tmp_path, "fhir").records, waiting(tmp_path, "fhir").oldest) == (1, None)
