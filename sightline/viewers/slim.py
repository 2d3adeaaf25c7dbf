"""Slim, the slide microscopy viewer of the Imaging Data Commons (its routes, src/App.tsx).

<address>/studies/1.2.3      <address>/studies/1.2.3/series/1.2.3.4
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import NoOptions
from sightline.viewers.contract import Takes, Wanted, encoded


def takes(viewer: ViewerSettings[NoOptions]) -> frozenset[Takes]:
    """One study by its UID."""
    return frozenset({Takes.STUDY})


def url(wanted: Wanted, viewer: ViewerSettings[NoOptions]) -> str:
    """The address that shows the study, or the first of the series wanted."""
    series = f"/series/{encoded(wanted.series[0])}" if wanted.series else ""
    return f"{viewer.address.rstrip('/')}/studies/{encoded(wanted.uids[0])}{series}"
