"""Writes IHE Invoke Image Display requests (RAD-106, 4.106.4.1.2) as a viewer wants them spelled.

    requestType=STUDY&studyUID=1.2.3,1.2.4&viewerType=IHE_BIR
    requestType=PATIENT&patientID=123%5E%5E%5E%261.2.3%26ISO&mostRecentResults=1

Each value is percent-encoded on its own; the commas of a list stay readable, a value with one in it has no spelling.
"""

from collections.abc import Iterator
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
    if invocation.viewer_type:
        pairs.append(f"viewerType={encoded(invocation.viewer_type)}")
    for name, truth in (
        ("diagnosticQuality", invocation.diagnostic_quality),
        ("keyImagesOnly", invocation.key_images_only),
    ):
        pairs += [f"{name}={str(truth).lower()}"] if truth is not None else []
    query = "&".join([*pairs, *(f"{encoded(name)}={encoded(value)}" for name, value in parameters)])
    if len(query) > LONGEST:
        raise Malformed(Rule.SIZE, f"{len(query)} characters")
    return query


def _study_keys(invocation: StudyInvocation, separator: str) -> Iterator[str]:
    # CI-SIS, the one place where both keys are asked for, spells the second one in its own way.
    accession = "Accessionnumber" if invocation.study_uids else "accessionNumber"
    for name, values in (("studyUID", invocation.study_uids), (accession, invocation.accession_numbers)):
        if len(values) > 1 and separator == "none":
            raise Malformed(Rule.LIST, "this display takes one study at a time")
        if any(_SEPARATORS.get(separator, ",") in value for value in values):
            raise Malformed(Rule.LIST, "an accession number has the separator in it")
        if separator == "repeat":
            yield from (f"{name}={encoded(value)}" for value in values)
        elif values:
            yield f"{name}={_SEPARATORS.get(separator, ',').join(map(encoded, values))}"


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
