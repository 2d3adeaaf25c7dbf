"""Orthanc Explorer 2 (its release notes): its list with one study in it, or the page that first fetches the study.

    <address>/filtered-studies?StudyInstanceUID=1.2.3&expand=study
    <address>/retrieve-and-view.html?StudyInstanceUID=1.2.3&modality=<retrieve_from>&viewer=<retrieve_viewer>

The first is a list, from which its user opens a viewer; a hospital that wants the images at once configures the viewer.
Patients are not asked for: it is not known that the list finds whole numbers only.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import Oe2Options
from sightline.viewers.contract import Takes, Wanted, encoded


def takes(viewer: ViewerSettings[Oe2Options]) -> frozenset[Takes]:
    """One study by its UID."""
    return frozenset({Takes.STUDY})


def url(wanted: Wanted, viewer: ViewerSettings[Oe2Options]) -> str:
    """The address that shows the study."""
    options, uid = viewer.options, encoded(wanted.uids[0])
    root = viewer.address.rstrip("/")
    if not options.retrieve_from:
        return f"{root}/filtered-studies?StudyInstanceUID={uid}&expand=study"
    fetched = f"StudyInstanceUID={uid}&modality={encoded(options.retrieve_from)}"
    return f"{root}/retrieve-and-view.html?{fetched}&viewer={encoded(options.retrieve_viewer)}"
