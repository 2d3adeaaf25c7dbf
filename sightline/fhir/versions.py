"""The FHIR versions Sightline can ask, one row each: what differs in the *question*.

What differs in the *answer* does not stand here: servers mix the versions' element names (a DSTU2 study with
`subject`, an R4 series with `urn:oid:`), so `imaging_study.py` reads by the key it finds, not by the stated version.
"""

from msgspec import Struct

ACCEPT = "application/fhir+json, application/json+fhir;q=0.9, application/json;q=0.8"


class Version(Struct, frozen=True):
    """How one FHIR version is asked for a patient's studies.

    `numbers` are the beginnings of the `fhirVersion` that a server of this version states in its `/metadata`.
    `sort`, `summary` and `include` are sent only to servers whose settings say that they take them. By `uid_parameter`
    and `accession_parameter` a study is looked for whose patient is not known: they ask for elements of their own up to
    STU3, for identifiers from R4 on. `service_sections` is the code system of HL7 v2-0074, by which reports are sorted;
    empty where the version has no search by category.
    """

    name: str
    numbers: tuple[str, ...]
    patient_parameter: str
    sort: dict[str, str]
    summary: dict[str, str]
    include: dict[str, str] = {}
    uid_parameter: str = "identifier"
    accession_parameter: str = "identifier"
    service_sections: str = "http://terminology.hl7.org/CodeSystem/v2-0074"


_NEWEST_FIRST = {"_sort": "-started"}
# From STU3 on a summary keeps the series and drops their instances, which are most of the weight.
_SUMMARY = {"_summary": "true"}
_OWN_ELEMENTS = ("study", "accession")
# Endpoints began with STU3.
_INCLUDE = {"_include": "ImagingStudy:endpoint"}
_OLD_WAYS = (*_OWN_ELEMENTS, "http://hl7.org/fhir/v2/0074")

VERSIONS = (
    Version("dstu1", ("0.0", "0.1"), "subject", {"_sort:desc": "date"}, {}, {}, *_OWN_ELEMENTS, ""),
    # A DSTU2 summary keeps every instance: nothing is gained by asking for it.
    Version("dstu2", ("0.4", "0.5", "1.0"), "patient", {"_sort:desc": "started"}, {}, {}, *_OLD_WAYS),
    Version("stu3", ("1.", "2.", "3."), "patient", _NEWEST_FIRST, _SUMMARY, _INCLUDE, *_OLD_WAYS),
    Version("r4", ("4.0", "3.2", "3.3", "3.5"), "patient", _NEWEST_FIRST, _SUMMARY, _INCLUDE),
    Version("r4b", ("4.1", "4.3"), "patient", _NEWEST_FIRST, _SUMMARY, _INCLUDE),
    Version("r5", ("4.2", "4.4", "4.5", "4.6", "5."), "patient", _NEWEST_FIRST, _SUMMARY, _INCLUDE),
)
NAMES = frozenset(version.name for version in VERSIONS)
R4 = next(version for version in VERSIONS if version.name == "r4")


def named(name: str) -> Version:
    """The version of that name. Raises KeyError."""
    return {version.name: version for version in VERSIONS}[name]


def stated(number: object) -> Version | None:
    """The version for a server's `fhirVersion`, the longest match winning; None for one that is not known."""
    matches = [
        (len(start), version)
        for version in VERSIONS
        for start in version.numbers
        if isinstance(number, str) and number.startswith(start)
    ]
    return max(matches, key=lambda match: match[0])[1] if matches else None
