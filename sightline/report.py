"""A report on imaging: what every source's report is turned into. Which study it is on says `reports`."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from sightline.batch import LeftOut


class ReportStatus(StrEnum):
    """FHIR's diagnostic-report-status (R5; the older versions have fewer, DSTU1 writes `entered in error`)."""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    MODIFIED = "modified"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"

    @property
    def is_preliminary(self) -> bool:
        """Whether nobody has signed it yet; R5's `modified` is a change before that."""
        return self in (ReportStatus.PARTIAL, ReportStatus.PRELIMINARY, ReportStatus.MODIFIED)

    @property
    def is_amended(self) -> bool:
        return self in (ReportStatus.AMENDED, ReportStatus.CORRECTED, ReportStatus.APPENDED)

    @property
    def is_withdrawn(self) -> bool:
        """Whether its words must not be read as a report any more."""
        return self in (ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR)


class StudyLink(Struct, frozen=True, gc=False):
    """A study that a report names: by the reference as it stands there, by its Study Instance UID, or by both."""

    reference: str = ""
    uid: str = ""


class Form(Struct, frozen=True, gc=False):
    """The report once more as a document (FHIR Attachment): inline in Base64, or behind an address."""

    content_type: str
    title: str = ""
    data: str = ""
    url: str = ""


class Report(Struct, frozen=True, gc=False):
    """One report. Dates are FHIR's, as recorded; `subject` is the reference to the patient as it stood there.

    `orders` are references (`ServiceRequest/7`) and identifiers (`system|value`) of what it was asked for by.
    `accessions` may be its accession number; it is for certain where `accession_labelled` says so. `narrative` is
    HTML from outside, `conclusion` plain text.
    """

    source: str
    id: str
    subject: str | None = None
    status: ReportStatus = ReportStatus.UNKNOWN
    title: str | None = None
    issued: str | None = None
    effective: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    links: tuple[StudyLink, ...] = ()
    orders: tuple[str, ...] = ()
    accessions: tuple[str, ...] = ()
    accession_labelled: bool = False
    conclusion: str = ""
    narrative: str = ""
    forms: tuple[Form, ...] = ()

    @property
    def head(self) -> "Report":
        """The same without its words: what a list needs, and all of it that is ever kept."""
        return replace(self, conclusion="", narrative="", forms=())

    @property
    def reference(self) -> str:
        """The record in its source, as a FHIR reference."""
        return f"DiagnosticReport/{self.id}"

    @property
    def is_on_imaging(self) -> bool:
        """Whether it says so of itself: by its category, or by naming a study."""
        return bool(self.links) or not IMAGING_CATEGORIES.isdisjoint(self.categories)


# HL7 v2-0074 (CUS to XRC are kinds of imaging there), LOINC Radiology, SNOMED CT Radiology.
IMAGING_CATEGORIES = frozenset(
    ("RAD", "IMG", "CT", "CUS", "NMR", "NMS", "OUS", "RUS", "RX", "VUS", "XRC", "LP29684-5", "394914008")
)


class Asked(StrEnum):
    """What became of the question for reports."""

    ANSWERED = "answered"
    NOT_PERMITTED = "not permitted"
    NOT_OFFERED = "not offered"
    FAILED = "failed"
    SWITCHED_OFF = "switched off"


class Reports(Struct, frozen=True):
    """The answer to the question for a patient's reports: their heads, and what is not among them.

    `sentence` says for people why it failed, `detail` for the log.
    """

    asked: Asked
    asked_at: float = 0.0
    found: tuple[Report, ...] = ()
    left_out: LeftOut = LeftOut()
    sentence: str = ""
    detail: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether a study without one here has none at the source: else nobody may say "no report found"."""
        return self.asked is Asked.ANSWERED and not self.left_out
