"""Use case: which viewer opens a study, or all images of a patient, at what address, or the reason in words why not.

The user's own word goes first, and alone. Else the hospital's rules choose, in their order; then what the study's data
says of itself; then the EHR's own viewer. The data chooses among configured viewers by where they stand: it never names
another place to go to.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from sightline import proof, rules
from sightline.endpoint import Leads
from sightline.errors import CannotOpen
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.rules import Situation
from sightline.settings import EhrSettings, Settings, ViewerSettings
from sightline.settings.addresses import origin_of
from sightline.study import Status, Study
from sightline.viewers import address, as_taken, program_for, takes, takes_every_uid
from sightline.viewers.contract import Takes, Wanted

_NOTHING_LEADS_TO_IT = Phrase("Nothing leads to it: no rule, no address in the data, no EHR's setting.")
_CAME_LATE = Phrase("Another came before it.")
_NOT_OPENED = {
    Status.REGISTERED: Phrase("No images have arrived yet."),
    Status.CANCELLED: Phrase("No images were made."),
    Status.ENTERED_IN_ERROR: Phrase("This record should not exist."),
}
_OBJECTS_ONLY = Phrase("It holds no images.")
_CONTESTED = Phrase("Another patient's record names the same study.")
_UNAVAILABLE = Phrase("The archive says that its images are not available.")
_TAKES_PATIENTS = Phrase("It can show all images of a patient.")
_BY_HAND = Phrase("It was chosen by hand.")
_BY_DATA = Phrase("The study's data names an address there.")


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
    """One viewer and what is wanted: why it cannot be opened there (empty where it can), and why it was chosen or not.

    `reasons` are the sentences of that, `why` all of them in English. `trace` says the last for the log, by rules and
    settings alone: nothing of the patient's data is in it.
    """

    viewer: ViewerSettings[Any]
    chosen: bool
    obstacle: str
    reasons: tuple[str, ...]
    trace: str

    @property
    def why(self) -> str:
        return " ".join(self.reasons)


class _Way(NamedTuple):
    """A way to a viewer: its name, the reason in a sentence and for the log, and whether the study may go it."""

    viewer: str
    why: str
    trace: str
    is_open: bool = True


class Choice(Struct, frozen=True, gc=False):
    """The viewer that was chosen and why, in a sentence; `obstacle` is why even that one cannot be opened.

    `footnotes` are sentences on what could not be taken into account.
    """

    viewer: ViewerSettings[Any]
    why: str
    obstacle: str
    wanted: Wanted
    settings: Settings
    ways: tuple[_Way, ...]
    footnotes: tuple[str, ...] = ()

    @property
    def opening(self) -> Opening:
        """What is wanted, in the viewer that was chosen. Raises CannotOpen."""
        return opening(self.wanted, self.viewer)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """On each viewer that is configured, in the order of the settings."""
        return tuple(map(self._verdict, self.settings.viewers))

    def _verdict(self, viewer: ViewerSettings[Any]) -> Verdict:
        chosen, refusal = viewer is self.viewer, _refusal(self.wanted, viewer)
        leading = [way for way in self.ways if way.viewer == viewer.name]
        if chosen:
            leading = [way for way in leading if way.why == self.why]
        came_late = not chosen and not refusal and any(way.is_open for way in leading)
        late = (_CAME_LATE, "late") if came_late else ("", "")
        sentence, detail = (refusal.sentence, refusal.detail) if refusal else ("", "")
        why = [*(way.why for way in leading), late[0], "" if chosen else sentence]
        trace = [*(way.trace for way in leading), late[1], detail]
        return Verdict(
            viewer, chosen, sentence, _each_once(why) or (_NOTHING_LEADS_TO_IT,), ", ".join(_each_once(trace))
        )

    @property
    def trace(self) -> str:
        """The same in a line for the log: `display chosen (ehr); slides (rule 2: modality)`."""
        said = ((each.viewer.name, " chosen" if each.chosen else "", each.trace) for each in self.verdicts)
        return "; ".join(f"{name}{chosen} ({trace or 'no way to it'})" for name, chosen, trace in said)

    @property
    def others(self) -> tuple[ViewerSettings[Any], ...]:
        """The other viewers that could open it too."""
        return tuple(viewer for viewer in self.settings.viewers if self._is_another(viewer))

    @property
    def has_others(self) -> bool:
        return any(map(self._is_another, self.settings.viewers))

    def _is_another(self, viewer: ViewerSettings[Any]) -> bool:
        return viewer is not self.viewer and _refusal(self.wanted, viewer) is None


class Glance(NamedTuple):
    """What a row of a list says of a study: why it cannot be opened, empty where it can, and whether others open it."""

    obstacle: str
    has_others: bool


def _each_once(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))


def opening(wanted: Wanted, viewer: ViewerSettings[Any]) -> Opening:
    """Raises CannotOpen, with the reason, for a study without images yet or what this viewer cannot be asked for."""
    for study in wanted.studies:
        if obstacle := _without_images(study):
            raise CannotOpen(*obstacle)
    asked = as_taken(wanted, viewer)
    proof.number_of_patient(asked, viewer)
    return Opening(viewer, address(asked, viewer), asked)


def _without_images(study: Study) -> tuple[str, Phrase] | None:
    """Why no viewer can show anything of the study, for the log and in a sentence; None where one can."""
    if study.status in _NOT_OPENED:
        return f"status {study.status}", _NOT_OPENED[study.status]
    if study.contested:
        return "another patient's record names it too", _CONTESTED
    if study.has_objects_only:
        return "its series are objects without pictures", _OBJECTS_ONLY
    if study.availability == "UNAVAILABLE":
        return "availability UNAVAILABLE", _UNAVAILABLE
    return None


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


def _refusal(wanted: Wanted, viewer: ViewerSettings[Any]) -> CannotOpen | None:
    """Why it cannot be opened there; None where it can."""
    try:
        opening(wanted, viewer)
    except CannotOpen as reason:
        return reason.with_traceback(None)  # it is told of, not raised: its frames would keep the patient in memory
    return None


def glances(ehr: EhrSettings, patient: Patient, settings: Settings) -> Callable[[Study], Glance]:
    """What tells of each study of a list what `choose` would, by what came with its record.

    Nearly every study has a UID, and nearly every viewer takes every UID. Then no address is written to find out: the
    EHR's own viewer can be asked whatever else leads elsewhere, and another one wherever there are two such viewers.
    """
    sure = {viewer.name for viewer in settings.viewers if not viewer.proof and takes_every_uid(viewer)}
    several = len(settings.viewers) > 1
    is_plain = ehr.viewer in sure and (len(sure) > 1 or not several)

    def glance(study: Study) -> Glance:
        if not (is_plain and study.uid):
            choice = choose(Situation(study, ehr, study.addresses, patient), settings)
            return Glance(choice.obstacle, choice.has_others)
        obstacle = _without_images(study)
        return Glance(obstacle[1], False) if obstacle else Glance("", several)

    return glance


def choose(at: Situation, settings: Settings, by_hand: str = "") -> Choice:
    """The viewer for a study: the first that a way leads to and that can open it. Without one it is the EHR's own.

    `by_hand` is the name of the one that the user wants, and no other is then chosen. Raises CannotOpen where no viewer
    has that name.
    """
    ways = (*_by_hand(by_hand, settings), *_by_rules(at, settings), *_by_data(at, settings), *_by_ehr(at.ehr))
    wishes = at.wishes
    wanted = Wanted(
        (at.study,),
        at.patient,
        key_images_only=wishes.key_images_only,
        diagnostic_quality=wishes.diagnostic_quality,
    )
    tried = ways[:1] if by_hand else ways
    return _first(tried, ways[-1], wanted, settings, ways, at.footnotes)


def choose_for_patient(wanted: Wanted, ehr: EhrSettings, settings: Settings, by_hand: str = "") -> Choice | None:
    """The viewer for all images of a patient: the EHR's own where it takes them, else another; None where none does.

    `by_hand` as for a study. Rules and data speak of studies, and have no say.
    """
    able = [viewer.name for viewer in settings.viewers if Takes.PATIENT in takes(viewer)]
    own = [way for way in _by_ehr(ehr) if way.viewer in able]
    others = [_Way(name, _TAKES_PATIENTS, "takes patients") for name in able]
    ways = (*_by_hand(by_hand, settings), *own, *(way for way in others if way.viewer != ehr.viewer))
    if not ways:
        return None
    return _first(ways[:1] if by_hand else ways, ways[0], wanted, settings, ways)


def _first(
    tried: Sequence[_Way],
    otherwise: _Way,
    wanted: Wanted,
    settings: Settings,
    ways: tuple[_Way, ...],
    footnotes: tuple[str, ...] = (),
) -> Choice:
    """The first way of those `tried` whose viewer can be asked; where none can, the only one, or else `otherwise`."""
    for way in tried:
        if way.is_open and _refusal(wanted, viewer := settings.viewer(way.viewer)) is None:
            return Choice(viewer, way.why, "", wanted, settings, ways, footnotes)
    way = tried[0] if len(tried) == 1 else otherwise
    viewer = settings.viewer(way.viewer)
    refusal = _refusal(wanted, viewer)
    return Choice(viewer, way.why, refusal.sentence if refusal else "", wanted, settings, ways, footnotes)


def _by_hand(name: str, settings: Settings) -> list[_Way]:
    if name and name not in {viewer.name for viewer in settings.viewers}:
        sentence = Phrase("The address names a viewer that is not set up here.")
        raise CannotOpen("a viewer that is not configured", sentence)
    return [_Way(name, _BY_HAND, "by hand")] if name else []


def _by_rules(at: Situation, settings: Settings) -> list[_Way]:
    ways = []
    for number, rule in enumerate(settings.rules, start=1):
        miss = rules.miss(rule, at)
        if miss:
            why, trace = _not_met(number, miss.words), f"rule {number}: {miss.key}"
        else:
            why, trace = _met(number, rules.words(rule)), f"rule {number}"
        ways.append(_Way(rule.viewer, why, trace, miss is None))
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
    return [_Way(name, _BY_DATA, "data") for name in names]


def _by_ehr(ehr: EhrSettings) -> list[_Way]:
    return [_Way(ehr.viewer, _viewer_of(ehr.title), "ehr")]


@lru_cache(64)
def _viewer_of(title: str) -> Phrase:
    return Phrase("It is the viewer of %(ehr)s.", ehr=title)


@lru_cache(1024)
def _not_met(number: int, cause: str) -> Phrase:
    """Kept, since rows of a list miss the same rules in the same way."""
    return Phrase("Rule %(number)s is not met: %(cause)s.", number=number, cause=cause)


@lru_cache(1024)
def _met(number: int, studies: str) -> Phrase:
    return Phrase("Rule %(number)s chooses it for %(studies)s.", number=number, studies=studies)
