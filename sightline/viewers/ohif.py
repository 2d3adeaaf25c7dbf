"""OHIF 3: its viewer route (OHIF documentation, "URL").

    <address>/<mode>[/<data source>]?StudyInstanceUIDs=1.2.3,1.2.4
        [&SeriesInstanceUIDs=…] [&initialSeriesInstanceUID=…] [&hangingProtocolId=@ohif/mnGrid]

`SeriesInstanceUIDs` leaves other series out, `initialSeriesInstanceUID` only begins with one. An accession number opens
OHIF's list, not the study, and is never sent.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import OhifOptions
from sightline.viewers.contract import Takes, Wanted, encoded, listed


def takes(viewer: ViewerSettings[OhifOptions]) -> frozenset[Takes]:
    """Studies by their UIDs."""
    return frozenset({Takes.STUDY, Takes.STUDIES})


def url(wanted: Wanted, viewer: ViewerSettings[OhifOptions]) -> str:
    """The address that shows the studies."""
    options = viewer.options
    route = "/".join(encoded(part) for part in (options.mode, options.data_source) if part)
    query = f"StudyInstanceUIDs={listed(wanted.uids)}"
    query += f"&SeriesInstanceUIDs={listed(wanted.series)}" if wanted.series else ""
    query += f"&initialSeriesInstanceUID={encoded(wanted.first_series)}" if wanted.first_series else ""
    query += f"&hangingProtocolId={encoded(options.hanging_protocol)}" if options.hanging_protocol else ""
    return f"{viewer.address.rstrip('/')}/{route}?{query}"
