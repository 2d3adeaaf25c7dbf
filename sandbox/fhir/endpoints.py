"""The hospital's two imaging endpoints, image display and archive, and how studies refer to them."""

from dataclasses import dataclass

from sandbox.fhir.parts import Resource, concept, reference
from sandbox.records import StudyRecord


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """One technical address. `connection` is a code of FHIR's endpoint-connection-type."""

    id: str
    name: str
    connection: str
    payload: str
    mime_types: tuple[str, ...]
    address: str


IMAGE_DISPLAY_ID = "image-display"
IMAGE_ARCHIVE_ID = "image-archive"


def endpoints(hospital_url: str) -> tuple[EndpointRecord, ...]:
    """The image display (`ihe-iid`, no `?` at the end) and the archive (`dicom-wado-rs`, no slash at the end)."""
    return (
        EndpointRecord(
            IMAGE_DISPLAY_ID,
            "Fjordview image display",
            "ihe-iid",
            "DICOM IID",
            (),
            f"{hospital_url}/display/IHEInvokeImageDisplay",
        ),
        EndpointRecord(
            IMAGE_ARCHIVE_ID,
            "Fjordview image archive",
            "dicom-wado-rs",
            "DICOM WADO-RS",
            ("application/dicom",),
            f"{hospital_url}/dicom-web",
        ),
    )


def endpoint_references(record: StudyRecord) -> list[Resource]:
    """The image display and the archive, for a study that has pictures."""
    if not record.has_pictures:
        return []
    return [reference("Endpoint", IMAGE_DISPLAY_ID), reference("Endpoint", IMAGE_ARCHIVE_ID)]


def one_connection(record: EndpointRecord, system: str) -> Resource:
    """Connection and payload as STU3 and R4 have them: the connection type is one Coding of this system."""
    return {
        "connectionType": {"system": system, "code": record.connection},
        "payloadType": [concept(record.payload)],
        "payloadMimeType": list(record.mime_types),
    }
