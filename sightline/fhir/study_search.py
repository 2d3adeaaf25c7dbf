"""A search for studies by their own numbers, for an EHR that names a study and not whose it is.

A Study Instance UID stands in FHIR servers in four spellings, of which none finds the others; all are asked for at once
(R4 3.1.1.4.1: values between commas), and what comes is held against the number.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sightline.fhir import bundle, imaging_study
from sightline.fhir.patient_search import escaped
from sightline.fhir.versions import Version
from sightline.study import Study
from sightline.study_reference import StudyReference

_AT_ONCE = 10
_MOST = 200
_UID_SYSTEM = "urn:dicom:uid"


class Named(Struct):
    """The studies that were found. `troubled`: an answer was not whole, so that what is missing may be there."""

    studies: list[Study] = []
    troubled: bool = False

    def add(self, body: bytes, references: Sequence[StudyReference], source: str) -> None:
        """Adds what an answer has of these. Raises SourceUnreadable, SourceFailed where it is no Bundle."""
        page = bundle.page(body)
        self.troubled |= page.troubled or bool(page.unreadable) or page.next_url is not None
        for element, resource_id in page.studies:
            try:
                study = imaging_study.study(element, source, resource_id)
            except imaging_study.Unreadable:
                self.troubled = True
                continue
            if study not in self.studies and any(reference.names(study) for reference in references):
                self.studies.append(study)

    def missing(self, references: Sequence[StudyReference]) -> list[StudyReference]:
        """Those of which no study was found."""
        return [reference for reference in references if not any(map(reference.names, self.studies))]


def groups(references: Sequence[StudyReference]) -> list[Sequence[StudyReference]]:
    """As many as are asked for at once."""
    return [references[start : start + _AT_ONCE] for start in range(0, len(references), _AT_ONCE)]


def question(version: Version, references: Sequence[StudyReference]) -> dict[str, str]:
    """For all of these, which are named in one way, in every spelling."""
    parameter = _parameter(version, references[0])
    spellings = [spelling for reference in references for spelling in _spellings(version, reference)]
    return {parameter: ",".join(spellings), "_count": str(_MOST)}


def single_questions(version: Version, reference: StudyReference, *, alone: bool) -> Iterator[dict[str, str]]:
    """For one, a spelling at a time; only the usual one where it is not `alone`: there would be too many questions."""
    spellings = _spellings(version, reference)
    for spelling in spellings if alone else spellings[:1]:
        yield {_parameter(version, reference): spelling, "_count": str(_MOST)}


def _parameter(version: Version, reference: StudyReference) -> str:
    return version.uid_parameter if reference.uid else version.accession_parameter


def _spellings(version: Version, reference: StudyReference) -> list[str]:
    if not reference.uid:
        return [escaped(reference.accession)]
    bare, urn = reference.uid, f"urn:oid:{reference.uid}"
    labelled = [f"{_UID_SYSTEM}|{urn}", f"{_UID_SYSTEM}|{bare}"] if version.uid_parameter == "identifier" else []
    return [*labelled, urn, bare]
