"""Use case: in which order the whole list stands. Newest first unless another is asked for; never remembered."""

import unicodedata
from collections.abc import Callable
from datetime import tzinfo

from sightline import dates, modality
from sightline.phrase import Phrase
from sightline.study import Study

Say = Callable[[str], str]

NEWEST, OLDEST = "", "oldest"

# The orders on offer: what stands in the address -> its words.
ORDERS = {
    NEWEST: Phrase("newest first"),
    OLDEST: Phrase("oldest first"),
    "type": Phrase("by type"),
    "description": Phrase("by description"),
    "body-part": Phrase("by body part"),
}


def in_order(newest_first: list[Study], order: str, zone: tzinfo, say: Say = str) -> list[Study]:
    """The studies in one of ORDERS. What is alike in it stands newest first, what has nothing to go by at the end.

    Types are in the order of the words that `say` has for them.
    """
    if order == OLDEST:
        dated = [study for study in newest_first if dates.instant(study.started, zone) is not None]
        return [*reversed(dated), *newest_first[len(dated) :]]
    if word := _WORDS.get(order):
        return sorted(newest_first, key=lambda study: _alphabetical(word(study, say)))
    return newest_first


_WORDS: dict[str, Callable[[Study, Say], str]] = {
    "type": lambda study, say: " + ".join(map(say, modality.words(study.modalities))),
    "description": lambda study, _: study.description or "",
    "body-part": lambda study, _: ", ".join(study.body_sites),
}


def _alphabetical(words: str) -> tuple[bool, str]:
    """É stands with E and Ä with A, capitals with small letters; no words at all come last."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    return not words, "".join(letter for letter in letters if not unicodedata.combining(letter))
