"""What an EHR says beside its token (SMART 2.2 "Launch context arrives with your access_token").

Nothing here can break a launch: what is malformed counts as not said, and `tenant`, `smart_style_url` and keys that
nobody knows are not read. A study that the EHR means and does not name well is kept as one that will not be found.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from sightline.invoked import Invoked
from sightline.patient import is_fhir_id
from sightline.study_reference import StudyReference
from sightline.uid import long_uid, uid

_MOST_STUDIES = 20
_LONGEST = 64
_STUDY_UID_SYSTEM = "urn:dicom:uid"
_VERSION = re.compile(r"/_history/[A-Za-z0-9.-]{1,64}")


class LaunchContext(msgspec.Struct, frozen=True):
    """`needs_banner` is False only where the EHR shows the patient itself; `studies` are those it wants opened.

    `invoked` is what else an EHR said that asks by Invoke Image Display. `encounter` goes into the audit trail.
    `intent` is kept with the chart, and nothing acts on it.
    """

    needs_banner: bool = True
    encounter: str = ""
    intent: str = ""
    studies: tuple[StudyReference, ...] = ()
    invoked: Invoked = Invoked()


def launch_context(token: dict[str, Any], iss: str) -> LaunchContext:
    """The context in a token response of the EHR whose FHIR base is `iss`."""
    encounter, intent = token.get("encounter"), token.get("intent")
    studies = dict.fromkeys(_studies(token.get("fhirContext"), iss.rstrip("/") + "/"))
    return LaunchContext(
        needs_banner=token.get("need_patient_banner") is not False,
        encounter=encounter if isinstance(encounter, str) and is_fhir_id(encounter) else "",
        intent=_line(intent),
        studies=tuple(studies)[:_MOST_STUDIES],
    )


def _studies(context: Any, base: str) -> Iterator[StudyReference]:
    for item in context if isinstance(context, list) else ():
        if isinstance(item, dict) and item.get("role", "launch") == "launch":
            reference, kind = item.get("reference"), item.get("type")
            if isinstance(reference, str) and (kind == "ImagingStudy" or "ImagingStudy/" in reference):
                yield _by_reference(reference, base)
            elif isinstance(item.get("identifier"), dict):
                yield from _by_identifier(item["identifier"], is_study=kind == "ImagingStudy")


def _by_reference(reference: str, base: str) -> StudyReference:
    """`ImagingStudy/<id>`, relative or below this FHIR base; one on another server is not ours to look up."""
    local = _VERSION.sub("", reference.removeprefix(base))
    resource_id = local.removeprefix("ImagingStudy/")
    is_ours = local.startswith("ImagingStudy/") and is_fhir_id(resource_id)
    return StudyReference(resource_id=resource_id) if is_ours else StudyReference()


def _by_identifier(identifier: dict[str, Any], *, is_study: bool) -> Iterator[StudyReference]:
    system, value = identifier.get("system"), _line(identifier.get("value"))
    if system == _STUDY_UID_SYSTEM or (is_study and value.lower().startswith("urn:oid:")):
        yield StudyReference(uid=uid(value) or "")
    elif is_study:
        found = long_uid(value)
        yield StudyReference(uid=found) if found else StudyReference(accession=value)


def _line(value: Any) -> str:
    """One line of text that fits; empty for anything else."""
    return value.strip() if isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST else ""
