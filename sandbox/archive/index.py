"""The index over a folder of DICOM files. Headers are read once and kept in `index.json` beside the files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask, Request
from pydicom import dcmread
from pydicom.uid import UID

from sandbox.archive.dicom_json import Header, decoded, header, value
from sandbox.patients import PATIENTS
from sandbox.records import InstanceRecord, SeriesRecord, StudyRecord
from sandbox.zone import ZONE

SIDECAR = "index.json"


@dataclass(frozen=True, slots=True)
class Instance:
    """One stored SOP instance: its UIDs, its file, its header in DICOM JSON."""

    study: str
    series: str
    uid: str
    path: Path
    header: Header

    @property
    def frames(self) -> int:
        """How many frames it has; 1 where the object knows no frames."""
        return int(value(self.header, "NumberOfFrames", 1))


@dataclass(frozen=True)
class Archive:
    """All instances of the archive in reading order: by study, series number, instance number."""

    instances: tuple[Instance, ...]

    @cached_property
    def studies(self) -> tuple[StudyRecord, ...]:
        """Every study as the hospital's record, newest first."""
        records = (_study(list(group)) for _, group in groupby(self.instances, key=lambda one: one.study))
        return tuple(sorted(records, key=lambda study: study.started, reverse=True))

    def instances_of(self, study: str, series: str | None = None) -> tuple[Instance, ...]:
        """The study's instances, or those of one series in it; empty where the archive has none."""
        return tuple(one for one in self._by_study.get(study, ()) if series in (None, one.series))

    def instance(self, study: str, series: str, uid: str) -> Instance | None:
        """The instance, if it exists and stands in that study and series."""
        found = self._by_uid.get(uid)
        return found if found and (found.study, found.series) == (study, series) else None

    def study(self, uid: str) -> StudyRecord | None:
        """The study's record, or None."""
        return next((study for study in self.studies if study.uid == uid), None)

    def path(self, uid: str) -> Path | None:
        """The file of a SOP Instance UID, or None."""
        found = self._by_uid.get(uid)
        return found.path if found else None

    @cached_property
    def _by_study(self) -> dict[str, tuple[Instance, ...]]:
        return {uid: tuple(group) for uid, group in groupby(self.instances, key=lambda one: one.study)}

    @cached_property
    def _by_uid(self) -> dict[str, Instance]:
        return {one.uid: one for one in self.instances}


def together(*archives: Archive) -> Archive:
    """What all of them hold."""
    return Archive(tuple(sorted((one for archive in archives for one in archive.instances), key=_reading_order)))


def held(app: Flask, asking: Request) -> Archive:
    """The archive whose address is asked: by the name that its blueprint is registered under, else the only one."""
    found: Archive = app.extensions.get("archives", {}).get(asking.blueprint) or app.extensions["archive"]
    return found


def read(folder: Path) -> Archive:
    """The archive over the folder's DICOM files. Takes the sidecar where there is one, else reads every header."""
    sidecar = folder / SIDECAR
    listed = json.loads(sidecar.read_bytes()) if sidecar.exists() else _scan(folder)
    found = [_instance(folder, item) for item in listed]
    return Archive(tuple(sorted(found, key=_reading_order)))


def write(folder: Path) -> None:
    """Read every header in the folder and write the sidecar."""
    (folder / SIDECAR).write_text(
        json.dumps(_scan(folder), ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )


def _scan(folder: Path) -> list[dict[str, Any]]:
    listed = []
    for path in sorted(folder.glob("*/*/*.dcm")):
        dataset = dcmread(path, stop_before_pixels=True)
        found = decoded(header(dataset), UID(dataset.file_meta.TransferSyntaxUID))
        listed.append({"path": path.relative_to(folder).as_posix(), "header": found})
    return listed


def _instance(folder: Path, item: dict[str, Any]) -> Instance:
    found = item["header"]
    study, series, uid = (value(found, name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"))
    return Instance(study, series, uid, folder / item["path"], found)


def _reading_order(one: Instance) -> tuple[str, int, str, int]:
    return one.study, int(value(one.header, "SeriesNumber", 0)), one.series, int(value(one.header, "InstanceNumber", 0))


def _study(instances: list[Instance]) -> StudyRecord:
    first = instances[0].header
    series = tuple(_series(list(group)) for _, group in groupby(instances, key=lambda one: one.series))
    return StudyRecord(
        uid=instances[0].study,
        patient_id=_patient_id(value(first, "PatientID")),
        accession=value(first, "AccessionNumber"),
        study_id=value(first, "StudyID"),
        started=started(value(first, "StudyDate"), value(first, "StudyTime"), value(first, "TimezoneOffsetFromUTC")),
        description=value(first, "StudyDescription"),
        modalities=tuple(dict.fromkeys(one.modality for one in series)),
        referrer=_readable_name(value(first, "ReferringPhysicianName")),
        reason=value(first, "ReasonForTheRequestedProcedure"),
        series=series,
    )


def _series(instances: list[Instance]) -> SeriesRecord:
    first = instances[0].header
    return SeriesRecord(
        uid=instances[0].series,
        number=int(value(first, "SeriesNumber", 0)),
        modality=value(first, "Modality"),
        description=value(first, "SeriesDescription"),
        body_site=BODY_SITES.get(value(first, "BodyPartExamined"), value(first, "BodyPartExamined").capitalize()),
        laterality=value(first, "Laterality") or value(first, "ImageLaterality"),
        instances=tuple(_instance_record(one) for one in instances),
    )


BODY_SITES = {"WHOLEBODY": "Whole body", "LEG": "Lower leg"}


def _instance_record(one: Instance) -> InstanceRecord:
    return InstanceRecord(
        one.uid, value(one.header, "SOPClassUID"), int(value(one.header, "InstanceNumber", 1)), one.frames
    )


def _patient_id(mrn: str) -> str:
    return next((patient.id for patient in PATIENTS if patient.mrn == mrn), "")


def _readable_name(person: str) -> str:
    """`Haugen^Solveig^^Dr` -> `Dr Solveig Haugen`."""
    family, given, middle, prefix, suffix = (*person.split("^"), "", "", "", "", "")[:5]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)


def started(date: str, time: str, offset: str) -> str:
    """StudyDate, StudyTime and TimezoneOffsetFromUTC as a FHIR date or dateTime of the same precision.

    `20140506` alone stays `2014-05-06`. FHIR knows no minute precision, so `0940` gets seconds; fractions are kept.
    """
    if not date:
        return ""
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    if len(time) < 4:
        return day
    clock = f"{time[:2]}:{time[2:4]}:{time[4:] or '00'}"
    if offset:
        return f"{day}T{clock}{offset[:3]}:{offset[3:]}"
    local = datetime.fromisoformat(f"{day}T{time[:2]}:{time[2:4]}").replace(tzinfo=ZONE)
    return f"{day}T{clock}{local.isoformat()[-6:]}"


def modalities(instances: Iterable[Instance]) -> list[str]:
    """The modalities in order of first appearance."""
    return list(dict.fromkeys(value(one.header, "Modality") for one in instances))
