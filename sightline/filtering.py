"""Use case: the part of a patient's list that somebody wants to look at. Never remembered, always announced."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from sightline import dates, modality
from sightline.phrase import Phrase
from sightline.study import Study

_DAY = 86_400.0

# The periods on offer: what stands in the address -> its words, and how many days back it reaches.
PERIODS = {
    "30d": (Phrase("last 30 days"), 30),
    "1y": (Phrase("last year"), 366),
    "3y": (Phrase("last 3 years"), 3 * 366),
    "10y": (Phrase("last 10 years"), 10 * 366),
}


class Filter(Struct, frozen=True):
    """What is asked for: a type in plain words (`CT`), a key of PERIODS, words that all must occur, a source's name.

    `body_part` is a part as a record names it; capitals and small letters are the same.
    """

    type: str = ""
    period: str = ""
    text: str = ""
    origin: str = ""
    body_part: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.type or self.body_part or self.period or self.text or self.origin)

    @property
    def parts(self) -> tuple[str, ...]:
        """The filter as a person would say it, each part a phrase or what came from outside."""
        period = PERIODS[self.period][0] if self.period else ""
        text = f"“{self.text}”" if self.text else ""
        return tuple(part for part in (modality.phrase(self.type), self.body_part, period, self.origin, text) if part)

    @property
    def words(self) -> str:
        """The same in English."""
        return ", ".join(self.parts)

    def earliest(self, now: float, zone: tzinfo) -> datetime | None:
        """When the period begins, as a whole day by the clocks in `zone` and without it; None for any time."""
        if not self.period:
            return None
        day = datetime.fromtimestamp(now, zone).date() - timedelta(days=PERIODS[self.period][1])
        return datetime(day.year, day.month, day.day)

    def keeps(self, study: Study, now: float, zone: tzinfo, say: Callable[[str], str] = str) -> bool:
        """Whether the study is among what was asked for. A study without a readable date is in no period.

        The text is looked for in what the study is called in English, and as the page says it: `say`.
        """
        if self.type and self.type not in modality.words(study.modalities):
            return False
        if self.body_part and self.body_part.casefold() not in map(str.casefold, study.body_sites):
            return False
        if self.origin and self.origin not in study.sources:
            return False
        if self.period:
            moment = dates.instant(study.started, zone)
            if moment is None or moment < now - PERIODS[self.period][1] * _DAY:
                return False
        searched = _searched(study, zone, say) if self.text else ""
        return all(word in searched for word in self.text.casefold().split())


def types_of(studies: Iterable[Study]) -> list[str]:
    """The types that occur, in plain words, in alphabetical order."""
    return sorted({word for study in studies for word in modality.words(study.modalities)}, key=str.casefold)


def body_parts_of(studies: Iterable[Study]) -> list[str]:
    """The body parts that the records name, in alphabetical order; `CHEST` and `Chest` are one, in small letters."""
    named = sorted({site for study in studies for site in study.body_sites})
    return sorted({site.casefold(): site for site in named}.values(), key=str.casefold)


def _searched(study: Study, zone: tzinfo, say: Callable[[str], str]) -> str:
    shown = dates.shown(study.started, zone)
    ours = (*modality.words(study.modalities), *(SIDE_WORDS[side] for side in study.sides))
    parts = (
        study.description,
        study.accession,
        shown and shown.short,
        *study.modalities,
        *study.body_sites,
        *ours,
        *map(say, ours),
    )
    return " ".join(part for part in parts if part).casefold()


SIDE_WORDS = {"L": Phrase("LEFT"), "R": Phrase("RIGHT"), "B": Phrase("BOTH")}
