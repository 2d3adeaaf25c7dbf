"""Whose study is it? The check that stands between a chart and another patient's images."""

import re
from enum import Enum

from sightline.patient import is_fhir_id

_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}\Z")


class Subject(Enum):
    """What a study's `subject` says about the patient it was asked for."""

    THIS_PATIENT = "this patient"
    OTHER_PATIENT = "another patient"
    NOT_SAID = "not said"


def patient_of(reference: str | None, base: str) -> str:
    """The id of the patient whom `reference` names, relative or below this FHIR base; empty where it names none."""
    path = (reference or "").removeprefix(f"{base.rstrip('/')}/")
    patient_id = _VERSION.sub("", path).removeprefix("Patient/")
    return patient_id if path.startswith("Patient/") and is_fhir_id(patient_id) else ""


def whose(reference: str | None, patient_id: str, base: str) -> Subject:
    """Whether `reference` is `Patient/<id>`, relative or below this FHIR base, a version at its end allowed.

    A contained or logical subject, one on another server, or none confirms nothing: such a study is not taken for
    this patient's, since ids repeat between servers.
    """
    if reference == f"Patient/{patient_id}":
        return Subject.THIS_PATIENT
    path = (reference or "").removeprefix(f"{base.rstrip('/')}/")
    if not path.startswith("Patient/"):
        return Subject.NOT_SAID
    named = _VERSION.sub("", path)
    return Subject.THIS_PATIENT if named == f"Patient/{patient_id}" else Subject.OTHER_PATIENT
