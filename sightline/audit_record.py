"""One record of the audit trail: ids, never names, birth dates, tokens or addresses."""

import hashlib
from enum import StrEnum

import msgspec


class Action(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign-in"
    LIST = "list"
    OPEN = "open"
    SIGN_OUT = "sign-out"
    PATIENT_SEARCH = "patient-search"


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the trail. `chart` is a digest that ties one chart's records together and opens nothing.

    So does `sign_in` for those of a sign-in and of the charts opened from it. `criteria` are the kinds of what somebody
    was looked for by, never what it was. `outcome` is "success" or the kind of refusal; `ehr` the FHIR base that makes
    `patient` and `user` unique.
    """

    action: Action
    outcome: str
    recorded: str
    ehr: str = ""
    user_issuer: str = ""
    user: str = ""
    fhir_user: str = ""
    patient: str = ""
    chart: str = ""
    study_uid: str = ""
    accession: str = ""
    viewer: str = ""
    studies: int | None = None
    sign_in: str = ""
    criteria: str = ""


def chart_digest(chart_id: str) -> str:
    """What ties one chart's records together."""
    return hashlib.sha256(chart_id.encode()).hexdigest()[:16]
