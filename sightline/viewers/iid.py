"""IHE Invoke Image Display (RAD-106): the grammar of its study request, both ways.

    <address>/IHEInvokeImageDisplay?requestType=STUDY&studyUID=1.2.3,1.2.4&viewerType=IHE_BIR

Parameter names and values are case-sensitive (IHE RAD-106 4.106.4.1.2). A study is named by Study Instance UIDs or by
accession numbers, never by both, as a comma-separated list; a comma inside a value has no spelling in this list.
"""

from urllib.parse import parse_qsl, quote

from msgspec import Struct

from sightline.errors import CannotOpen
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.uid import uid

# DICOM's SH holds 16 characters; hospitals' systems are known to exceed it, but not like this.
_LONGEST_ACCESSION = 64


class Malformed(ValueError):
    """Not a RAD-106 study request; the text says what is wrong with it."""


class StudyRequest(Struct, frozen=True, gc=False):
    """`requestType=STUDY`. Raises Malformed where it is not one that RAD-106 allows.

    `study_uids` are bare; `viewer_type` is `IHE_BIR`, a name that the site defines, or empty (not sent).
    """

    study_uids: tuple[str, ...] = ()
    accession_numbers: tuple[str, ...] = ()
    viewer_type: str = ""

    def __post_init__(self) -> None:
        if bool(self.study_uids) == bool(self.accession_numbers):
            raise Malformed("a study request carries either studyUID or accessionNumber")
        for value in self.study_uids:
            if uid(value) != value:
                raise Malformed("studyUID is not a DICOM UID")
        for value in self.accession_numbers:
            if not value or value != value.strip() or "," in value or not value.isprintable():
                raise Malformed("accessionNumber is empty, or has a comma or a control character in it")
            if len(value) > _LONGEST_ACCESSION:
                raise Malformed(f"accessionNumber is longer than {_LONGEST_ACCESSION} characters")

    @property
    def query(self) -> str:
        """The request as a query string; each value is percent-encoded on its own, list commas stay readable.

        A UID has nothing to encode: digits and dots.
        """
        if self.study_uids:
            named = f"studyUID={','.join(self.study_uids)}"
        else:
            named = f"accessionNumber={','.join([quote(value, safe='') for value in self.accession_numbers])}"
        viewer_type = f"&viewerType={quote(self.viewer_type, safe='')}" if self.viewer_type else ""
        return f"requestType=STUDY&{named}{viewer_type}"


def parse(query: str) -> StudyRequest:
    """The study request in a query string. Raises Malformed; unknown parameters are left to whoever defines them."""
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs):
        raise Malformed("a parameter is given twice")
    if given.get("requestType") != "STUDY":
        raise Malformed("requestType is not STUDY")
    return StudyRequest(_list(given.get("studyUID")), _list(given.get("accessionNumber")), given.get("viewerType", ""))


def url(study: Study, viewer: ViewerSettings) -> str:
    """The address that shows `study`: by its Study Instance UID, else by its accession number. Raises CannotOpen."""
    uids = (study.uid,) if study.uid else ()
    numbers = (study.accession,) if study.accession and not study.uid else ()
    try:
        request = StudyRequest(uids, numbers, viewer.viewer_type)
    except Malformed as cause:
        raise CannotOpen(str(cause), "Its record holds no number by which a viewer could find its images.") from cause
    return f"{viewer.address}?{request.query}"


def _list(value: str | None) -> tuple[str, ...]:
    return tuple(value.split(",")) if value is not None else ()
