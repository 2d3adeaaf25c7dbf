"""What the FHIR versions share: references, codings, prefixed UIDs, counts, narrative, no empty elements."""

from html import escape
from typing import Any

from sandbox.records import SeriesRecord, StudyRecord

Json = Any
Resource = dict[str, Any]

MRN_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED = "http://snomed.info/sct"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
V2_0074 = "http://terminology.hl7.org/CodeSystem/v2-0074"
OLD_V2_0203 = "http://hl7.org/fhir/v2/0203"
OLD_V2_0074 = "http://hl7.org/fhir/v2/0074"

BODY_SITES = {
    "abdomen": ("818983003", "Abdomen"),
    "ankle": ("344001", "Ankle"),
    "brain": ("12738006", "Brain"),
    "breast": ("76752008", "Breast"),
    "chest": ("51185008", "Chest"),
    "hand": ("85562004", "Hand"),
    "head": ("69536005", "Head"),
    "heart": ("80891009", "Heart"),
    "hip": ("29836001", "Hip"),
    "knee": ("72696002", "Knee"),
    "leg": ("30021000", "Lower leg"),
    "pelvis": ("12921003", "Pelvis"),
    "shoulder": ("16982005", "Shoulder"),
    "thyroid": ("69748006", "Thyroid"),
    "wrist": ("8205005", "Wrist"),
}
LATERALITIES = {"L": ("7771000", "Left"), "R": ("24028007", "Right"), "B": ("51440002", "Right and left")}


def pruned(resource: Resource) -> Resource:
    """The resource without empty elements, which no FHIR version allows (`""`, `null`, `[]`, `{}`), however deep."""
    kept = {key: _pruned(item) for key, item in resource.items()}
    return {key: item for key, item in kept.items() if not _empty(item)}


def _pruned(value: Json) -> Json:
    if isinstance(value, dict):
        return pruned(value)
    if isinstance(value, list):
        return [item for item in map(_pruned, value) if not _empty(item)]
    return value


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def reference(kind: str, id_: str) -> Resource:
    """A literal reference relative to the FHIR base."""
    return {"reference": f"{kind}/{id_}"}


def oid(uid: str) -> str:
    """The UID as a FHIR `oid` (RFC 3986 URI)."""
    return f"urn:oid:{uid}" if uid else ""


def concept(text: str) -> Resource:
    """A CodeableConcept of words only."""
    return {"text": text}


def coded(system: str, code: str, text: str = "") -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}], "text": text}


def body_site(record: SeriesRecord) -> Resource:
    """The series' body site as a SNOMED CT Coding; words only where the table has no code."""
    code, display = BODY_SITES.get(record.body_site.lower(), ("", record.body_site))
    return {"system": SNOMED if code else "", "code": code, "display": display}


def laterality(record: SeriesRecord) -> Resource:
    """The series' side as a SNOMED CT Coding, or nothing."""
    if record.laterality not in LATERALITIES:
        return {}
    code, display = LATERALITIES[record.laterality]
    return {"system": SNOMED, "code": code, "display": display}


def instance_count(record: StudyRecord) -> int:
    """How many SOP instances the study has, over all its series."""
    return sum(len(series.instances) for series in record.series)


def narrative(text: str) -> Resource:
    """A generated narrative of one escaped sentence."""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(text)}</div>'}


def modality_codings(record: StudyRecord, system: str) -> list[Resource]:
    """The study's modalities as Codings of one system."""
    return [{"system": system, "code": code} for code in record.modalities]
