"""Studies that the record system knows and the archive does not hold: Ada's odd ones and Max's five hundred."""

from datetime import date, timedelta
from random import Random

from sandbox.patients import ADA, MAX
from sandbox.records import InstanceRecord, SeriesRecord, StudyRecord

UID_ROOT = "2.16.840.1.113883.19.5.1"
MAX_STUDY_COUNT = 500
FIRST_DAY, LAST_DAY = date(2005, 1, 10), date(2026, 11, 18)

# modality, description, body site, side, SOP class, series, most instances in one series
EXAMINATIONS = (
    ("CT", "CT Chest with contrast", "Chest", "", "1.2.840.10008.5.1.4.1.1.2", ("Topogram", "Lung", "Soft tissue"), 24),
    ("CT", "CT Abdomen and pelvis", "Abdomen", "", "1.2.840.10008.5.1.4.1.1.2", ("Topogram", "Portal venous 3.0"), 24),
    ("CT", "CT Head without contrast", "Head", "", "1.2.840.10008.5.1.4.1.1.2", ("Axial 5.0", "Bone 1.0"), 20),
    ("MR", "MR Brain", "Brain", "", "1.2.840.10008.5.1.4.1.1.4", ("T1 sag", "T2 ax", "FLAIR ax", "DWI"), 16),
    ("MR", "MR Knee", "Knee", "R", "1.2.840.10008.5.1.4.1.1.4", ("PD fs cor", "T2 sag"), 16),
    ("DX", "XR Chest PA and lateral", "Chest", "", "1.2.840.10008.5.1.4.1.1.1.1", ("PA", "Lateral"), 1),
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
    clock = f"T{hour:02}:{minute:02}:00+{'02' if 4 <= day.month <= 9 else '01'}:00" if day.year >= 2012 else ""
    return StudyRecord(
        uid=uid,
        patient_id=MAX.id,
        accession=f"M-{day:%Y%m%d}-{number:03}",
        started=f"{day}{clock}",
        description=description,
        modalities=(modality,),
        referrer=chance.choice(REFERRERS),
        reason=chance.choice(REASONS),
        series=tuple(
            SeriesRecord(
                uid=f"{uid}.{order}",
                number=order,
                modality=modality,
                description=name,
                body_site=site,
                laterality=side,
                instances=_instances(f"{uid}.{order}", sop_class, chance.randint(1, most)),
            )
            for order, name in enumerate(names, 1)
        ),
        has_pictures=False,
    )


def _instances(series_uid: str, sop_class: str, count: int) -> tuple[InstanceRecord, ...]:
    return tuple(InstanceRecord(f"{series_uid}.{number}", sop_class, number) for number in range(1, count + 1))
