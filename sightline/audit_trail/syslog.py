"""Destination `syslog`: IHE ITI-20 "Record Audit Event" over TLS, as hospitals' audit repositories have long taken it.

RFC 5424 messages, framed by RFC 5425 octet counting. The payload is DICOM's AuditMessage (PS3.15 A.5), which is what a
repository expects on this transport; FHIR AuditEvents travel by HTTP.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sightline.audit_record import Record
from sightline.audit_trail import Sent
from sightline.audit_trail.dicom_message import audit_message
from sightline.tls_stream import TlsServer, send

_SECONDS = 20.0
# ITI-20: facility 10 (security); severity 5 (normal but significant), 4 (warning) for what did not succeed.
_SUCCESS, _FAILURE = 10 * 8 + 5, 10 * 8 + 4
_BOM = b"\xef\xbb\xbf"  # RFC 5424 6.4: a message in UTF-8 begins with it


class SyslogRepository:
    """The syslog server of an audit repository. It answers nothing, so a message counts when the server has read it."""

    name = "syslog"

    def __init__(self, server: TlsServer, observer: str, site: str) -> None:
        self._server, self._observer, self._site = server, observer, site

    def send(self, records: Sequence[Record]) -> Sent:
        """Sends them on one connection: all, or, where it broke, none of them counts."""
        frames = b"".join(frame(message(record, self._observer, self._site)) for record in records)
        try:
            if frames:
                send(self._server, frames, _SECONDS)
        except OSError as failure:
            return Sent(failure=f"{type(failure).__name__}: {failure.strerror or failure}")
        return Sent([""] * len(records))


def message(record: Record, observer: str, site: str) -> bytes:
    """The RFC 5424 message: PRI, version, time, host, application, no process, ITI-20's MSGID, no structured data."""
    priority = _SUCCESS if record.outcome_code == "0" else _FAILURE
    host = urlsplit(observer).hostname or "-"
    header = f"<{priority}>1 {record.recorded} {host} Sightline - IHE+RFC-3881 - "
    return header.encode("ascii", "replace") + _BOM + audit_message(record, observer, site)


def frame(message: bytes) -> bytes:
    """RFC 5425 4.3: the length in octets, a space, the message."""
    return b"%d %s" % (len(message), message)
