"""Destination `syslog`: DICOM audit messages in RFC 5424 messages in RFC 5425 frames, over TLS (IHE ITI-20)."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sightline.audit_trail.dicom_message import audit_message
from sightline.audit_trail.syslog import SyslogRepository, message
from sightline.tls_stream import TlsServer
from tests.audit_examples import CASES, SIGHTLINE, SITE, record_of
from tests.syslog_server import SyslogServer
from tests.throw_away_ca import ThrowAwayCa

# RFC 5424 section 6: PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP SD, then BOM and UTF-8.
MESSAGE = re.compile(
    rb"<(?P<pri>\d{1,3})>1 (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00)"
    rb" (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<id>[!-~]{1,32})"
    rb" - \xef\xbb\xbf(?P<text>.+)",
    re.DOTALL,
)


@pytest.mark.parametrize("case", CASES)
def test_message_is_rfc_5424_with_the_codes_of_iti_20(case: str) -> None:
    record = record_of(case)
    found = MESSAGE.fullmatch(message(record, SIGHTLINE, SITE))

    assert found
    assert int(found["pri"]) == (85 if record.outcome == "success" else 84)
    assert (found["time"].decode(), found["host"]) == (record.recorded, b"imaging.example")
    assert (found["app"], found["process"], found["id"]) == (b"Sightline", b"-", b"IHE+RFC-3881")
    assert found["text"] == audit_message(record, SIGHTLINE, SITE)


def test_records_arrive_in_their_order_as_xml(tmp_path: Path) -> None:
    ca = ThrowAwayCa(tmp_path)
    with SyslogServer(ca.certificate_for("127.0.0.1")) as server:
        repository = SyslogRepository(TlsServer("127.0.0.1", server.port, ca.file), SIGHTLINE, SITE)
        sent = repository.send([record_of(case) for case in CASES])

        assert (sent.refusals, sent.failure) == ([""] * len(CASES), "")
        texts = [found["text"] for each in server.messages if (found := MESSAGE.fullmatch(each))]
    times = [ElementTree.fromstring(text)[0].get("EventDateTime") for text in texts]
    assert times == [record_of(case).recorded for case in CASES]


def test_broken_connection_counts_for_nothing_and_the_next_try_for_all(tmp_path: Path) -> None:
    ca = ThrowAwayCa(tmp_path)
    with SyslogServer(ca.certificate_for("127.0.0.1"), resets=1) as server:
        repository = SyslogRepository(TlsServer("127.0.0.1", server.port, ca.file), SIGHTLINE, SITE)
        first = repository.send([record_of("list"), record_of("open")])
        assert (first.refusals, bool(first.failure)) == ([], True)
        second = repository.send([record_of("list"), record_of("open")])
        assert (second.refusals, second.failure) == (["", ""], "")
        assert len(server.messages) == 2


def test_failure_is_said_without_what_was_sent() -> None:
    sent = SyslogRepository(TlsServer("127.0.0.1", 9), SIGHTLINE, SITE).send([record_of("open")])

    assert sent.failure == "ConnectionRefusedError: Connection refused"
