"""The ways in which studies say where their images are: `WAYS`, by name. Each has FHIR bases of its own.

The hospital's South Clinic has an image display of its own; by most of these studies say that they open there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sandbox.fhir import Version
from sandbox.fhir.endpoints import of_south_clinic
from sandbox.fhir.entries import Entry, json_bytes, summary
from sandbox.fhir.parts import Resource, reference

UNREADABLE_ID = "south-unreadable"
ELSEWHERE = "https://fhir.partner.example/fhir/Endpoint/display"

Refers = Callable[[Resource, "Place"], Resource]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study is served: by which version, at which base, and of which hospital."""

    version: Version
    base_url: str
    hospital_url: str

    def endpoint(self, id_: str) -> Resource:
        """One of the South Clinic's, as this version writes it."""
        (record,) = [record for record in of_south_clinic(self.hospital_url) if record.id == id_]
        resource: Resource = self.version.shapes.endpoint(record)
        return resource


@dataclass(frozen=True, slots=True)
class Way:
    """One way, told in a sentence. `refers` gives a study that says so; `included`: the address comes along."""

    sentence: str
    refers: Refers
    included: bool = False


def told(entry: Entry, way: Way, place: Place) -> Entry:
    """The study as it says so in this way; one that is not said to have images anywhere stays as it is."""
    if "endpoint" not in entry.resource:
        return entry
    resource = way.refers(entry.resource, place)
    return replace(
        entry, resource=resource, full=json_bytes(resource), short=json_bytes(summary(place.version, resource))
    )


def referred_to(entries: Iterable[Entry]) -> set[str]:
    """The ids of the endpoints that these studies and their series refer to."""
    carriers = [carrier for entry in entries for carrier in (entry.resource, *_series(entry.resource))]
    references = [item for carrier in carriers for item in _listed(carrier.get("endpoint"))]
    return {item.get("reference", "").removeprefix("Endpoint/") for item in references if isinstance(item, dict)}


def _series(study: Resource) -> list[Resource]:
    return [item for item in _listed(study.get("series")) if isinstance(item, dict)]


def _listed(value: object) -> list[Resource]:
    return value if isinstance(value, list) else []


def _by_id(id_: str) -> Refers:
    return lambda study, place: {**study, "endpoint": [reference("Endpoint", id_)]}


def _absolute(study: Resource, place: Place) -> Resource:
    return {**study, "endpoint": [{"reference": f"{place.base_url}/Endpoint/south-display/_history/1"}]}


def _contained(study: Resource, place: Place) -> Resource:
    return {**study, "contained": [place.endpoint("south-display")], "endpoint": [{"reference": "#south-display"}]}


def _of_its_series(study: Resource, place: Place) -> Resource:
    series = [{**item, "endpoint": [reference("Endpoint", "south-display")]} for item in study["series"]]
    return {key: value for key, value in study.items() if key != "endpoint"} | {"series": series}


def _elsewhere(study: Resource, place: Place) -> Resource:
    return {**study, "endpoint": [{"reference": ELSEWHERE}]}


WAYS = {
    "referenced": Way("Studies refer to the South Clinic's display.", _by_id("south-display")),
    "included": Way("The South Clinic's display comes along with the studies.", _by_id("south-display"), included=True),
    "absolute": Way("Studies refer to the South Clinic's display by its whole address.", _absolute),
    "contained": Way("The South Clinic's display is contained in each study.", _contained),
    "series": Way("The series refer to the South Clinic's display.", _of_its_series),
    "web-viewer": Way("Studies name a whole address in the South Clinic's display (MADO).", _by_id("south-web")),
    "europe": Way("The South Clinic's display has the code of HL7 Europe.", _by_id("south-europe")),
    "organisation": Way(
        "Studies lie in the South Clinic's archive, for which there is a rule.", _by_id("south-archive")
    ),
    "partner": Way("Studies refer to a display that is not set up.", _by_id("partner-display")),
    "elsewhere": Way("Studies refer to an address on another FHIR server.", _elsewhere),
    "unreadable": Way("The address that studies refer to cannot be read (500).", _by_id(UNREADABLE_ID)),
}
