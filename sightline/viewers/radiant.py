"""RadiAnt, a program on Windows (RadiAnt manual, "URL protocol"): its command line as pairs of n and v, in their order.

    radiant://?n=paet&v=<AE title>&n=pstv&v=0020000D&v=%221.2.3%22
    radiant://?n=paet&v=<AE title>&n=pstv&v=00080050&v=%22<accession number>%22

The archive must stand in RadiAnt's own list of PACS locations, with the same AE title. `pstv` searches for a DICOM tag;
a number with a wildcard or another special sign in it is refused.
"""

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import RadiantOptions
from sightline.viewers.contract import Takes, Wanted, encoded, plain

_STUDY_INSTANCE_UID, _ACCESSION_NUMBER = "0020000D", "00080050"


def takes(viewer: ViewerSettings[RadiantOptions]) -> frozenset[Takes]:
    """One study, by UID or accession number."""
    return frozenset({Takes.STUDY, Takes.ACCESSION})


def url(wanted: Wanted, viewer: ViewerSettings[RadiantOptions]) -> str:
    """The address that shows the study. Raises CannotOpen."""
    (study,) = wanted.studies
    tag, value = (_STUDY_INSTANCE_UID, study.uid) if study.uid else (_ACCESSION_NUMBER, study.accession)
    quoted = encoded(f'"{plain(value or "", viewer)}"')
    return f"radiant://?n=paet&v={encoded(viewer.options.ae_title)}&n=pstv&v={tag}&v={quoted}"
