"""Resources ready to be sent: each made once per version and patient, kept as JSON in full and short form."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.fhir import Version
from sandbox.fhir.attachments import binary_id, document, encoded
from sandbox.fhir.endpoints import endpoints, of_south_clinic
from sandbox.fhir.messy import LOST, messy_records, spoilt, warning
from sandbox.fhir.parts import Json, Resource
from sandbox.hospital import Hospital
from sandbox.patients import CLEO, MINA
from sandbox.records import StudyRecord
from sandbox.zone import zoned

FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
# Without a `status` element a server cannot say that a study is void, so it does not serve it.
VOID = ("cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a searchset. `moment` is what it is sorted by; `accession` and `uid` are what it is found by.

    `resource` is empty where what is sent is no object.
    """

    kind: str
    id: str
    resource: Resource
    full: bytes
    short: bytes
    moment: datetime = FIRST_MOMENT
    uid: str = ""
    accession: str = ""
    mode: str = "match"


class Entries:
    """What the FHIR server holds of one hospital, by version and patient."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._kept: dict[tuple[str, str, str], tuple[Entry, ...]] = {}

    def of(self, kind: str, version: Version, patient_id: str) -> tuple[Entry, ...]:
        """All resources of this kind in the patient's compartment (for Endpoint: all there are)."""
        key = (kind, version.name, patient_id)
        if key not in self._kept:
            self._kept[key] = tuple(_MAKERS[kind](self._hospital, version, patient_id))
        return self._kept[key]

    def holder(self, kind: str, version: Version, id_: str, *, former: bool = False) -> tuple[str, Entry] | None:
        """The resource with this id, and whose compartment it is in; with `former`, among replaced records too."""
        also = self._hospital.former if former and kind == "Patient" else ()
        for patient_id in (*self._hospital.patients, *also):
            for entry in self.of(kind, version, patient_id):
                if entry.id == id_ and entry.mode == "match":
                    return patient_id, entry
        return None


def json_bytes(resource: Json) -> bytes:
    """Compact JSON in UTF-8."""
    try:
        return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8 form; as an escape it passes every JSON parser.
        return json.dumps(resource, separators=(",", ":")).encode()


def make_entry(version: Version, resource: Resource, record: StudyRecord | None = None, mode: str = "match") -> Entry:
    """The entry of a resource that carries its id; in DSTU1 the id moves to the entry."""
    id_ = resource.get("id", "")
    if version.atom_bundle:
        resource = {key: value for key, value in resource.items() if key != "id"}
    return Entry(
        kind=resource["resourceType"],
        id=id_,
        resource=resource,
        full=json_bytes(resource),
        short=json_bytes(summary(version, resource)),
        moment=_moment(record.started) if record else FIRST_MOMENT,
        uid=record.uid if record else "",
        accession=record.accession if record else "",
        mode=mode,
    )


def summary(version: Version, resource: Resource) -> Resource:
    """The resource's `_summary=true` form: no narrative, and from STU3 on no instances."""
    short = {key: value for key, value in resource.items() if key != "text"}
    if not version.summary_keeps_instances and isinstance(resource.get("series"), list):
        short["series"] = [{k: v for k, v in item.items() if k != "instance"} for item in resource["series"]]
    return subsetted(version, short)


def subsetted(version: Version, resource: Resource) -> Resource:
    """The resource with the tag that says it is not whole (DSTU1 has no `meta`)."""
    if version.atom_bundle:
        return resource
    system = "http://hl7.org/fhir/v3/ObservationValue"
    if version.has_status:
        system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
    return {**resource, "meta": {"tag": [{"system": system, "code": "SUBSETTED"}]}}


def _moment(started: str) -> datetime:
    if not started:
        return FIRST_MOMENT
    if "T" in started:
        return datetime.fromisoformat(zoned(started))
    return datetime.fromisoformat(zoned((started + "-01-01")[:10] + "T00:00:00"))


def _studies(hospital: Hospital, version: Version, patient_id: str) -> Iterable[Entry]:
    records = [r for r in hospital.studies_of(patient_id) if version.has_status or r.status not in VOID]
    if patient_id == MINA.id:
        return _messy_studies(hospital, version, records)
    return [make_entry(version, study_resource(hospital, version, record), record) for record in records]


def study_resource(hospital: Hospital, version: Version, record: StudyRecord) -> Resource:
    """The study's resource with its id, whatever the version."""
    resource: Resource = version.shapes.study(record, hospital.archive_url)
    return {"id": record.id, **resource}


def _messy_studies(hospital: Hospital, version: Version, archived: Sequence[StudyRecord]) -> list[Entry]:
    pairs = spoilt(archived, messy_records(MINA.id), lambda record: study_resource(hospital, version, record))
    strays = [(record, study_resource(hospital, version, record)) for record in hospital.studies_of(CLEO.id)[:1]]
    entries = [make_entry(version, resource, record) for record, resource in (*pairs, *strays)]
    lost = Entry("ImagingStudy", "", {}, full=json_bytes(LOST), short=json_bytes(LOST))
    return [*entries, lost, make_entry(version, warning(version.atom_bundle), mode="outcome")]


def _reports(hospital: Hospital, version: Version, patient_id: str) -> Iterable[Entry]:
    studies = {study.uid: study for study in hospital.studies_of(patient_id)}
    for record in hospital.reports_of(patient_id):
        study = studies[record.study_uid]
        yield make_entry(version, {"id": record.id, **version.shapes.report(record, study)}, study)


def _documents(hospital: Hospital, version: Version, patient_id: str) -> Iterable[Entry]:
    """The PDFs outside of their reports; the element that holds them is `data` from R4 on, before that `content`."""
    holds = "data" if version.has_status else "content"
    for record in hospital.reports_of(patient_id):
        if record.document == "binary":
            held = {"contentType": "application/pdf", holds: encoded(document(record))}
            yield make_entry(version, {"resourceType": "Binary", "id": binary_id(record), **held})


def _patients(hospital: Hospital, version: Version, patient_id: str) -> Iterable[Entry]:
    record = hospital.patients.get(patient_id) or hospital.former[patient_id]
    return [make_entry(version, {"id": record.id, **version.shapes.patient(record)})]


def _endpoints(hospital: Hospital, version: Version, patient_id: str) -> Iterable[Entry]:
    if not version.has_endpoints:
        return []
    records = (*endpoints(hospital.url), *of_south_clinic(hospital.url))
    return [make_entry(version, version.shapes.endpoint(record)) for record in records]


_MAKERS = {
    "ImagingStudy": _studies,
    "DiagnosticReport": _reports,
    "Binary": _documents,
    "Patient": _patients,
    "Endpoint": _endpoints,
}
