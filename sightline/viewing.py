"""Use case: which viewer opens a study, at what address, or the reason in words why it cannot be opened.

The hospital's rules choose first, in their order; then what the study's data says of itself; then the EHR's own viewer.
The data chooses among configured viewers by where they stand: it never names another place to go to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from sightline import proof, rules
from sightline.endpoint import Leads
from sightline.errors import CannotOpen
from sightline.patient import Patient
from sightline.rules import Situation
from sightline.settings import Settings, ViewerSettings
from sightline.settings.addresses import origin_of
from sightline.study import Status, Study
from sightline.viewers import address, program_for, takes
from sightline.viewers.contract import Takes, Wanted

_NOTHING_LEADS_TO_IT = "Nothing leads to it: no rule, no address in the data, no EHR's setting."
_NOT_OPENED = {
    Status.REGISTERED: "No images have arrived yet.",
    Status.CANCELLED: "No images were made.",
    Status.ENTERED_IN_ERROR: "This record should not exist.",
}


class Opening(Struct, frozen=True, gc=False):
    """How something is opened: the viewer, the address in it, what that shows, and whether it stands in our frame."""

    viewer: ViewerSettings[Any]
    url: str
    wanted: Wanted

    @property
    def framed(self) -> bool:
        return self.viewer.may_be_framed

    @property
    def program(self) -> str:
        """What must be installed on the user's own computer; empty for a viewer on the web."""
        return program_for(self.viewer)


class Verdict(Struct, frozen=True, gc=False):
    """One viewer and a study: why it cannot open it (empty where it can), and why it was chosen, or was not."""

    viewer: ViewerSettings[Any]
    chosen: bool
    obstacle: str
    why: str


class _Way(NamedTuple):
    """A way to a viewer: its name, the reason in a sentence, and whether the study may go it."""

    viewer: str
    why: str
    is_open: bool


class Choice(Struct, frozen=True, gc=False):
    """The viewer that was chosen and why, in a sentence; `obstacle` is why even that one cannot open the study."""

    viewer: ViewerSettings[Any]
    why: str
    obstacle: str
    at: Situation
    settings: Settings
    ways: tuple[_Way, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """On each viewer that is configured, in the order of the settings."""
        return tuple(map(self._verdict, self.settings.viewers))

    def _verdict(self, viewer: ViewerSettings[Any]) -> Verdict:
        if viewer is self.viewer:
            return Verdict(viewer, True, self.obstacle, self.why)
        found = obstacle(self.at.study, viewer, self.at.patient)
        leading = [way for way in self.ways if way.viewer == viewer.name]
        came_late = any(way.is_open for way in leading) and not found
        reasons = [*dict.fromkeys(way.why for way in leading), "Another came before it." if came_late else found]
        return Verdict(viewer, False, found, " ".join(filter(None, reasons)) or _NOTHING_LEADS_TO_IT)

    @property
    def others(self) -> tuple[ViewerSettings[Any], ...]:
        """The other viewers that could open the study too."""
        return tuple(verdict.viewer for verdict in self.verdicts if not (verdict.chosen or verdict.obstacle))


def opening(wanted: Wanted, viewer: ViewerSettings[Any]) -> Opening:
    """Raises CannotOpen, with the reason, for a study without images yet or what this viewer cannot be asked for."""
    for study in wanted.studies:
        if study.status in _NOT_OPENED:
            raise CannotOpen(f"status {study.status}", _NOT_OPENED[study.status])
        if study.availability == "UNAVAILABLE":
            raise CannotOpen("availability UNAVAILABLE", "The archive says that its images are not available.")
    proof.number_of_patient(wanted, viewer)
    return Opening(viewer, address(wanted, viewer), wanted)


def together(studies: Sequence[Study], each: Sequence[Opening], patient: Patient) -> Opening | None:
    """One opening for all of these studies, where `each` is opened in the same viewer and it takes several at once.

    Only by their UIDs: one that is known by its accession number alone must not take the other's better name away.
    """
    viewer = each[0].viewer
    if any(one.viewer is not viewer for one in each) or Takes.STUDIES not in takes(viewer):
        return None
    if not all(study.uid for study in studies):
        return None
    try:
        return opening(Wanted(tuple(studies), patient), viewer)
    except CannotOpen:  # too long for one address, or numbers that this viewer cannot have side by side
        return None


def obstacle(study: Study, viewer: ViewerSettings[Any], patient: Patient | None = None) -> str:
    """Why the study cannot be opened there, as one sentence; empty where it can."""
    try:
        opening(Wanted((study,), patient), viewer)
    except CannotOpen as reason:
        return reason.sentence
    return ""


def choose(at: Situation, settings: Settings) -> Choice:
    """The viewer for a study: the first that a way leads to and that can open it. Without one it is the EHR's own."""
    ways = (*_by_rules(at, settings), *_by_data(at, settings), *_by_ehr(at, settings))
    for way in ways:
        if way.is_open and not (found := obstacle(at.study, settings.viewer(way.viewer), at.patient)):
            break
    return Choice(settings.viewer(way.viewer), way.why, found, at, settings, ways)


def _by_rules(at: Situation, settings: Settings) -> list[_Way]:
    ways = []
    for number, rule in enumerate(settings.rules, start=1):
        miss = rules.miss(rule, at)
        why = f"Rule {number} is not met: {miss}." if miss else f"Rule {number} chooses it for {rules.words(rule)}."
        ways.append(_Way(rule.viewer, why, not miss))
    return ways


def _by_data(at: Situation, settings: Settings) -> list[_Way]:
    """Configured viewers on the origins that the data names: one at the very address first, then the EHR's own."""
    addresses = [endpoint.address for endpoint in at.endpoints if endpoint.leads is Leads.TO_A_VIEWER]
    if not addresses:  # as in nearly every row of a list
        return []
    named = [(address, origin_of(address)) for address in addresses]
    there = [
        (not address.startswith(viewer.address), viewer.name != at.ehr.viewer, viewer.name)
        for address, origin in named
        for viewer in settings.viewers
        if origin and viewer.origin == origin
    ]
    names = dict.fromkeys(name for *_, name in sorted(there, key=lambda rank: rank[:2]))
    return [_Way(name, "The study's data names an address there.", True) for name in names]


def _by_ehr(at: Situation, settings: Settings) -> list[_Way]:
    own = settings.viewer_of(at.ehr)
    return [_Way(own.name, f"It is the viewer of {at.ehr.title}.", True)]
