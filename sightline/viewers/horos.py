"""Horos and OsiriX, programs on the Mac (OsiriX, "RIS integration"; Horos source, XMLRPCMethods.m).

    horos://?methodName=retrieve&serverName=<server>&then=open&retrieveOnlyIfNeeded=yes
        &filterKey=StudyInstanceUID&filterValue=1.2.3

The same scheme also deletes and closes what the user has open; so the method and its keys are fixed here, and nothing
but a UID goes in. The scheme has to be switched on in the program's Listener preferences.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import HorosOptions
from sightline.viewers.contract import Takes, Wanted, encoded


def takes(viewer: ViewerSettings[HorosOptions]) -> frozenset[Takes]:
    """One study by its UID."""
    return frozenset({Takes.STUDY})


def url(wanted: Wanted, viewer: ViewerSettings[HorosOptions]) -> str:
    """The address that fetches and shows the study."""
    options = viewer.options
    method = f"methodName=retrieve&serverName={encoded(options.server)}&then=open&retrieveOnlyIfNeeded=yes"
    return f"{options.scheme}://?{method}&filterKey=StudyInstanceUID&filterValue={encoded(wanted.uids[0])}"
