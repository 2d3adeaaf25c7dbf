"""One record of the audit trail: ids, never names, birth dates, tokens or addresses of pages."""

import hashlib
import secrets
import time
from enum import StrEnum

import msgspec


class Action(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign-in"
    LIST = "list"
    OPEN = "open"
    SIGN_OUT = "sign-out"
    PATIENT_SEARCH = "patient-search"
    REPORT = "report"
    PICTURES = "pictures"


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the trail. What is not known is empty.

    `outcome` is "success" or the kind of refusal, `refusal_code` the weight of the latter (R4 AuditEventOutcome).
    `recorded` is UTC to the millisecond. `id` tells a record that is delivered twice from two records.

    `ehr` is the FHIR base that makes `patient`, `study` and `fhir_user` unique, `client` the id that Sightline has
    there. `browser` is the IP address the request came from, `request` the reference that leads to the log and, as
    X-Request-Id, to the EHR's. `chart` is a digest that ties one chart's records together and opens nothing; so does
    `sign_in` those of a sign-in and of the charts opened from it.

    `query` is the question that a list answers, to the FHIR server or to the archive whose DICOMweb address is
    `archive`; `studies` the number of studies that came from there; `report_query` the question for reports that its
    marks answer. `report` is the reference of a report that was read.
    `encounter` is the id of the one that the EHR said is under way, in the launch.
    `series` is the number of series of a study that its page has small pictures of, from `archive`.
    `criteria` are the kinds of what somebody was looked for by, never what it was.
    """

    action: Action
    outcome: str
    recorded: str
    id: str = ""
    refusal_code: str = ""
    ehr: str = ""
    client: str = ""
    user_issuer: str = ""
    user: str = ""
    fhir_user: str = ""
    patient: str = ""
    chart: str = ""
    browser: str = ""
    request: str = ""
    query: str = ""
    study: str = ""
    study_uid: str = ""
    accession: str = ""
    viewer: str = ""
    viewer_origin: str = ""
    studies: int | None = None
    sign_in: str = ""
    criteria: str = ""
    encounter: str = ""
    report: str = ""
    report_query: str = ""
    archive: str = ""
    series: int | None = None

    @property
    def outcome_code(self) -> str:
        """R4 AuditEventOutcome: 0 success, 4 minor, 8 serious, 12 major failure."""
        return self.refusal_code or ("0" if self.outcome == "success" else "8")


def chart_digest(chart_id: str) -> str:
    """What ties one chart's records together."""
    return hashlib.sha256(chart_id.encode()).hexdigest()[:16]


def new_id() -> str:
    """A UUID of version 7 (RFC 9562 section 5.7): in the order of time, to the millisecond, and never twice."""
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    bits = milliseconds << 80 | 7 << 76 | chance >> 62 << 64 | 2 << 62 | chance & (1 << 62) - 1
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
