"""The hospital's imaging endpoints, image displays and archives, and how studies refer to them."""

from dataclasses import dataclass

from sandbox.fhir.parts import Resource, concept, reference
from sandbox.records import StudyRecord


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """One technical address. `connection` is a code of `system`, empty: of FHIR's endpoint-connection-type."""

    id: str
    name: str
    connection: str
    payload: str
    mime_types: tuple[str, ...]
    address: str
    system: str = ""
    organisation: str = ""


IMAGE_DISPLAY_ID = "image-display"
IMAGE_ARCHIVE_ID = "image-archive"
SOUTH = "South Clinic"
MADO = "https://profiles.ihe.net/RAD/MADO/CodeSystem/MadoEndpointConnectionTypes"
EUROPE = "http://hl7.eu/fhir/imaging/CodeSystem/codesystem-hl7eu-imaging-endpoint-terminology"


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


def of_south_clinic(hospital_url: str) -> tuple[EndpointRecord, ...]:
    """Those of the South Clinic, and one of a partner, to which studies refer at some bases only (whereabouts.py)."""
    display = f"{hospital_url}/display-south/IHEInvokeImageDisplay"
    # MADO's is whole, and must never be opened as it stands: here it names no study of this hospital.
    whole = f"{display}?requestType=STUDY&studyUID=1.2.3.4"
    return (
        EndpointRecord("south-display", "South Clinic's display", "ihe-iid", "DICOM IID", (), display),
        EndpointRecord("south-web", "South Clinic's display", "web-viewer", "text/html", ("text/html",), whole, MADO),
        EndpointRecord("south-europe", "South Clinic's display", "ihe-iid", "DICOM IID", (), display, EUROPE),
        EndpointRecord(
            "south-archive",
            "South Clinic's archive",
            "dicom-wado-rs",
            "DICOM WADO-RS",
            ("application/dicom",),
            f"{hospital_url}/dicom-web",
            organisation=SOUTH,
        ),
        EndpointRecord(
            "partner-display",
            "A display that is not set up",
            "ihe-iid",
            "DICOM IID",
            (),
            "https://viewer.partner.example/IHEInvokeImageDisplay",
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
        "connectionType": {"system": record.system or system, "code": record.connection},
        "payloadType": [concept(record.payload)],
        "payloadMimeType": list(record.mime_types),
    }
