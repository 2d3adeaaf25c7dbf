"""The cast: Ada has studies, Ben none; Cleo must never appear in Ada's chart; Max has 500; Mina's data is messy; Nora
has died.
"""

from sandbox.records import PatientRecord

ADA = PatientRecord("ada", "SB-1001", "Lindqvist", "Ada", "Dr", "1951-07-14", "female")
BEN = PatientRecord("ben", "SB-1002", "Okafor", "Ben", "", "1988-11-02", "male")
CLEO = PatientRecord("cleo", "SB-1003", "Lindqvist", "Cleo", "", "1979-03-30", "female")
MAX = PatientRecord("max", "SB-1004", "Achterberg", "Maximilian", "", "1944-01-09", "male")
MINA = PatientRecord("mina", "SB-1005", "d'Été-Nakamura", "Mina", "", "1990", "other")
NORA = PatientRecord("nora", "SB-1006", "Brekke", "Nora", "", "1938-05-21", "female", "2026-02-03T04:10:00+01:00")

# Ada came to the emergency room without her papers; the record made there was merged into her own.
ADA_BEFORE = PatientRecord(
    "ada-emergency", "SB-0417", "Lindqvist", "Ada", "", "1951-07-14", "female", replaced_by="ada"
)

PATIENTS = (ADA, BEN, CLEO, MAX, MINA, NORA)
FORMER = (ADA_BEFORE,)
