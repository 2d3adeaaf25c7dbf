"""Which studies the archive holds, as a table: whose, when, called what, and where each series' pictures come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    MRImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from sandbox.patients import ADA, CLEO, MINA
from sandbox.pictures import real, sources
from sandbox.pictures.chest import Chest
from sandbox.records import PatientRecord

ADA_NOW = Chest(seed=3, nodule=(-78, -22, 196, 9.0))
ADA_BEFORE = Chest(seed=3, nodule=(-78, -22, 197, 5.0), breath=3)


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series to make. `pictures` yields image attributes, one dataset for each instance."""

    modality: str
    description: str
    sop_class: str
    pictures: Callable[[], Iterator[Dataset]]
    body_part: str = ""
    laterality: str = ""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """One study to make. `date`, `time` and `offset` are DICOM DA, TM and the offset of PS3.3 C.12.1.1 (`+0100`)."""

    patient: PatientRecord
    date: str
    time: str
    accession: str
    description: str
    series: tuple[SeriesPlan, ...]
    offset: str = ""
    referrer: str = "Haugen^Solveig^^Dr"
    reason: str = ""
    maker: str = field(default="Fjord Imaging")
    institution: str = "Sandbox Hospital"


def _chest_series(whose: Chest) -> tuple[SeriesPlan, ...]:
    return (
        SeriesPlan("CT", "Lung 5.0 L60", CTImageStorage, partial(sources.chest_ct, whose, True), "CHEST"),
        SeriesPlan("CT", "Mediastinum 5.0 B30", CTImageStorage, partial(sources.chest_ct, whose, False), "CHEST"),
    )


STUDIES = (
    StudyPlan(
        ADA,
        "20260914",
        "083015",
        "A-20260914-02",
        "Chest PA",
        (SeriesPlan("CR", "PA", ComputedRadiographyImageStorage, real.chest_film, "CHEST"),),
        offset="+0200",
        reason="Cough for three weeks",
    ),
    StudyPlan(
        ADA,
        "20260611",
        "141200",
        "A-20260611-04",
        "Echocardiography",
        (SeriesPlan("US", "Apical four chamber", UltrasoundMultiFrameImageStorage, real.echo_cine, "HEART"),),
        offset="+0200",
        referrer="Brandt^Jonas^^Dr",
        reason="Murmur",
    ),
    StudyPlan(
        ADA,
        "20260402",
        "104530",
        "A-20260402-01",
        "PET/CT chest, FDG",
        (
            SeriesPlan(
                "CT", "CT for attenuation correction", CTImageStorage, partial(sources.attenuation_ct, ADA_NOW), "CHEST"
            ),
            SeriesPlan(
                "PT",
                "PET, attenuation corrected",
                PositronEmissionTomographyImageStorage,
                partial(sources.chest_pet, ADA_NOW),
                "CHEST",
            ),
        ),
        offset="+0200",
        reason="Nodule in the right upper lobe, staging",
    ),
    StudyPlan(
        ADA,
        "20260305",
        "141500",
        "A-20260305-01",
        "CT chest with contrast",
        _chest_series(ADA_NOW),
        offset="+0100",
        reason="Follow-up of a pulmonary nodule",
    ),
    StudyPlan(
        ADA,
        "20251118",
        "092100.250",
        "A-20251118-03",
        "MR brain",
        (
            SeriesPlan(
                "MR", "T1 SE axial", MRImageStorage, partial(sources.brain_mr, "T1", (330, 700, "Brain")), "BRAIN"
            ),
            SeriesPlan(
                "MR", "T2 TSE axial", MRImageStorage, partial(sources.brain_mr, "T2", (430, 860, "Brain")), "BRAIN"
            ),
        ),
        offset="+0100",
        referrer="Brandt^Jonas^^Dr",
        reason="Headache",
    ),
    StudyPlan(
        ADA,
        "20250708",
        "101000",
        "A-20250708-01",
        "CT chest",
        (
            SeriesPlan(
                "CT", "Mediastinum 5.0 B30", CTImageStorage, partial(sources.chest_ct, ADA_BEFORE, False), "CHEST"
            ),
        ),
        offset="+0200",
        reason="Incidental finding",
    ),
    StudyPlan(
        ADA,
        "20241021",
        "0940",
        "A-20241021-07",
        "Mammography, both sides",
        tuple(
            SeriesPlan(
                "MG",
                f"{side} {view}",
                DigitalMammographyXRayImageStorageForPresentation,
                partial(sources.mammogram, view, side),
                "BREAST",
                side,
            )
            for view in ("CC", "MLO")
            for side in ("R", "L")
        ),
        reason="Screening",
    ),
    StudyPlan(
        ADA,
        "20240117",
        "160500",
        "A-20240117-02",
        "Lower leg AP",
        (SeriesPlan("CR", "AP", ComputedRadiographyImageStorage, real.leg_film, "LEG", "L"),),
        offset="+0100",
        reason="Fall on ice",
    ),
    StudyPlan(
        ADA,
        "20230530",
        "113000",
        "A-20230530-01",
        "MR shoulder",
        (SeriesPlan("MR", "PD coronal", MRImageStorage, real.shoulder, "SHOULDER", "R"),),
        referrer="Nygård^Per^^Dr",
        reason="Pain on abduction",
    ),
    StudyPlan(
        ADA,
        "20210823",
        "130000",
        "A-20210823-05",
        "Bone scan, whole body",
        (SeriesPlan("NM", "Whole body, anterior", NuclearMedicineImageStorage, real.whole_body, "WHOLEBODY"),),
        offset="+0200",
        reason="Bone pain",
    ),
    StudyPlan(
        ADA,
        "20140506",
        "",
        "A-20140506-01",
        "Chest PA, digitised film",
        (SeriesPlan("RG", "Film", SecondaryCaptureImageStorage, real.old_film, "CHEST"),),
        referrer="",
    ),
    StudyPlan(
        CLEO,
        "20260220",
        "073000",
        "A-20260220-09",
        "CT head",
        (SeriesPlan("CT", "Head 3.0 H40", CTImageStorage, sources.head_ct, "HEAD"),),
        offset="+0100",
        reason="Fall, anticoagulated",
    ),
    StudyPlan(
        CLEO,
        "20251002",
        "150000",
        "A-20251002-06",
        "MR liver with contrast",
        (SeriesPlan("MR", "T1 axial, arterial", MRImageStorage, real.abdomen, "ABDOMEN"),),
        offset="+0200",
    ),
    StudyPlan(
        CLEO,
        "20240911",
        "121500",
        "A-20240911-03",
        "Ultrasound of the neck",
        (SeriesPlan("US", "Lymph node, power Doppler", UltrasoundImageStorage, real.lymph_node, "NECK"),),
    ),
    StudyPlan(
        MINA,
        "20260112",
        "085000",
        "A-20260112-05",
        "Ultrasound of the pelvis",
        (SeriesPlan("US", "Bladder, two views", UltrasoundImageStorage, real.pelvis, "PELVIS"),),
        offset="+0100",
    ),
    StudyPlan(
        MINA,
        "20250319",
        "1410",
        "A-20250319-02",
        "Doppler of the neck vessels",
        (SeriesPlan("US", "Colour Doppler", UltrasoundImageStorage, real.carotid, "NECK"),),
    ),
)
