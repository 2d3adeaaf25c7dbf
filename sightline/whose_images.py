"""Use case: the one patient whose images an EHR asks for by Invoke Image Display; exactly one, or nobody and why.

By the patient's number it is the record that holds it; by studies, the patient whose they all are.
"""

from typing import Protocol

from sightline import invoking
from sightline.errors import MatchUncertain, NothingMatches, SourceFailed
from sightline.fhir.patient_search import Found, Hit
from sightline.fhir.study_search import Named
from sightline.fhir.subject import patient_of
from sightline.patient import PatientNumber
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.study_reference import StudyReference
from sightline.viewers.iid_request import Invocation, PatientInvocation, StudyInvocation


class Register(Protocol):
    """A FHIR server as far as it is asked here. Its questions raise SourceError."""

    @property
    def ehr(self) -> EhrSettings: ...

    def patients_with(self, number: PatientNumber) -> Found: ...

    def studies_named(self, references: tuple[StudyReference, ...]) -> Named: ...

    def record(self, patient_id: str) -> Hit: ...


def meant(invocation: Invocation, register: Register) -> Hit:
    """The patient's record. Raises NothingMatches, MatchUncertain, SourceError."""
    if isinstance(invocation, PatientInvocation):
        hit = _of_number(invocation, register)
    else:
        hit = _of_studies(invocation, register)
    if not hit.may_be_chosen:
        raise MatchUncertain("a record that is replaced, or that does not say who it is of", _NOT_TOLD_APART)
    return hit


def _of_number(invocation: PatientInvocation, register: Register) -> Hit:
    found = register.patients_with(invoking.number(invocation.patient, register.ehr))
    if len(found.hits) > 1:
        raise MatchUncertain(f"{len(found.hits)} records have this number", _SEVERAL_PATIENTS)
    if found.unreadable or found.more or found.troubled:
        raise SourceFailed("the answer to a search for one number is not whole")
    if not found.hits:
        raise NothingMatches(f"no record with this number, {found.unfit} others", _NO_PATIENT)
    return found.hits[0]


def _of_studies(invocation: StudyInvocation, register: Register) -> Hit:
    found = register.studies_named(invoking.references(invocation))
    if found.troubled:
        raise SourceFailed("the answer to a search for a study is not whole")
    if not found.studies:
        raise NothingMatches("no study of this number", _NO_STUDY)
    if not invoking.agree(invocation, found.studies):
        raise MatchUncertain("studyUID and accession number are two studies'", _TWO_STUDIES)
    owners = {patient_of(study.subject, register.ehr.iss) for study in found.studies}
    if "" in owners:
        raise MatchUncertain("a study that does not say clearly whose it is", _NOT_SAID_WHOSE)
    if len(owners) > 1:
        raise MatchUncertain(f"studies of {len(owners)} patients", _SEVERAL_OWNERS)
    return register.record(owners.pop())


_NO_PATIENT = Phrase("The hospital's system knows no patient of the number that the EHR asked for.")
_NO_STUDY = Phrase("The hospital's system knows no study of the number that the EHR asked for.")
_SEVERAL_PATIENTS = Phrase("The hospital's system knows several patients of the number that the EHR asked for.")
_SEVERAL_OWNERS = Phrase("The studies that the EHR asked for are not of one patient.")
_TWO_STUDIES = Phrase("The EHR named a study by two numbers, which are of two studies.")
_NOT_SAID_WHOSE = Phrase("The study that the EHR asked for does not say clearly whose it is.")
_NOT_TOLD_APART = Phrase(
    "The record of the patient whom the EHR asked for does not say clearly who this is, or is not used any more."
)
