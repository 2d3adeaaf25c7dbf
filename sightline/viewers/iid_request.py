"""An IHE Invoke Image Display request (RAD-106, 4.106.4.1.2) as a value that checks itself.

iid_build.py writes it as a query string, iid_parse.py reads it from one.
"""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from sightline.uid import uid
from sightline.viewers.cx import Cx

MOST_STUDIES = 50
LONGEST = 3000
_LONGEST_ACCESSION, _LONGEST_NAME = 64, 324
_MODALITY = re.compile(r"[A-Z0-9_]{1,16}", re.ASCII)


class Rule(StrEnum):
    """What RAD-106 asks of a request, and which of it a malformed one broke."""

    REQUEST_TYPE = "requestType is STUDY or PATIENT"
    SPELLING = "names are spelled as RAD-106 spells them"
    ONCE = "each parameter stands there once"
    VALUE = "each parameter has a value"
    ENCODING = "values are text, percent-encoded"
    BELONGING = "each parameter belongs to the kind of request"
    STUDY_KEY = "a study request carries either studyUID or accessionNumber"
    PATIENT_ID = "a patient request carries one patientID with its assigning authority"
    LIST = "a list has commas between its values and none within"
    UID = "studyUID is a DICOM UID"
    ACCESSION = "accessionNumber is text of at most 64 characters"
    PERSON_NAME = "patientName is a DICOM person name"
    MODALITY = "modalitiesInStudy holds DICOM modality codes"
    DATE_TIME = "dates are XML Schema's"
    PERIOD = "a period begins before it ends"
    COUNT = "mostRecentResults is a whole number"
    TRUTH = "diagnosticQuality and keyImagesOnly are true or false"
    SIZE = f"a request names at most {MOST_STUDIES} studies in {LONGEST} characters"


class Malformed(ValueError):
    """Not a RAD-106 request: the rule that is broken, and how. The text holds no value, which may be a patient's."""

    def __init__(self, rule: Rule, how: str = "") -> None:
        super().__init__(f"{rule}: {how}" if how else str(rule))
        self.rule = rule


class StudyInvocation(Struct, frozen=True, gc=False):
    """`requestType=STUDY`: bare Study Instance UIDs, or accession numbers; both only as one pair that names one study.

    `viewer_type` is IHE_BIR, a name that the site defines, or empty; what is not said is None. Raises Malformed.
    """

    study_uids: tuple[str, ...] = ()
    accession_numbers: tuple[str, ...] = ()
    viewer_type: str = ""
    diagnostic_quality: bool | None = None
    key_images_only: bool | None = None

    def __post_init__(self) -> None:
        uids, numbers = len(self.study_uids), len(self.accession_numbers)
        if not (uids or numbers) or (uids and numbers and uids + numbers > 2):
            raise Malformed(Rule.STUDY_KEY)
        if uids + numbers > MOST_STUDIES:
            raise Malformed(Rule.SIZE, f"{uids + numbers} studies")
        for value in self.study_uids:
            if uid(value) != value:
                raise Malformed(Rule.UID)
        for value in self.accession_numbers:
            if "," in value:
                raise Malformed(Rule.LIST, "an accession number has a comma in it")
            if not value or len(value) > _LONGEST_ACCESSION or value != value.strip() or not value.isprintable():
                raise Malformed(Rule.ACCESSION)
        _check_text(self.viewer_type)


class PatientInvocation(Struct, frozen=True, gc=False):
    """`requestType=PATIENT`. `most_recent` 0 is all; it counts within the period (ITI-11 has the same parameters).

    `lower` and `upper` are the earliest and the latest moment of a study, both included. Raises Malformed.
    """

    patient: Cx
    patient_name: str = ""
    birth_date: date | None = None
    lower: datetime | None = None
    upper: datetime | None = None
    most_recent: int | None = None
    modalities: tuple[str, ...] = ()
    viewer_type: str = ""
    diagnostic_quality: bool | None = None
    key_images_only: bool | None = None

    def __post_init__(self) -> None:
        name = self.patient_name
        if len(name) > _LONGEST_NAME or name.count("^") > 4 or not name.isprintable() or re.search(r"[=\\]", name):
            raise Malformed(Rule.PERSON_NAME)
        for moment in filter(None, (self.lower, self.upper)):
            if (moment.utcoffset() or timedelta()) % timedelta(minutes=1):
                raise Malformed(Rule.DATE_TIME, "an offset of whole minutes")
        if self.lower and self.upper and _is_after(self.lower, self.upper):
            raise Malformed(Rule.PERIOD)
        if self.most_recent is not None and not 0 <= self.most_recent < 10**9:
            raise Malformed(Rule.COUNT)
        if not all(_MODALITY.fullmatch(code) for code in self.modalities):
            raise Malformed(Rule.MODALITY)
        _check_text(self.viewer_type)


Invocation = StudyInvocation | PatientInvocation


def _check_text(value: str) -> None:
    if not value.isprintable():
        raise Malformed(Rule.ENCODING, "a control character")


def _is_after(one: datetime, other: datetime) -> bool:
    """By the clock where only one of the two says its zone."""
    if bool(one.tzinfo) != bool(other.tzinfo):
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return one > other
