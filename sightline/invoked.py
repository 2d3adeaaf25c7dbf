"""What an EHR asked for by Invoke Image Display beside the patient or study: a part of the list, and what is not done.

RAD-106 4.106.4.1.2; the period comes first, then the newest of it (ITI-11, which has the same parameters).
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from sightline import dates
from sightline.phrase import Phrase, counted, either
from sightline.study import Study

_DAY = 86_400.0
# To its last second a date of so many characters lasts a year, a month, a day. One with a time is a moment.
_LASTS = {4: 366 * _DAY - 1, 7: 31 * _DAY - 1, 8: _DAY - 1, 10: _DAY - 1}


_KEY_IMAGES_ONLY = Phrase(
    "The EHR asked for key images only. Above the images stands whether the viewer was asked for that."
)
_DIAGNOSTIC_QUALITY = Phrase(
    "The EHR asked for diagnostic quality. Above the images stands if the viewer cannot be asked for that."
)


class Wishes(Struct, frozen=True, gc=False):
    """How images are wished for: those marked as key images only, in the quality that a diagnosis needs."""

    key_images_only: bool = False
    diagnostic_quality: bool = False


NO_WISHES = Wishes()


class Invoked(Struct, frozen=True):
    """`lower` and `upper` are included; one without a zone is the site's. `most_recent` 0 is all.

    `viewer_type` is one that nobody knows here, empty for IHE's own. `other_name`: the request names the patient
    otherwise than the record does.
    """

    lower: datetime | None = None
    upper: datetime | None = None
    most_recent: int = 0
    modalities: tuple[str, ...] = ()
    viewer_type: str = ""
    diagnostic_quality: bool = False
    key_images_only: bool = False
    other_name: bool = False

    @property
    def narrows(self) -> bool:
        """Whether only a part of the patient's studies is asked for."""
        return bool(self.lower or self.upper or self.most_recent or self.modalities)

    @property
    def wishes(self) -> Wishes:
        return Wishes(self.key_images_only, self.diagnostic_quality)

    @property
    def notes(self) -> tuple[Phrase, ...]:
        """What a person should know of the request, a sentence each: what in it is odd, and what is not done.

        What becomes of its wishes only a viewer tells: where none is chosen yet, `waiting_wishes` says so.
        """
        viewer = Phrase(
            "The EHR asked for a viewer of type “%(type)s”, not known here; the usual one opens.", type=self.viewer_type
        )
        notes = (
            (self.other_name, Phrase("The EHR asked for this patient’s number under another name. Check who this is.")),
            (self.viewer_type, viewer),
        )
        return tuple(words for is_so, words in notes if is_so)

    @property
    def waiting_wishes(self) -> tuple[Phrase, ...]:
        """What is wished for, and that it depends on the viewer, a sentence each."""
        waiting = ((self.key_images_only, _KEY_IMAGES_ONLY), (self.diagnostic_quality, _DIAGNOSTIC_QUALITY))
        return tuple(words for is_so, words in waiting if is_so)

    def keeps(self, newest_first: Sequence[Study], zone: tzinfo) -> list[Study]:
        """The studies asked for, in their order. One whose date is not known is in no period."""
        kept = [study for study in newest_first if self._in_period(study, zone) and self._is_of_modality(study)]
        return kept[: self.most_recent] if self.most_recent else kept

    def parts(self, zone: tzinfo, calendar: dates.Calendar = dates.ENGLISH) -> tuple[str, ...]:
        """The part of the list as a person would say it, in phrases, with the months of `calendar`."""
        said = (self._newest, either(self.modalities) if self.modalities else "", self._period(zone, calendar))
        return tuple(part for part in said if part)

    def words(self, zone: tzinfo) -> str:
        """The same in English."""
        return ", ".join(self.parts(zone))

    @property
    def _newest(self) -> str:
        if self.most_recent > 1:
            return counted("the newest %(number)s", "the newest %(number)s", self.most_recent)
        return Phrase("the newest") if self.most_recent else ""

    def _period(self, zone: tzinfo, calendar: dates.Calendar) -> str:
        begin, end = (dates.shown(day.isoformat(), zone, calendar) if day else None for day in (self.lower, self.upper))
        if begin and end:
            return Phrase("from %(begin)s until %(end)s", begin=begin.short, end=end.short)
        if begin:
            return Phrase("from %(begin)s", begin=begin.short)
        return Phrase("until %(end)s", end=end.short) if end else ""

    def _in_period(self, study: Study, zone: tzinfo) -> bool:
        """Whether it may have been made in it: a study dated by its day alone may be of any hour."""
        if not (self.lower or self.upper):
            return True
        begin = dates.instant(study.started, zone)
        if begin is None:
            return False
        end = begin + _LASTS.get(len(study.started or ""), 0.0)
        return (self.lower is None or end >= _seconds(self.lower, zone)) and (
            self.upper is None or begin <= _seconds(self.upper, zone)
        )

    def _is_of_modality(self, study: Study) -> bool:
        return not self.modalities or not set(self.modalities).isdisjoint(study.modalities)


def _seconds(moment: datetime, zone: tzinfo) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
