"""Records of the audit trail, each with the AuditEvent and the DICOM message that it becomes (tests/data/audit)."""

from pathlib import Path

import msgspec

from sightline.audit_record import Record

EXAMPLES = Path(__file__).parent / "data" / "audit"
CASES = sorted(file.name.removesuffix(".record.json") for file in EXAMPLES.glob("*.record.json"))

AT = "2026-11-22T14:05:10.250+00:00"
EHR = "https://ehr.example/fhir/r4"
SIGHTLINE = "https://imaging.example"
SITE = "North Hospital"


def record_of(case: str) -> Record:
    """The record of one example."""
    return msgspec.json.decode((EXAMPLES / f"{case}.record.json").read_bytes(), type=Record)
