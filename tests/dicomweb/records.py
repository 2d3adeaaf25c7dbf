"""Answers of a DICOMweb archive, as DICOM JSON (PS3.18 annex F)."""

import json
from typing import Any

from sightline.patient import Patient, PatientNumber
from tests.far_side import Reply

SYSTEM, ISSUER = "urn:oid:1.2.3", "NORTH"
ADA = Patient("ada", birth_date="1951-07-14", numbers=(PatientNumber(SYSTEM, "SB-1001"),))

_VRS = {
    "0020000D": "UI",
    "00100020": "LO",
    "00100021": "LO",
    "00100030": "DA",
    "00080020": "DA",
    "00080030": "TM",
    "00201206": "IS",
    "00201208": "IS",
}


def element(tag: str, *values: Any) -> dict[str, Any]:
    """One attribute; without values it has no `Value` (PS3.18 F.2.5)."""
    return {"vr": _VRS.get(tag, "LO"), "Value": list(values)} if values else {"vr": _VRS.get(tag, "LO")}


def record(uid: str, *, of: str | None = "SB-1001", issuer: str | None = ISSUER, **more: Any) -> dict[str, Any]:
    """A record of Ada's, or of whom it is said to be. Further attributes as `t00080020="20260305"`."""
    facts = {"0020000D": uid, "00100020": of, "00100021": issuer}
    facts |= {name.removeprefix("t"): value for name, value in more.items()}
    return {
        tag: value if isinstance(value, dict) else element(tag, *(value if isinstance(value, list) else [value]))
        for tag, value in facts.items()
        if value is not None
    }


def answer(*records: Any, status: int = 200, **headers: str) -> Reply:
    """A page of these records."""
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(list(records)).encode(), {"Content-Type": "application/dicom+json", **stated})


def additional(count: int) -> str:
    """The Warning that leaves no doubt (PS3.18 8.3.4.4)."""
    return f'299 archive.example: "There are {count} additional results that can be requested"'


NOTHING = Reply(204)
