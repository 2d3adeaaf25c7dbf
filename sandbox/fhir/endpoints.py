"""The hospital's two imaging endpoints, as plain values: where to invoke an image display, where to retrieve images."""

from dataclasses import dataclass


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
