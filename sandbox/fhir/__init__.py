"""The hospital's FHIR server: the same records under one base for each FHIR version.

`VERSIONS` is the table. A version's module offers `study`, `patient`, `report` and, from STU3 on, `endpoint`:
pure functions from a record to a resource. What a version can and cannot do in a search stands in its row.
"""

from dataclasses import dataclass
from types import ModuleType

from sandbox.fhir import dstu1, dstu2, r4, r4b, r5, stu3


@dataclass(frozen=True, slots=True)
class Version:
    """One FHIR version as this server speaks it."""

    name: str
    number: str
    shapes: ModuleType
    media_type: str = "application/fhir+json"
    capability: str = "CapabilityStatement"
    patient_parameters: tuple[str, ...] = ("patient", "subject")
    date_parameter: str = "started"
    study_parameters: tuple[str, ...] = ("_id", "identifier")
    has_endpoints: bool = True
    has_status: bool = True
    summary_keeps_instances: bool = False
    sort_by_modifier: bool = False
    atom_bundle: bool = False


OLD_JSON = "application/json+fhir"
OLD_STUDY_PARAMETERS = ("_id", "study", "accession")

VERSIONS = {
    version.name: version
    for version in (
        Version(
            "dstu1",
            "0.0.82",
            dstu1,
            OLD_JSON,
            "Conformance",
            patient_parameters=("subject",),
            date_parameter="date",
            study_parameters=OLD_STUDY_PARAMETERS,
            has_endpoints=False,
            has_status=False,
            summary_keeps_instances=True,
            sort_by_modifier=True,
            atom_bundle=True,
        ),
        Version(
            "dstu2",
            "1.0.2",
            dstu2,
            OLD_JSON,
            "Conformance",
            patient_parameters=("patient",),
            study_parameters=OLD_STUDY_PARAMETERS,
            has_endpoints=False,
            has_status=False,
            summary_keeps_instances=True,
            sort_by_modifier=True,
        ),
        Version(
            "stu3",
            "3.0.2",
            stu3,
            patient_parameters=("patient",),
            study_parameters=(*OLD_STUDY_PARAMETERS, "identifier"),
            has_status=False,
        ),
        Version("r4", "4.0.1", r4),
        Version("r4b", "4.3.0", r4b),
        Version("r5", "5.0.0", r5),
    )
}
