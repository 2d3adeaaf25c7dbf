"""The sandbox's DICOM files: whose they are, what is in them, and that they look like something."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset

from sandbox import pictures
from sandbox.archive import index
from sandbox.patients import PATIENTS
from sandbox.pictures import breast, cast, files, photos, strands

FOLDER = Path(os.environ.get("SANDBOX_PICTURES", Path(__file__).parents[2] / "var" / "sandbox" / "pictures"))
NAMES = {"ada": "Lindqvist^Ada^^Dr", "cleo": "Lindqvist^Cleo", "mina": "d'Été-Nakamura^Mina"}


@pytest.fixture(scope="module")
def archive() -> index.Archive:
    pictures.ensure(FOLDER)
    return index.read(FOLDER)


def middle_of_each_series(archive: index.Archive) -> list[FileDataset]:
    middles = [series.instances[len(series.instances) // 2] for study in archive.studies for series in study.series]
    return [dcmread(archive.path(one.uid)) for one in middles]


def test_cast_has_the_studies_that_the_stories_need(archive):
    count = {patient.id: sum(study.patient_id == patient.id for study in archive.studies) for patient in PATIENTS}
    modalities = {modality for study in archive.studies if study.patient_id == "ada" for modality in study.modalities}

    assert count == {"ada": 11, "ben": 0, "cleo": 3, "max": 0, "mina": 2, "nora": 0}
    assert {"CT", "MR", "CR", "US", "MG", "PT", "NM"} <= modalities


def test_every_series_carries_its_own_patient(archive):
    by_mrn = {patient.mrn: patient for patient in PATIENTS}
    for dataset in middle_of_each_series(archive):
        patient = by_mrn[dataset.PatientID]
        assert str(dataset.PatientName) == NAMES[patient.id]
        assert archive.study(dataset.StudyInstanceUID).patient_id == patient.id


def test_no_file_keeps_private_tags_or_words_about_another_person(archive):
    invented = {"Lindqvist", "d'Été-Nakamura", "Haugen", "Brandt", "Nygård", ""}
    for dataset in middle_of_each_series(archive):
        names = [element.value for element in dataset.iterall() if element.VR == "PN"]

        assert {str(name).split("^")[0] for name in names} <= invented
        assert not any(element.tag.is_private for element in dataset.iterall())
        assert dataset.InstitutionName == "Sandbox Hospital"


def test_pixels_have_a_size_where_one_is_said(archive):
    """Viewers that draw to scale show nothing at all of pixels without one (PS3.3 10.7.1.3: positive)."""
    for dataset in middle_of_each_series(archive):
        said = [dataset[name].value for name in ("PixelSpacing", "ImagerPixelSpacing") if name in dataset]
        assert all(side > 0 for spacing in said for side in spacing)


def test_every_middle_picture_has_contrast(archive):
    for dataset in middle_of_each_series(archive):
        pixels = np.asarray(dataset.pixel_array, float)
        low, high = np.percentile(pixels, (2, 99))

        assert high - low > 0.02 * max(abs(high), 1), dataset.SeriesDescription
        assert len(np.unique(pixels)) > 20, dataset.SeriesDescription


def test_chest_ct_has_air_lung_fat_muscle_and_bone(archive):
    study = next(study for study in archive.studies if study.accession == "A-20260305-01")
    series = study.series[1]
    dataset = dcmread(archive.path(series.instances[32].uid))
    hounsfield = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)

    for low, high, share in (
        (-1024, -950, 0.2),
        (-920, -780, 0.05),
        (-140, -70, 0.03),
        (20, 90, 0.05),
        (300, 1200, 0.005),
    ):
        assert np.mean((hounsfield > low) & (hounsfield < high)) > share, (low, high)


def test_slices_of_a_volume_lie_at_even_distances(archive):
    study = next(study for study in archive.studies if study.accession == "A-20251118-03")
    heights = [
        float(dcmread(archive.path(one.uid), stop_before_pixels=True).ImagePositionPatient[2])
        for one in study.series[0].instances
    ]

    assert len(heights) == 48
    assert np.allclose(np.diff(heights), -3.0, atol=0.01)


def test_prior_ct_has_a_smaller_nodule_than_the_recent_one(archive):
    assert 0 < nodule_volume(archive, "A-20250708-01", 0) < 0.6 * nodule_volume(archive, "A-20260305-01", 1)


def nodule_volume(archive: index.Archive, accession: str, series: int) -> int:
    study = next(study for study in archive.studies if study.accession == accession)
    instances = study.series[series].instances[22:27]
    box = np.stack([dcmread(archive.path(one.uid)).pixel_array[100:120, 60:80] for one in instances])
    return int(np.sum(box > 1024 - 200))


def test_line_of_tissue_fades_from_its_start_to_an_open_end():
    still = strands.Habit(bend=0, branches=0, parting=0, generations=0, softness=1)
    drawing = strands.Drawing(np.random.default_rng(1), (40, 200), still)
    drawing.grow((10, 20), heading=0, length=150, strength=1)
    line = drawing.picture()[20]

    assert 0.8 < line[12] < 1.2
    assert all(line[start] > line[start + 20] for start in (20, 60, 100, 130))
    assert line[:8].max() == 0
    assert line[165:].max() == 0


def test_branches_grow_out_of_lines_and_are_shorter():
    habit = strands.Habit(bend=0, branches=4, parting=0.6, generations=1, softness=1)
    alone, branched = (
        strands.Drawing(np.random.default_rng(1), (200, 200), replace(habit, generations=generations))
        for generations in (0, 1)
    )
    for drawing in (alone, branched):
        drawing.grow((10, 100), heading=0, length=150, strength=1)

    assert np.count_nonzero(alone.picture()) < np.count_nonzero(branched.picture())
    assert branched.picture().max() <= alone.picture().max() * 1.3


@pytest.mark.parametrize("oblique", [False, True])
def test_mammogram_is_dark_outside_and_bright_behind_the_nipple(oblique):
    left, right = (breast.mammogram(7, oblique=oblique, left=side) for side in (True, False))

    assert np.array_equal(left, right[:, ::-1])
    assert left[:, 760:].mean() < 30
    assert left[560:760, 250:450].mean() > 1.3 * left[1000:1060, 50:250].mean()
    assert left.min() >= 0
    assert left.max() <= 4095


def test_paired_sides_are_told_by_laterality(archive):
    sides = {
        (study.description, series.laterality)
        for study in archive.studies
        for series in study.series
        if series.laterality
    }

    assert sides == {
        ("Lower leg AP", "L"),
        ("MR shoulder", "R"),
        ("Mammography, both sides", "L"),
        ("Mammography, both sides", "R"),
    }


def test_digitised_film_has_a_date_but_no_time(archive):
    film = next(study for study in archive.studies if study.accession == "A-20140506-01")

    assert film.started == "2014-05-06"


def test_uids_depend_on_the_plan_alone(archive):
    for plan in cast.STUDIES:
        assert archive.study(files.uid(plan.accession)).accession == plan.accession
    assert all(len(one.uid) <= 64 and one.uid.startswith("2.25.") for one in archive.instances)


def test_folder_that_is_built_is_left_alone(archive):
    sidecar = FOLDER / index.SIDECAR
    before = sidecar.stat().st_mtime_ns

    pictures.ensure(FOLDER)

    assert sidecar.stat().st_mtime_ns == before


def test_half_built_folder_is_built_anew_and_what_it_held_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(photos, "PHOTOS", ())
    monkeypatch.setattr(cast, "STUDIES", tuple(plan for plan in cast.STUDIES if plan.accession == "A-20250319-02"))
    folder = tmp_path / "pictures"
    (folder / "1.2.3" / "1.2.4").mkdir(parents=True)
    (folder / "1.2.3" / "1.2.4" / "1.2.5.dcm").write_bytes(b"half a file")

    pictures.ensure(folder)

    assert [study.accession for study in index.read(folder).studies] == ["A-20250319-02"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]


def test_folder_without_sidecar_is_read_from_its_files(archive, tmp_path):
    study = next(study for study in archive.studies if study.accession == "A-20241021-07")
    (tmp_path / study.uid).symlink_to(FOLDER / study.uid)

    assert index.read(tmp_path).studies == (study,)


@pytest.mark.parametrize(
    ("date", "time", "offset", "expected"),
    [
        ("20140506", "", "", "2014-05-06"),
        ("20260305", "141500", "+0100", "2026-03-05T14:15:00+01:00"),
        ("20260305", "141500.250", "-0330", "2026-03-05T14:15:00.250-03:30"),
        ("20241021", "0940", "", "2024-10-21T09:40:00+02:00"),
        ("20241221", "0940", "", "2024-12-21T09:40:00+01:00"),
        ("20241221", "09", "", "2024-12-21"),
        ("", "0940", "", ""),
    ],
)
def test_date_and_time_keep_the_precision_they_were_recorded_with(date, time, offset, expected):
    assert index.started(date, time, offset) == expected
