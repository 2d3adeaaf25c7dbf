"""Softneta MedDream: its study integration, as Orthanc Explorer 2 and `@meddream/viewer-communication` use it.

<address>/?study=1.2.3,1.2.4
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import NoOptions
from sightline.viewers.contract import Takes, Wanted, listed


def takes(viewer: ViewerSettings[NoOptions]) -> frozenset[Takes]:
    """Studies by their UIDs."""
    return frozenset({Takes.STUDY, Takes.STUDIES})


def url(wanted: Wanted, viewer: ViewerSettings[NoOptions]) -> str:
    """The address that shows the studies."""
    return f"{viewer.address.rstrip('/')}/?study={listed(wanted.uids)}"
