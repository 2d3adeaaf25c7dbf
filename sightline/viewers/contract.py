"""What an opening needs, and what every kind of viewer offers for it.

A kind is a module with two functions (`Kind`): what it can be asked for, and the address that asks. The address is the
one in the viewer's settings, with the numbers of studies and patient as values in it: data never names the place to go
to. `sightline.viewers.address` makes sure, before, that the kind takes what is wanted and that the numbers are numbers.
"""

import re
from datetime import datetime
from enum import Enum
from typing import Any, Protocol
from urllib.parse import quote

from msgspec import Struct

from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.phrase import Phrase
from sightline.settings import ViewerSettings
from sightline.study import Study

# Signs that no command line of any system gives a meaning of its own.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*", re.ASCII)


class Takes(Enum):
    """What a viewer can be asked for."""

    STUDY = "one study, by its Study Instance UID"
    STUDIES = "several studies at once"
    ACCESSION = "a study that is known by its accession number only"
    PATIENT = "all images of a patient"
    MODALITIES = "those of some modalities only"
    PERIOD = "those since or until some day only"
    KEY_IMAGES = "those only that are marked as key images"
    QUALITY = "images of diagnostic quality"


class Wanted(Struct, frozen=True, gc=False):
    """What is to be shown: studies of one patient; or, without any, all images of `patient` within the limits given.

    UIDs are bare. `series` narrows one study, `first_series` is shown first. Without a limit: None, 0, (). A time
    without a zone is the hospital's own.
    """

    studies: tuple[Study, ...] = ()
    patient: Patient | None = None
    series: tuple[str, ...] = ()
    first_series: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    most_recent: int = 0
    modalities: tuple[str, ...] = ()
    key_images_only: bool = False
    diagnostic_quality: bool = False

    @property
    def uids(self) -> tuple[str, ...]:
        """The Study Instance UIDs of those studies that have one."""
        return tuple([study.uid for study in self.studies if study.uid])


class Kind(Protocol):
    """A kind of viewer."""

    def takes(self, viewer: ViewerSettings[Any]) -> frozenset[Takes]:
        """What this viewer, as its settings describe it, can be asked for."""

    def url(self, wanted: Wanted, viewer: ViewerSettings[Any]) -> str:
        """The address that shows what is wanted. Raises CannotOpen, with a sentence for people."""


def encoded(value: str) -> str:
    """One value of an address: every sign that could mean something there is percent-encoded (RFC 3986, 2.1)."""
    return quote(value, safe="")


def listed(values: tuple[str, ...]) -> str:
    """Several values between commas, each encoded on its own."""
    return ",".join(map(encoded, values))


def plain(value: str, viewer: ViewerSettings[Any]) -> str:
    """The value, for a program that reads it as part of a command. Raises CannotOpen where it has any special sign."""
    if not _PLAIN.fullmatch(value):
        raise CannotOpen(
            "special signs for a command line",
            Phrase("%(viewer)s cannot be given a number with such signs.", viewer=viewer.title),
        )
    return value


def alone(value: str, viewer: ViewerSettings[Any]) -> str:
    """The value, for a viewer that takes a comma for the end of one value. Raises CannotOpen where it holds one."""
    if "," in value:
        sentence = Phrase(
            "Its number has a comma in it, which %(viewer)s would take for two numbers.", viewer=viewer.title
        )
        raise CannotOpen("a comma", sentence)
    return value


def patient_number(wanted: Wanted, viewer: ViewerSettings[Any], system: str) -> PatientNumber:
    """The number that this viewer knows the patient by. Raises CannotOpen where the record holds none of its system."""
    number = wanted.patient.number_in(system) if wanted.patient else None
    if number is None:
        sentence = Phrase("The patient's record holds no number that %(viewer)s knows.", viewer=viewer.title)
        raise CannotOpen("no patient number", sentence)
    return number
