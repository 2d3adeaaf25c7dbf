"""Mina's resources: valid ones, spoilt in every way that real servers were seen to spoil theirs.

Each way is one function from a resource to a resource, and one row of `WAYS`. They work by key, so on any version.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy

from sandbox.fhir.errors import operation_outcome
from sandbox.fhir.parts import Resource, narrative, oid
from sandbox.records import InstanceRecord, SeriesRecord, StudyRecord

UID_ROOT = "2.16.840.1.113883.19.5.1.5"
CT_IMAGE, CR_IMAGE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"
OLD_UID = f"{UID_ROOT}.900"
CONTAINED_DISPLAY = "https://imaging.partner.example/IHEInvokeImageDisplay"

Way = Callable[[Resource, StudyRecord], Resource]


def _identified(resource: Resource, *identifiers: Resource) -> Resource:
    """The resource with these identifiers in the place of its Study Instance UID."""
    others = [item for item in resource.get("identifier", []) if item.get("use") != "official"]
    resource.pop("uid", None)
    resource.pop("url", None)
    resource["identifier"] = [*identifiers, *others]
    return resource


def _uid_value(resource: Resource, value: str) -> Resource:
    """The resource with this text where its version keeps the Study Instance UID."""
    if "uid" in resource:
        return {**resource, "uid": value}
    return _identified(resource, {"use": "official", "system": "urn:dicom:uid", "value": value})


def uid_without_prefix(resource: Resource, record: StudyRecord) -> Resource:
    return _uid_value(resource, record.uid)


def prefix_doubled_in_capitals(resource: Resource, record: StudyRecord) -> Resource:
    return _uid_value(resource, f" URN:OID:urn:oid:{record.uid} ")


def prefix_on_no_uid(resource: Resource, record: StudyRecord) -> Resource:
    return _uid_value(resource, "urn:oid:ORD-308")


def accession_dressed_as_uid_and_uid_in_id(resource: Resource, record: StudyRecord) -> Resource:
    named = _identified(resource, {"system": "urn:bahmni:accession", "value": "urn:oid:ORD-307"})
    return {**named, "id": record.uid}


def uid_under_uri_system(resource: Resource, record: StudyRecord) -> Resource:
    return _identified(resource, {"use": "official", "system": "urn:ietf:rfc:3986", "value": oid(record.uid)})


def uid_without_system(resource: Resource, record: StudyRecord) -> Resource:
    return _identified(resource, {"value": oid(record.uid)})


def uid_in_id_only(resource: Resource, record: StudyRecord) -> Resource:
    return {**_identified(resource), "id": record.uid}


def old_uid_first(resource: Resource, record: StudyRecord) -> Resource:
    return _identified(
        resource,
        {"use": "old", "system": "urn:dicom:uid", "value": oid(OLD_UID)},
        {"use": "official", "system": "urn:dicom:uid", "value": oid(record.uid)},
    )


def no_uid(resource: Resource, record: StudyRecord) -> Resource:
    return _identified(resource)


def key_images_only(resource: Resource, record: StudyRecord) -> Resource:
    first = {**resource["series"][0], "description": "Key images", "numberOfInstances": 1}
    first["instance"] = first["instance"][:1]
    return {**resource, "id": resource["id"] + "-key", "series": [first], "numberOfSeries": 1, "numberOfInstances": 1}


def other_versions_names(resource: Resource, record: StudyRecord) -> Resource:
    swapped = {"patient": "subject", "subject": "patient", "started": "dateTime", "dateTime": "started"}
    return {swapped.get(key, key): value for key, value in resource.items()}


def description_in_narrative_only(resource: Resource, record: StudyRecord) -> Resource:
    silent = {"description", "procedureCode", "procedure"}
    kept = {key: value for key, value in resource.items() if key not in silent}
    return {**kept, "text": narrative(record.description)}


def no_status(resource: Resource, record: StudyRecord) -> Resource:
    return {key: value for key, value in resource.items() if key != "status"}


def unknown_status(resource: Resource, record: StudyRecord) -> Resource:
    return {**resource, "status": "archived-on-tape"}


def numbers_as_strings(resource: Resource, record: StudyRecord) -> Resource:
    return {**resource, "numberOfSeries": str(resource["numberOfSeries"]), "numberOfInstances": "many"}


def contained_endpoint(resource: Resource, record: StudyRecord) -> Resource:
    display = {
        "resourceType": "Endpoint",
        "id": "x",
        "status": "active",
        "connectionType": {"code": "ihe-iid"},
        "payloadType": [{"text": "DICOM IID"}],
        "address": CONTAINED_DISPLAY,
    }
    return {**resource, "contained": [display], "endpoint": [{"reference": "#x"}]}


def half_wrapped(resource: Resource, record: StudyRecord) -> Resource:
    return {"resourceType": "ImagingStudy", "id": resource["id"], "resource": resource}


def not_readable(resource: Resource, record: StudyRecord) -> Resource:
    return {**resource, "series": "see film", "started": 20190304, "identifier": "none", "uid": 7, "subject": ["?"]}


def unchanged(resource: Resource, record: StudyRecord) -> Resource:
    return resource


# What is wrong, how it is done, when the study took place, whether it has an accession number.
WAYS: tuple[tuple[str, Way, str, bool], ...] = (
    ("prefix on something that is no UID", prefix_on_no_uid, "2021-02-03T09:00:00+01:00", False),
    ("accession dressed as UID, the UID in id", accession_dressed_as_uid_and_uid_in_id, "2021-03-03", True),
    ("UID under the URI system", uid_under_uri_system, "2021-04-03T09:00:00+02:00", True),
    ("UID without any system", uid_without_system, "2021-05-03T09:00:00+02:00", True),
    ("UID in the id only", uid_in_id_only, "2021-06-03T09:00:00+02:00", False),
    ("an old UID before the present one", old_uid_first, "2021-07-03T09:00:00+02:00", True),
    ("no UID, but an accession number", no_uid, "2021-08-03T09:00:00+02:00", True),
    ("neither UID nor accession number", no_uid, "2021-09-03T09:00:00+02:00", False),
    ("names of another version", other_versions_names, "2021-10-03T09:00:00+02:00", True),
    ("description in the narrative only", description_in_narrative_only, "2021-11-03T09:00:00+01:00", True),
    ("no status", no_status, "2021-12-03T09:00:00+01:00", True),
    ("a status of its own invention", unknown_status, "2022-01-03T09:00:00+01:00", True),
    ("a year for a date", unchanged, "2018", True),
    ("a month for a date", unchanged, "2018-06", True),
    ("no date", unchanged, "", True),
    ("numbers as words", numbers_as_strings, "2022-02-03T09:00:00+01:00", True),
    ("an endpoint inside the study", contained_endpoint, "2022-03-03T09:00:00+01:00", True),
    ("wrapped once too often", half_wrapped, "2022-04-03T09:00:00+02:00", True),
    ("not readable at all", not_readable, "2022-05-03T09:00:00+02:00", True),
    ("the same study twice", unchanged, "2022-06-03T09:00:00+02:00", True),
)
TWICE = "the same study twice"
ARCHIVED_WAYS = (uid_without_prefix, prefix_doubled_in_capitals)
LOST = "record lost in the transfer"
"""What stands in the place of one resource: no object at all, which nobody can read as a study."""


def messy_records(patient_id: str) -> tuple[StudyRecord, ...]:
    """The studies of `WAYS` before they are spoilt; none has pictures."""
    return tuple(
        _record(patient_id, number, what, started, accession)
        for number, (what, _, started, accession) in enumerate(WAYS, 1)
    )


def _record(patient_id: str, number: int, what: str, started: str, has_accession: bool) -> StudyRecord:
    uid = f"{UID_ROOT}.{number}"
    modality, sop_class = (("CT", CT_IMAGE), ("CR", CR_IMAGE))[number % 2]
    instances = tuple(InstanceRecord(f"{uid}.1.{image}", sop_class, image) for image in range(1, 4))
    return StudyRecord(
        uid=uid,
        patient_id=patient_id,
        accession=f"X-{number:03}" if has_accession else "",
        started=started,
        description=f"{modality} Chest ({what})",
        modalities=(modality,),
        series=(SeriesRecord(f"{uid}.1", 1, modality, "Chest", "Chest", instances=instances),),
        has_pictures=False,
    )


def spoilt(
    archived: Sequence[StudyRecord], recorded: Sequence[StudyRecord], resource_of: Callable[[StudyRecord], Resource]
) -> list[tuple[StudyRecord, Resource]]:
    """Every study with its spoilt resource; `resource_of` gives the good one, with its id. `recorded` follow `WAYS`."""
    made = [
        (record, ARCHIVED_WAYS[place % len(ARCHIVED_WAYS)](deepcopy(resource_of(record)), record))
        for place, record in enumerate(archived)
    ]
    for record, (what, way, _, _) in zip(recorded, WAYS, strict=True):
        made.append((record, way(deepcopy(resource_of(record)), record)))
        if what == TWICE:
            made.append((record, key_images_only(resource_of(record), record)))
    return made


def warning(dstu1: bool) -> Resource:
    """The remark that the server adds to its answer as an entry of `search.mode` outcome."""
    return operation_outcome("incomplete", "Studies of before 2018 are on tape and not listed.", "warning", dstu1)
