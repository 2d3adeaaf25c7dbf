"""Studies that the record system knows and the archive does not hold: Ada's odd ones, Nora's, Max's five hundred."""

from datetime import date, timedelta
from random import Random

from sandbox.patients import ADA, MAX, NORA
from sandbox.records import InstanceRecord, SeriesRecord, StudyRecord
from sandbox.zone import on

UID_ROOT = "2.16.840.1.113883.19.5.1"
MAX_STUDY_COUNT = 500
FIRST_DAY, LAST_DAY = date(2005, 1, 10), date(2026, 11, 18)

CT_IMAGE, DX_IMAGE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"
KEY_IMAGES, DOSE_REPORT = "1.2.840.10008.5.1.4.1.1.88.59", "1.2.840.10008.5.1.4.1.1.88.67"


def _series(
    study_uid: str, number: int, modality: str, name: str, body: tuple[str, str], images: tuple[str, int]
) -> SeriesRecord:
    """One series; `body` is site and side, `images` SOP class and count."""
    uid, (site, side), (sop_class, count) = f"{study_uid}.{number}", body, images
    instances = tuple(InstanceRecord(f"{uid}.{image}", sop_class, image) for image in range(1, count + 1))
    return SeriesRecord(uid, number, modality, name, site, side, instances)


# modality, description, body site, side, SOP class, series, most instances in one series
EXAMINATIONS = (
    ("CT", "CT Chest with contrast", "Chest", "", CT_IMAGE, ("Topogram", "Lung", "Soft tissue"), 24),
    ("CT", "CT Abdomen and pelvis", "Abdomen", "", CT_IMAGE, ("Topogram", "Portal venous 3.0"), 24),
    ("CT", "CT Head without contrast", "Head", "", CT_IMAGE, ("Axial 5.0", "Bone 1.0"), 20),
    ("MR", "MR Brain", "Brain", "", "1.2.840.10008.5.1.4.1.1.4", ("T1 sag", "T2 ax", "FLAIR ax", "DWI"), 16),
    ("MR", "MR Knee", "Knee", "R", "1.2.840.10008.5.1.4.1.1.4", ("PD fs cor", "T2 sag"), 16),
    ("DX", "XR Chest PA and lateral", "Chest", "", DX_IMAGE, ("PA", "Lateral"), 1),
    ("CR", "XR Hip", "Hip", "L", "1.2.840.10008.5.1.4.1.1.1", ("AP", "Axial"), 1),
    ("CR", "XR Wrist", "Wrist", "R", "1.2.840.10008.5.1.4.1.1.1", ("PA", "Lateral"), 1),
    ("US", "US Abdomen", "Abdomen", "", "1.2.840.10008.5.1.4.1.1.6.1", ("Abdomen",), 12),
    ("US", "Echocardiography", "Heart", "", "1.2.840.10008.5.1.4.1.1.3.1", ("Parasternal", "Apical"), 8),
    ("NM", "NM Thyroid", "Thyroid", "", "1.2.840.10008.5.1.4.1.1.20", ("Static",), 2),
    ("PT", "PET Whole body", "Whole body", "", "1.2.840.10008.5.1.4.1.1.128", ("WB AC",), 20),
    ("XA", "Coronary angiography", "Heart", "", "1.2.840.10008.5.1.4.1.1.12.1", ("LCA", "RCA"), 6),
)  # fmt: skip
REASONS = ("", "Follow-up", "Cough for three weeks", "Fall at home", "Chest pain", "Before surgery", "Staging")
REFERRERS = ("Dr Solveig Haugen", "Dr Piet Janssen", "Dr Amara Diallo", "Emergency Department", "Dr Wei Zhang")

ADA_EXTRAS = (
    StudyRecord(
        uid=f"{UID_ROOT}.1.1",
        patient_id=ADA.id,
        accession="A-20251120-07",
        status="cancelled",
        started="2025-11-20",
        description="MR Lumbar spine (cancelled: patient unwell)",
        modalities=("MR",),
        referrer="Dr Solveig Haugen",
        has_pictures=False,
    ),
    StudyRecord(
        uid=f"{UID_ROOT}.1.2",
        patient_id=ADA.id,
        accession="A-20240902-03",
        status="entered-in-error",
        started="2024-09-02T10:15:00+02:00",
        description="CR Hand of another person",
        modalities=("CR",),
        has_pictures=False,
    ),
    StudyRecord(
        uid=f"{UID_ROOT}.1.3",
        patient_id=ADA.id,
        accession="A-20261123-01",
        status="registered",
        started="2026-11-23T08:30:00+01:00",
        description="US Abdomen",
        modalities=("US",),
        referrer="Dr Solveig Haugen",
        reason="Right upper abdominal pain",
        has_pictures=False,
    ),
)

NORA_STUDIES = (
    StudyRecord(
        uid=f"{UID_ROOT}.6.1",
        patient_id=NORA.id,
        accession="N-20260131-04",
        started="2026-01-31T22:40:00+01:00",
        description="CT Head without contrast",
        modalities=("CT", "KO", "SR"),
        referrer="Emergency Department",
        reason="Sudden loss of consciousness",
        series=(
            _series(f"{UID_ROOT}.6.1", 1, "CT", "Axial 5.0", ("Head", ""), (CT_IMAGE, 32)),
            _series(f"{UID_ROOT}.6.1", 2, "KO", "For the surgeon", ("", ""), (KEY_IMAGES, 2)),
            _series(f"{UID_ROOT}.6.1", 3, "SR", "Radiation dose", ("", ""), (DOSE_REPORT, 1)),
        ),
        has_pictures=False,
    ),
    StudyRecord(
        uid=f"{UID_ROOT}.6.2",
        patient_id=NORA.id,
        accession="N-20260202-01",
        started="2026-02-02T07:15:00+01:00",
        description="XR Chest AP, bedside",
        modalities=("DX",),
        referrer="Intensive Care Unit",
        reason="Position of the tube",
        series=(_series(f"{UID_ROOT}.6.2", 1, "DX", "AP supine", ("Chest", ""), (DX_IMAGE, 1)),),
        has_pictures=False,
    ),
)


def max_studies() -> tuple[StudyRecord, ...]:
    """Max's five hundred studies from 2005 to 2026, the same in every run."""
    chance = Random(1944)  # noqa: S311
    days = sorted(chance.randrange((LAST_DAY - FIRST_DAY).days) for _ in range(MAX_STUDY_COUNT))
    return tuple(_study(number, FIRST_DAY + timedelta(days=day), chance) for number, day in enumerate(days, 1))


def _study(number: int, day: date, chance: Random) -> StudyRecord:
    modality, description, site, side, sop_class, names, most = chance.choice(EXAMINATIONS)
    uid = f"{UID_ROOT}.4.{number}"
    # Before 2012 this hospital recorded days only, as digitised films do.
    hour, minute = chance.randrange(7, 19), chance.randrange(60)
    return StudyRecord(
        uid=uid,
        patient_id=MAX.id,
        accession=f"M-{day:%Y%m%d}-{number:03}",
        started=on(day, hour, minute) if day.year >= 2012 else day.isoformat(),
        description=description,
        modalities=(modality,),
        referrer=chance.choice(REFERRERS),
        reason=chance.choice(REASONS),
        series=tuple(
            _series(uid, order, modality, name, (site, side), (sop_class, chance.randint(1, most)))
            for order, name in enumerate(names, 1)
        ),
        has_pictures=False,
    )
