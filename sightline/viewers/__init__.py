"""The kinds of viewer, and the one way to an address in any of them: `address`."""

import re
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from sightline.errors import CannotOpen
from sightline.phrase import Phrase
from sightline.settings import VIEWER_KINDS, ViewerSettings
from sightline.study import Study
from sightline.uid import MAX_LENGTH, uid
from sightline.viewers import (
    horos,
    iid,
    meddream,
    oe2,
    ohif,
    radiant,
    slim,
    stone,
    template,
    volview,
    weasis,
)
from sightline.viewers.contract import Kind, Takes, Wanted, alone

KINDS: dict[str, Kind] = {
    "iid": iid,
    "ohif": ohif,
    "stone": stone,
    "meddream": meddream,
    "weasis": weasis,
    "slim": slim,
    "volview": volview,
    "oe2": oe2,
    "radiant": radiant,
    "horos": horos,
    "template": template,
}

MOST_STUDIES = 50
LONGEST_ADDRESS = 3000
# Windows cuts the command line of a program that a browser starts, and the rest would be another request.
LONGEST_ADDRESS_OF_PROGRAM = 2000

# DICOM's SH holds 16 characters; hospitals' systems are known to exceed it, but not like this.
_LONGEST_ACCESSION = 64
_DOTS = re.compile(r"\.+")

_LONGEST_UID = "2." + (MAX_LENGTH - 2) * "1"
_NO_ACCESSION = (_LONGEST_ACCESSION + 1) * ",;\n"

# What is left aside for a viewer that lacks the word for it.
_UNSAID: dict[Takes, dict[str, Any]] = {
    Takes.MODALITIES: {"modalities": ()},
    Takes.PERIOD: {"earliest": None, "latest": None},
    Takes.KEY_IMAGES: {"key_images_only": False},
    Takes.QUALITY: {"diagnostic_quality": False},
}

_NO_NUMBER = Phrase("Its record holds no number by which a viewer could find its images.")
_ONLY_BY_UID = Phrase("%(viewer)s finds a study by its Study Instance UID only, and this record holds none.")


def takes(viewer: ViewerSettings[Any]) -> frozenset[Takes]:
    """What this viewer can be asked for."""
    return KINDS[viewer.kind].takes(viewer)


def as_taken(wanted: Wanted, viewer: ViewerSettings[Any]) -> Wanted:
    """What this viewer would really be asked for: the same, but for limits and wishes that it has no word for."""
    if wanted.studies and not (wanted.key_images_only or wanted.diagnostic_quality):
        return wanted
    can = takes(viewer)
    unsaid: dict[str, Any] = {}
    for word, nothing in _UNSAID.items():
        unsaid |= {} if word in can else nothing
    return replace(wanted, **unsaid)


def address(wanted: Wanted, viewer: ViewerSettings[Any]) -> str:
    """The address that shows what is wanted in this viewer. Raises CannotOpen, with a sentence for people."""
    kind = KINDS[viewer.kind]
    _refuse_unless_taken(wanted, viewer, kind.takes(viewer))
    for number in (*wanted.uids, *wanted.series, wanted.first_series):
        if number and uid(number) != number:
            raise CannotOpen("not a DICOM UID", _NO_NUMBER)
    built = kind.url(wanted, viewer)
    longest = LONGEST_ADDRESS_OF_PROGRAM if viewer.open == "program" else LONGEST_ADDRESS
    if len(built) > longest:
        what = f"an address of {len(built)} characters, where {longest} are the limit"
        raise CannotOpen(what, Phrase("This is too much for one address. Open fewer studies at once."))
    return built


@lru_cache(64)
def takes_every_uid(viewer: ViewerSettings[Any]) -> bool:
    """Whether it can be asked for every study that has a UID, whatever else the record holds or lacks.

    Tried out with the longest UID, without an accession number and with one that no viewer takes.
    """
    tried = (Study("", uid=_LONGEST_UID, accession=number) for number in (None, _NO_ACCESSION))
    try:
        for study in tried:
            address(Wanted((study,)), viewer)
    except CannotOpen:
        return False
    return True


def program_for(viewer: ViewerSettings[Any]) -> str:
    """What must be installed on the user's own computer; empty for a viewer on the web."""
    if viewer.open != "program":
        return ""
    return VIEWER_KINDS[viewer.kind].program or viewer.options.program or viewer.title


def _refuse_unless_taken(wanted: Wanted, viewer: ViewerSettings[Any], can: frozenset[Takes]) -> None:
    if not wanted.studies and Takes.PATIENT not in can:
        sentence = Phrase("%(viewer)s cannot be asked for all images of a patient.", viewer=viewer.title)
        raise CannotOpen("no PATIENT", sentence)
    if wanted.studies and Takes.STUDY not in can:
        sentence = Phrase("%(viewer)s cannot be asked for single studies, only for all images.", viewer=viewer.title)
        raise CannotOpen("no STUDY", sentence)
    if len(wanted.studies) > 1 and Takes.STUDIES not in can:
        sentence = Phrase("%(viewer)s can be asked for one study at a time only.", viewer=viewer.title)
        raise CannotOpen("no STUDIES", sentence)
    if len(wanted.studies) > MOST_STUDIES:
        count = len(wanted.studies)
        sentence = Phrase(
            "These are %(number)s studies. At most %(most)s can be opened at once.", number=count, most=MOST_STUDIES
        )
        raise CannotOpen(f"{count} studies", sentence)
    for study in wanted.studies:
        if study.uid:
            continue
        if not _is_accession(study.accession):
            raise CannotOpen("neither UID nor accession number", _NO_NUMBER)
        if Takes.ACCESSION not in can:
            raise CannotOpen("no ACCESSION", Phrase(_ONLY_BY_UID, viewer=viewer.title))
        alone(study.accession or "", viewer)


def _is_accession(number: str | None) -> bool:
    """Whether it can be sent at all: dots alone would be a step up in a path."""
    if not number or len(number) > _LONGEST_ACCESSION or _DOTS.fullmatch(number):
        return False
    return number == number.strip() and number.isprintable()
