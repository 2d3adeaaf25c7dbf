"""Makes DICOM files of planned studies: the same UIDs in every build, the sandbox's patient in each."""

import uuid
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from sandbox.pictures.cast import SeriesPlan, StudyPlan
from sandbox.records import PatientRecord

NAMESPACE = uuid.UUID("6f1c5a55-5f1e-4d3a-9c55-1b6f0f4f5a31")
SEXES = {"female": "F", "male": "M", "other": "O"}
ISSUER = "Sandbox"
IMPLEMENTATION = UID(f"2.25.{uuid.uuid5(NAMESPACE, 'implementation').int}")


def uid(*words: object) -> UID:
    """A UID under 2.25 (PS3.5 B.2) that depends on the words alone."""
    return UID(f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(map(str, words))).int}")


def write(folder: Path, plan: StudyPlan) -> None:
    """Write all instances of the study as `folder/<StudyUID>/<SeriesUID>/<SOPUID>.dcm` (PS3.10)."""
    for number, series in enumerate(plan.series, start=1):
        place = folder / uid(plan.accession) / uid(plan.accession, number)
        place.mkdir(parents=True)
        for instance, image in enumerate(series.pictures(), start=1):
            completed = _complete(image, plan, series, number, instance)
            completed.save_as(place / f"{completed.SOPInstanceUID}.dcm", enforce_file_format=True)


def _complete(image: Dataset, plan: StudyPlan, series: SeriesPlan, number: int, instance: int) -> Dataset:
    dataset = Dataset()
    dataset.update(_patient(plan.patient))
    dataset.update(_study(plan))
    dataset.update(_series(plan, series, number))
    dataset.update(image)
    dataset.SOPClassUID = series.sop_class
    dataset.SOPInstanceUID = uid(plan.accession, number, instance)
    dataset.InstanceNumber = instance
    dataset.ContentDate, dataset.ContentTime = plan.date, plan.time
    dataset.file_meta = _file_meta(image, dataset)
    return dataset


def _file_meta(image: Dataset, dataset: Dataset) -> FileMetaDataset:
    source = getattr(image, "file_meta", None)
    kept = source is not None and source.get("TransferSyntaxUID") == JPEGBaseline8Bit
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = JPEGBaseline8Bit if kept else ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION
    return meta


def _patient(patient: PatientRecord) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = "^".join((patient.family, patient.given, "", patient.prefix)).rstrip("^")
    dataset.PatientID = patient.mrn
    dataset.IssuerOfPatientID = ISSUER
    # DICOM has no birth date of year precision: such a date stays empty.
    dataset.PatientBirthDate = patient.birth_date.replace("-", "") if len(patient.birth_date) == 10 else ""
    dataset.PatientSex = SEXES.get(patient.sex, "")
    return dataset


def _study(plan: StudyPlan) -> Dataset:
    dataset = Dataset()
    dataset.StudyInstanceUID = uid(plan.accession)
    dataset.StudyDate, dataset.StudyTime = plan.date, plan.time
    if plan.offset:
        dataset.TimezoneOffsetFromUTC = plan.offset
    dataset.AccessionNumber = plan.accession
    dataset.StudyID = plan.accession.removeprefix("A-").replace("-", "")[-6:]
    dataset.StudyDescription = plan.description
    dataset.ReferringPhysicianName = plan.referrer
    if plan.reason:
        dataset.ReasonForTheRequestedProcedure = plan.reason
    dataset.InstitutionName = plan.institution
    return dataset


def _series(plan: StudyPlan, series: SeriesPlan, number: int) -> Dataset:
    dataset = Dataset()
    dataset.SeriesInstanceUID = uid(plan.accession, number)
    dataset.FrameOfReferenceUID = uid(plan.accession, "frame of reference")
    dataset.SeriesNumber = number
    dataset.SeriesDescription = series.description
    dataset.SeriesDate, dataset.SeriesTime = plan.date, plan.time
    dataset.Modality = series.modality
    dataset.BodyPartExamined = series.body_part
    dataset.Manufacturer = plan.maker
    if series.laterality:
        dataset.Laterality = series.laterality
    return dataset
