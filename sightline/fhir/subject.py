"""Whose study is it? The check that stands between a chart and another patient's images."""

import re
from enum import Enum

_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}\Z")


class Subject(Enum):
    """What a study's `subject` says about the patient it was asked for."""

    THIS_PATIENT = "this patient"
    OTHER_PATIENT = "another patient"
    NOT_SAID = "not said"


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
