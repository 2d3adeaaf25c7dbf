"""Kitware VolView: a study of a DICOMweb server (VolView documentation, "Loading Data", DICOMWeb).

    <address>?dicomweb=<dicomweb>/studies/1.2.3      <address>?dicomweb=<dicomweb>/studies/1.2.3/series/1.2.3.4

With a series its images are loaded at once; with a study alone VolView lists its series first. The other form,
`urls=[…/archive]`, wants Orthanc's own ids, which no FHIR server knows.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import VolviewOptions
from sightline.viewers.contract import Takes, Wanted, encoded


def takes(viewer: ViewerSettings[VolviewOptions]) -> frozenset[Takes]:
    """One study by its UID."""
    return frozenset({Takes.STUDY})


def url(wanted: Wanted, viewer: ViewerSettings[VolviewOptions]) -> str:
    """The address that shows the study, or the first of the series wanted."""
    series = f"/series/{wanted.series[0]}" if wanted.series else ""
    place = f"{viewer.options.dicomweb.rstrip('/')}/studies/{wanted.uids[0]}{series}"
    return f"{viewer.address}?dicomweb={encoded(place)}"
