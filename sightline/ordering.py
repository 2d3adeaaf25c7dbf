"""Use case: in which order the whole list stands, and its years. Newest first if nothing is asked for."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

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


def in_order(newest_first: Sequence[Study], order: str, zone: tzinfo, say: Say = str) -> Sequence[Study]:
    """The studies in one of ORDERS. What is alike in it stands newest first, what has nothing to go by at the end.

    Types are in the order of the words that `say` has for them.
    """
    if order == OLDEST:
        dated = [study for study in newest_first if dates.instant(study.started, zone) is not None]
        return [*reversed(dated), *newest_first[len(dated) :]]
    if word := _WORDS.get(order):
        return sorted(newest_first, key=lambda study: _alphabetical(word(study, say)))
    return newest_first


class Year(Struct, frozen=True, gc=False):
    """A year's part of the list, from `first` up to `end`; `year` is None for the studies without a readable date."""

    year: int | None
    first: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.first

    @property
    def anchor(self) -> str:
        """What the page calls the place where it begins."""
        return f"y{self.year}" if self.year else "undated"


def years(studies: Sequence[Study], order: str, zone: tzinfo) -> Iterator[Year]:
    """The years that a list falls into, as they follow each other in it; none in an order that is not by date.

    A year is one by the clocks in `zone`, as the order is; so no year stands twice in a list.
    """
    if order not in (NEWEST, OLDEST):
        return
    undated, forward = float("inf"), 1 if order == OLDEST else -1

    def place(study: Study) -> float:
        moment = dates.instant(study.started, zone)
        return undated if moment is None else forward * datetime.fromtimestamp(moment, zone).year

    first = 0
    while first < len(studies):
        here = place(studies[first])
        end = bisect_right(studies, here, first, key=place)
        yield Year(None if here == undated else abs(int(here)), first, end)
        first = end


_WORDS: dict[str, Callable[[Study, Say], str]] = {
    "type": lambda study, say: " + ".join(map(say, modality.words(study.modalities))),
    "description": lambda study, _: study.description or "",
    "body-part": lambda study, _: ", ".join(study.body_sites),
}


def _alphabetical(words: str) -> tuple[bool, str]:
    """É stands with E and Ä with A, capitals with small letters; no words at all come last."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    return not words, "".join(letter for letter in letters if not unicodedata.combining(letter))
