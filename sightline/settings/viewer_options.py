"""What each kind of viewer is told besides its name and address. A kind that is not here needs nothing more."""

from msgspec import Struct

Pairs = tuple[tuple[str, str], ...]


class NoOptions(Struct, frozen=True, kw_only=True):
    """Of a kind whose address says everything."""


class IidOptions(Struct, frozen=True, kw_only=True):
    """How one Image Display wants RAD-106 spelled. `namespaces` and `parameters` are pairs of text.

    `patient_system` is the FHIR identifier system of the numbers it knows patients by; empty: the number shown.
    `diagnostic_quality` is asked for always; `passes_on` are wishes of an EHR's own request that it is asked for too.
    """

    requests: frozenset[str]
    viewer_type: str
    diagnostic_quality: bool
    passes_on: frozenset[str]
    study_key: str
    list_separator: str
    patient_system: str
    patient_id_form: str
    namespaces: Pairs
    patient_facts: frozenset[str]
    date_range: str
    parameters: Pairs


class OhifOptions(Struct, frozen=True, kw_only=True):
    """OHIF's route (`mode`), its `sourceName` where it has several, the hanging protocol that it begins with."""

    mode: str
    data_source: str
    hanging_protocol: str


class StoneOptions(Struct, frozen=True, kw_only=True):
    """`patient_system`: the FHIR identifier system of the archive's Patient IDs; empty: no patient is asked for."""

    patient_system: str


class WeasisOptions(Struct, frozen=True, kw_only=True):
    """Where Weasis finds images: a DICOMweb server or a service that makes manifests; one of the two is empty."""

    dicomweb: str
    manifest: str
    close_others: bool
    patient_system: str


class VolviewOptions(Struct, frozen=True, kw_only=True):
    """The DICOMweb server as the user's browser reaches it."""

    dicomweb: str


class Oe2Options(Struct, frozen=True, kw_only=True):
    """The modality to fetch from first, as Orthanc names it, and the viewer that then opens; empty: only the list."""

    retrieve_from: str
    retrieve_viewer: str


class RadiantOptions(Struct, frozen=True, kw_only=True):
    """The AE title of the archive, as RadiAnt's own list of PACS locations has it."""

    ae_title: str


class HorosOptions(Struct, frozen=True, kw_only=True):
    """`scheme` tells Horos from OsiriX; `server` is the archive's name in its own list of locations."""

    scheme: str
    server: str


class TemplateOptions(Struct, frozen=True, kw_only=True):
    """What must be installed, in words, for an address of another scheme; the system of the archive's Patient IDs."""

    program: str
    patient_system: str
