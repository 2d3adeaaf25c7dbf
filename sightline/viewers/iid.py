"""IHE Invoke Image Display (RAD-106), asked as one viewer's settings say it understands it.

    <address>?requestType=STUDY&studyUID=1.2.3,1.2.4&viewerType=IHE_BIR
    <address>?requestType=PATIENT&patientID=123%5E%5E%5E%261.2.3%26ISO

IID has no series level: `Wanted.series` is not sent. Every deviation that the settings know is one that a product has;
config.example.toml names it.
"""

from datetime import date
from functools import cache

from sightline.errors import CannotOpen
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import IidOptions
from sightline.viewers import cx
from sightline.viewers.contract import Takes, Wanted, patient_number
from sightline.viewers.iid_build import build
from sightline.viewers.iid_parse import Lenient, parse
from sightline.viewers.iid_request import Invocation, Malformed, PatientInvocation, Rule, StudyInvocation

__all__ = [
    "Invocation",
    "Lenient",
    "Malformed",
    "PatientInvocation",
    "Rule",
    "StudyInvocation",
    "build",
    "parse",
    "takes",
    "url",
]


_TAKES = {
    "STUDY": {Takes.STUDY, Takes.STUDIES, Takes.ACCESSION},
    "PATIENT": {Takes.PATIENT, Takes.MODALITIES, Takes.PERIOD},
}


_PASSED_ON = {"key_images_only": Takes.KEY_IMAGES, "diagnostic_quality": Takes.QUALITY}


@cache
def _taken(requests: frozenset[str], lists: bool, periods: bool, passed_on: frozenset[str]) -> frozenset[Takes]:
    can = frozenset[Takes]().union(*(_TAKES[request] for request in requests), map(_PASSED_ON.__getitem__, passed_on))
    return can - (set() if lists else {Takes.STUDIES}) - (set() if periods else {Takes.PERIOD})


def takes(viewer: ViewerSettings[IidOptions]) -> frozenset[Takes]:
    """What the settings say that it answers; several studies unless it has no list, a period unless none is sent."""
    options = viewer.options
    passed_on = options.passes_on | ({"diagnostic_quality"} if options.diagnostic_quality else set())
    return _taken(options.requests, options.list_separator != "none", options.date_range != "omit", passed_on)


def url(wanted: Wanted, viewer: ViewerSettings[IidOptions]) -> str:
    """The address that shows what is wanted. Raises CannotOpen."""
    options = viewer.options
    try:
        asked = _studies(wanted, options) if wanted.studies else _patient(wanted, viewer)
        query = build(asked, options.list_separator, options.date_range, options.parameters)
    except (Malformed, cx.NotCx) as cause:
        sentence = Phrase("%(viewer)s cannot be asked for it: %(cause)s.", viewer=viewer.title, cause=str(cause))
        raise CannotOpen(str(cause), sentence) from cause
    return f"{viewer.address}?{query}"


def _studies(wanted: Wanted, options: IidOptions) -> StudyInvocation:
    """By the key that the display prefers; by the other one where a record does not hold it."""
    studies = wanted.studies
    uids, accessions = _all([study.uid for study in studies]), _all([study.accession for study in studies])
    if not uids and not accessions:
        raise Malformed(Rule.STUDY_KEY, "some of the studies have only the one, and some only the other")
    pair = options.study_key == "both" and len(studies) == 1
    by_accession = accessions and (options.study_key == "accession" or not uids)
    return StudyInvocation(
        () if by_accession else uids,
        accessions if by_accession or pair else (),
        options.viewer_type,
        options.diagnostic_quality or wanted.diagnostic_quality or None,
        wanted.key_images_only or None,
    )


def _all(values: list[str | None]) -> tuple[str, ...]:
    """The values, if each is there."""
    return tuple([value for value in values if value]) if all(values) else ()


def _patient(wanted: Wanted, viewer: ViewerSettings[IidOptions]) -> PatientInvocation:
    options = viewer.options
    number = patient_number(wanted, viewer, options.patient_system)
    facts = wanted.patient if wanted.patient and options.patient_facts else Patient("")
    return PatientInvocation(
        cx.of(number, options.patient_id_form, dict(options.namespaces)),
        _person_name(facts) if "name" in options.patient_facts else "",
        _birth_date(facts) if "birth_date" in options.patient_facts else None,
        wanted.earliest,
        wanted.latest,
        wanted.most_recent or None,
        wanted.modalities,
        options.viewer_type,
        options.diagnostic_quality or wanted.diagnostic_quality or None,
        wanted.key_images_only or None,
    )


def _person_name(patient: Patient) -> str:
    """DICOM's person name (PS3.5, 6.2.1.2): family, given, middle, prefix. Empty for one that it cannot spell."""
    parts = (patient.family, patient.given, "", patient.prefix)
    return "" if any(sign in part for part in parts for sign in "^=\\") else "^".join(parts).rstrip("^")


def _birth_date(patient: Patient) -> date | None:
    """A whole day only: XML Schema's dates know no month without a day."""
    try:
        return date.fromisoformat(patient.birth_date) if len(patient.birth_date) == 10 else None
    except ValueError:
        return None
