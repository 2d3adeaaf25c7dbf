"""What stands in a chart beside images: problems, allergies, medication, results and notes, by patient id."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One laboratory value. `flag` is `high`, `low` or empty."""

    day: str
    test: str
    value: str
    unit: str
    usual: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the notes."""

    day: str
    author: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The few facts that a chart shows without images."""

    problems: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    medication: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    notes: tuple[Note, ...] = ()


NOBODY = Facts()

FACTS = {
    "ada": Facts(
        problems=("Pulmonary nodule, right upper lobe", "Arterial hypertension", "Migraine without aura"),
        allergies=("Penicillin: rash", "Iodinated contrast: mild urticaria (2019)"),
        medication=("Amlodipine 5 mg, one in the morning", "Atorvastatin 20 mg, one at night"),
        results=(
            Result("2026-11-18", "Creatinine", "78", "µmol/L", "45 to 84"),
            Result("2026-11-18", "eGFR", "68", "mL/min/1.73 m²", "over 60"),
            Result("2026-11-18", "CRP", "12", "mg/L", "under 5", "high"),
            Result("2026-11-18", "Haemoglobin", "128", "g/L", "117 to 153"),
            Result("2026-03-04", "TSH", "2.1", "mU/L", "0.3 to 4.2"),
        ),
        notes=(
            Note(
                "2026-11-18",
                "Dr Ingrid Nordahl",
                "Chest clinic",
                "Feels well, no cough, weight stable. Follow-up CT asked for, to be compared with the prior one.",
            ),
            Note(
                "2026-03-05",
                "Dr Solveig Haugen",
                "General practice",
                "Blood pressure 134/82. Knee pain on the left after a fall; radiograph arranged.",
            ),
        ),
    ),
    "ben": Facts(
        problems=("No long-term problems",),
        allergies=("None known",),
        results=(Result("2026-09-10", "Haemoglobin", "151", "g/L", "134 to 170"),),
        notes=(Note("2026-09-10", "Dr Piet Janssen", "Health check", "Well. Runs twice a week. No imaging so far."),),
    ),
    "cleo": Facts(
        problems=("Asthma", "Cholecystolithiasis"),
        allergies=("None known",),
        medication=("Budesonide/formoterol, two puffs when needed",),
        results=(
            Result("2026-08-21", "Bilirubin", "14", "µmol/L", "under 21"),
            Result("2026-08-21", "ALT", "61", "U/L", "10 to 35", "high"),
        ),
        notes=(Note("2026-08-21", "Dr Amara Diallo", "Surgery", "Biliary colic twice in July. Operation planned."),),
    ),
    "max": Facts(
        problems=(
            "Coronary artery disease, stents 2009 and 2017",
            "COPD, GOLD 3",
            "Carcinoma of the colon, operated 2014",
            "Chronic kidney disease, stage 3a",
        ),
        allergies=("Latex",),
        medication=("Aspirin 100 mg", "Bisoprolol 2.5 mg", "Tiotropium 18 µg", "Furosemide 20 mg"),
        results=(
            Result("2026-11-17", "Creatinine", "132", "µmol/L", "59 to 104", "high"),
            Result("2026-11-17", "NT-proBNP", "890", "ng/L", "under 450", "high"),
            Result("2026-11-17", "CEA", "2.4", "µg/L", "under 5"),
        ),
        notes=(Note("2026-11-17", "Dr Ingrid Nordahl", "Ward round", "More breathless. Chest radiograph today."),),
    ),
    "nora": Facts(
        problems=("Subarachnoid haemorrhage, 31-Jan-2026", "Arterial hypertension"),
        allergies=("None known",),
        notes=(Note("2026-02-03", "Dr Ingrid Nordahl", "Intensive care", "Died at 04:10. Her daughter was with her."),),
    ),
    "mina": Facts(
        problems=("Record taken over from five other hospitals",),
        allergies=("Not recorded",),
        notes=(
            Note(
                "2026-10-02",
                "Records office",
                "Transfer",
                "Imaging index imported from several systems. Some entries could not be reconciled.",
            ),
        ),
    ),
}
