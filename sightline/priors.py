"""Use case: which of a patient's other studies to compare one with, the most fitting first.

That is the newest earlier one of the same modality and body part. What may be later is offered last, and said to.
"""

from collections.abc import Iterable
from datetime import tzinfo

from msgspec import Struct

from sightline import dates, modality
from sightline.discovery import hidden
from sightline.phrase import Phrase
from sightline.study import Study
from sightline.time_between import earlier

_ALIKE = {
    (True, True): Phrase("Same type and body part"),
    (False, True): Phrase("Same body part"),
    (True, False): Phrase("Same type"),
    (False, False): "",
}
_RANKS = {alike: rank for rank, alike in enumerate(_ALIKE.values())}


class Prior(Struct, frozen=True, gc=False):
    """A study to compare with. `earlier` says how much earlier it is; empty where its date does not tell that it is.

    `alike` says in words what both have in common; empty for nothing.
    """

    study: Study
    earlier: str
    alike: str


def priors(current: Study, studies: Iterable[Study], zone: tzinfo) -> list[Prior]:
    """All that `current` can be compared with: no later study, none that was entered in error, and not itself."""
    others = [study for study in studies if study.identity != current.identity and not hidden(study)]
    offered = [
        Prior(study, earlier(study.started, current.started, zone), _alike(study, current))
        for study in others
        if not earlier(current.started, study.started, zone)
    ]
    return sorted(offered, key=lambda prior: _rank(prior, zone))


def related(current: Study, studies: Iterable[Study], zone: tzinfo) -> list[Study]:
    """The patient's other studies: those of the same body part first, the newest first among them."""
    others = [study for study in studies if study.identity != current.identity and not hidden(study)]
    return sorted(others, key=lambda other: (not _same_part(other, current), -_moment(other, zone)))


def _moment(study: Study, zone: tzinfo) -> float:
    return dates.instant(study.started, zone) or 0.0


def _rank(prior: Prior, zone: tzinfo) -> tuple[bool, int, float]:
    return not prior.earlier, _RANKS[prior.alike], -_moment(prior.study, zone)


def _alike(one: Study, other: Study) -> str:
    return _ALIKE[_same_type(one, other), _same_part(one, other)]


def _same_type(one: Study, other: Study) -> bool:
    """By the words that people know: a computed radiograph and a digital one are both an X-ray."""
    return not set(modality.words(one.modalities)).isdisjoint(modality.words(other.modalities))


def _same_part(one: Study, other: Study) -> bool:
    """A knee is not the other knee. Without a body site, records that are described in the same words are alike."""
    if one.sides and other.sides and "B" not in one.sides + other.sides and set(one.sides).isdisjoint(other.sides):
        return False
    sites, others = _folded(one.body_sites), _folded(other.body_sites)
    if sites and others:
        return not sites.isdisjoint(others)
    return bool(one.description) and _folded((one.description or "",)) == _folded((other.description or "",))


def _folded(words: tuple[str, ...]) -> set[str]:
    return {word.casefold() for word in words}
