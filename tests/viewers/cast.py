"""Ada and her studies, as viewers are asked for them."""

from sightline.patient import Patient, PatientNumber
from sightline.study import Study
from sightline.viewers.contract import Wanted

MRN = "urn:oid:2.16.840.1.113883.19.5"
NATIONAL = "https://id.example/national"
ADA = Patient(
    "ada",
    family="Lovelace",
    given="Ada Augusta",
    prefix="Countess",
    birth_date="1815-12-10",
    identifier="SB-1",
    numbers=(PatientNumber(MRN, "SB-1"), PatientNumber(NATIONAL, "77/8")),
)
CT = Study("North", uid="1.2.840.1", accession="A1")
MR = Study("North", uid="1.2.840.2")
LEG = Study("North", accession="A-2024/02")
NAMELESS = Study("North", resource_ids=("a",))

ONE, TWO, BY_ACCESSION = Wanted((CT,), ADA), Wanted((CT, MR), ADA), Wanted((LEG,), ADA)
SERIES = Wanted((CT,), ADA, series=("1.2.840.1.7", "1.2.840.1.8"), first_series="1.2.840.1.8")
ALL_OF_ADA = Wanted(patient=ADA)
