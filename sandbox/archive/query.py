"""The parameters of a QIDO-RS search (PS3.18 8.3.4), and what each level returns (PS3.18 tables 10.6.3-3 to -5)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.archive.matching import BadQuery, check, keyword

PATIENT_AND_STUDY = (
    "SpecificCharacterSet", "StudyDate", "StudyTime", "AccessionNumber", "InstanceAvailability", "ModalitiesInStudy",
    "ReferringPhysicianName", "TimezoneOffsetFromUTC", "RetrieveURL", "PatientName", "PatientID", "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID", "StudyID", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances",
)  # fmt: skip
STUDY_MORE = (
    "StudyDescription", "IssuerOfPatientID", "InstitutionName", "ReasonForTheRequestedProcedure", "SOPClassesInStudy",
)  # fmt: skip
SERIES = (
    "SpecificCharacterSet", "Modality", "TimezoneOffsetFromUTC", "SeriesDescription", "RetrieveURL",
    "SeriesInstanceUID", "SeriesNumber",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip
SERIES_MORE = ("SeriesDate", "SeriesTime", "BodyPartExamined", "Laterality", "Manufacturer", "FrameOfReferenceUID")
INSTANCE = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "InstanceAvailability", "TimezoneOffsetFromUTC",
    "RetrieveURL",
    "InstanceNumber", "Rows", "Columns", "BitsAllocated", "NumberOfFrames",
)  # fmt: skip
CONTROLS = {"fuzzymatching", "includefield", "limit", "offset", "accept", "charset"}


@dataclass(frozen=True, slots=True)
class Query:
    """A checked search. `keys` are keyword -> matching text; `include` keywords asked for beside the defaults."""

    keys: dict[str, str]
    include: frozenset[str] = frozenset()
    include_all: bool = False
    limit: int | None = None
    offset: int = 0
    fuzzy: bool = False


def parse(items: Iterable[tuple[str, str]]) -> Query:
    """Read the query's (name, value) pairs; BadQuery with a sentence for what is malformed, unknown or said twice."""
    keys: dict[str, str] = {}
    controls: dict[str, str] = {}
    fields: list[str] = []
    for name, text in items:
        if name == "includefield":
            fields += [field for field in text.split(",") if field]
        elif name in CONTROLS:
            controls[name] = text
        else:
            _add(keys, keyword(name), text)
    return Query(
        keys,
        include=frozenset(keyword(field) for field in fields if field != "all"),
        include_all="all" in fields,
        limit=_count(controls, "limit") if "limit" in controls else None,
        offset=_count(controls, "offset") if "offset" in controls else 0,
        fuzzy=_truth(controls.get("fuzzymatching", "false")),
    )


def _add(keys: dict[str, str], name: str, text: str) -> None:
    check(name, text)
    if name in keys:
        raise BadQuery(f"{name} is asked for twice.")
    keys[name] = text


def _count(controls: dict[str, str], name: str) -> int:
    text = controls[name]
    if not (text.isascii() and text.isdigit()):
        raise BadQuery(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadQuery(f"fuzzymatching must be true or false, not {text!r}.")
    return text == "true"
