"""Orthanc's Stone Web viewer (its source, Applications/StoneWebViewer/NOTES.txt).

    <address>?study=1.2.3,1.2.4      <address>?study=1.2.3&series=1.2.3.4      <address>?patient=<Patient ID>

A series is read only beside one study. `patient` is DICOM's Patient ID without its issuer: it is sent only where the
settings name the FHIR system whose numbers the archive has.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import StoneOptions
from sightline.viewers.contract import Takes, Wanted, alone, encoded, listed, patient_number


def takes(viewer: ViewerSettings[StoneOptions]) -> frozenset[Takes]:
    """Studies by their UIDs, and a patient where it is known whose numbers the archive has."""
    patient = {Takes.PATIENT} if viewer.options.patient_system else set()
    return frozenset({Takes.STUDY, Takes.STUDIES} | patient)


def url(wanted: Wanted, viewer: ViewerSettings[StoneOptions]) -> str:
    """The address that shows what is wanted. Raises CannotOpen."""
    if not wanted.studies:
        number = patient_number(wanted, viewer, viewer.options.patient_system)
        return f"{viewer.address}?patient={encoded(alone(number.value, viewer))}"
    series = f"&series={encoded(wanted.series[0])}" if len(wanted.series) == len(wanted.studies) == 1 else ""
    return f"{viewer.address}?study={listed(wanted.uids)}{series}"
