"""Writes IHE Invoke Image Display requests (RAD-106, 4.106.4.1.2) as a viewer wants them spelled.

    requestType=STUDY&studyUID=1.2.3,1.2.4&viewerType=IHE_BIR
    requestType=PATIENT&patientID=123%5E%5E%5E%261.2.3%26ISO&mostRecentResults=1

Each value is percent-encoded on its own; the commas of a list stay readable, a value with one in it has no spelling.
"""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

from sightline.settings.viewer_options import Pairs
from sightline.viewers.contract import encoded
from sightline.viewers.iid_request import LONGEST, Invocation, Malformed, PatientInvocation, Rule, StudyInvocation

_SEPARATORS = {"comma": ",", "semicolon": ";"}


def build(invocation: Invocation, separator: str = "comma", dates: str = "spec", parameters: Pairs = ()) -> str:
    """The request as a query string, with a site's own `parameters` at its end. Raises Malformed.

    `separator` between the studies is `comma`, `semicolon` (OHIF 2), `repeat` (the parameter itself is repeated) or
    `none`. `dates`: `spec`, `inverted` (Weasis takes the lower bound for the upper one) or `omit`.
    """
    if isinstance(invocation, StudyInvocation):
        pairs = ["requestType=STUDY", *_study_keys(invocation, separator)]
    else:
        pairs = ["requestType=PATIENT", *_patient_keys(invocation, dates)]
    common = _common(invocation.viewer_type, invocation.diagnostic_quality, invocation.key_images_only, parameters)
    query = "&".join((*pairs, *common))
    if len(query) > LONGEST:
        raise Malformed(Rule.SIZE, f"{len(query)} characters")
    return query


@lru_cache(256)
def _common(viewer_type: str, quality: bool | None, key_images: bool | None, parameters: Pairs) -> list[str]:
    """What both kinds of request have. Remembered: it comes out of the settings, and nothing of a patient is in it."""
    pairs = [("viewerType", viewer_type)] if viewer_type else []
    truths = (("diagnosticQuality", quality), ("keyImagesOnly", key_images))
    pairs += [(name, str(truth).lower()) for name, truth in truths if truth is not None]
    return [f"{encoded(name)}={encoded(value)}" for name, value in (*pairs, *parameters)]


def _study_keys(invocation: StudyInvocation, separator: str) -> Iterator[str]:
    uids, numbers = invocation.study_uids, invocation.accession_numbers
    if separator == "none" and max(len(uids), len(numbers)) > 1:
        raise Malformed(Rule.LIST, "this display takes one study at a time")
    if uids:  # digits and dots: nothing to encode
        yield _spelled("studyUID", uids, separator)
    if numbers:
        sign = _SEPARATORS.get(separator, ",")
        if any(sign in number for number in numbers):
            raise Malformed(Rule.LIST, "an accession number has the separator in it")
        # CI-SIS, the one place where both keys are asked for, spells the second one in its own way.
        name = "Accessionnumber" if uids else "accessionNumber"
        yield _spelled(name, tuple(map(encoded, numbers)), separator)


def _spelled(name: str, values: tuple[str, ...], separator: str) -> str:
    return f"{name}=" + (f"&{name}=" if separator == "repeat" else _SEPARATORS.get(separator, ",")).join(values)


def _patient_keys(invocation: PatientInvocation, dates: str) -> Iterator[str]:
    yield f"patientID={encoded(invocation.patient.text)}"
    if invocation.patient_name:
        yield f"patientName={encoded(invocation.patient_name)}"
    if invocation.birth_date:
        yield f"patientBirthDate={invocation.birth_date.isoformat()}"
    names = ("upperDateTime", "lowerDateTime") if dates == "inverted" else ("lowerDateTime", "upperDateTime")
    for name, moment in zip(names, (invocation.lower, invocation.upper), strict=True):
        if moment and dates != "omit":
            yield f"{name}={quote(moment.isoformat(), safe=':')}"
    if invocation.most_recent is not None:
        yield f"mostRecentResults={invocation.most_recent}"
    if invocation.modalities:
        yield f"modalitiesInStudy={','.join(invocation.modalities)}"
