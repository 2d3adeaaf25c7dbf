"""The radiology department's reports: which studies have one, in what state, and what it says."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.records import ReportRecord, StudyRecord
from sandbox.zone import zoned

# The newest study's report is not signed yet, the third newest was amended, the sixth newest withdrawn; every fifth
# study was never reported.
NEWEST_STATUSES = ("preliminary", "final", "amended", "final", "", "entered-in-error")
# Two of the newest are documents too.
DOCUMENTS = {1: "binary", 3: "inline"}

# modality, a word of the description (none: any), what the report concludes; the first that fits is taken
CONCLUSIONS = (
    ("PT", "", "No FDG-avid lesion. Physiological uptake in brain, heart and bladder."),
    ("CT", "chest", "Nodule of 6 mm in the right upper lobe, unchanged to the prior examination. No effusion."),
    ("CT", "head", "No haemorrhage and no sign of acute infarction."),
    ("CT", "", "No acute finding. Degenerative changes of the spine."),
    ("MR", "brain", "No acute infarction. Few unspecific white matter lesions. No mass effect."),
    ("MR", "", "No ligament or tendon tear. Small joint effusion."),
    ("CR", "chest", "Heart size normal. Lungs clear. No pleural effusion."),
    ("DX", "chest", "Heart size normal. Lungs clear. No pleural effusion."),
    ("CR", "", "No fracture. Normal alignment. Soft tissues unremarkable."),
    ("US", "echo", "Normal left ventricular size and function. No pericardial effusion."),
    ("US", "", "Normal size and texture of the organs examined. No free fluid."),
    ("MG", "", "No suspicious mass and no suspicious calcifications on either side. BI-RADS 2."),
    ("NM", "", "Physiological distribution of the tracer. No suspicious focal uptake."),
)
OTHERWISE = "No relevant finding."


def reports_on(studies: Sequence[StudyRecord]) -> tuple[ReportRecord, ...]:
    """Reports on those of one patient's studies that took place, newest study first."""
    done = sorted((s for s in studies if s.status == "available"), key=lambda s: s.started, reverse=True)
    return tuple(
        _report(study, _status(place), DOCUMENTS.get(place, "")) for place, study in enumerate(done) if place % 5 != 4
    )


def _status(place: int) -> str:
    return NEWEST_STATUSES[place] if place < len(NEWEST_STATUSES) else "final"


def _report(study: StudyRecord, status: str, document: str) -> ReportRecord:
    return ReportRecord(
        id=study.id.replace("study", "report"),
        patient_id=study.patient_id,
        study_uid=study.uid,
        status=status,
        title=study.description or "Imaging report",
        issued=_issued(study.started, days=1 if status == "amended" else 0),
        conclusion=_conclusion(study),
        accession=study.accession,
        document=document,
    )


def _conclusion(study: StudyRecord) -> str:
    for modality, word, text in CONCLUSIONS:
        if modality in study.modalities and word in study.description.lower():
            return text
    return OTHERWISE


def _issued(started: str, days: int) -> str:
    day = datetime.fromisoformat(zoned(started) if "T" in started else zoned(f"{started}T12:00:00"))
    return (day + timedelta(days=days, hours=3)).isoformat(timespec="seconds")
