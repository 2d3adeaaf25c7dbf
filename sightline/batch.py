"""What one answer of a source held: its studies of this patient, and everything that is not among them, counted."""

from collections.abc import Callable, Iterator
from typing import Self

from msgspec import Struct, field

from sightline.errors import SourceError
from sightline.study import Study

_MOST_WARNINGS = 10


class LeftOut(Struct, frozen=True):
    """What is not in the list, and every sign that the list is not all there is.

    `other_patient` counts studies of somebody else (`foreign_uids` are their Study Instance UIDs), `unconfirmed` those
    whose patient the source did not say, `unreadable` resources that nobody could read. `announced` is the number of
    studies the source spoke of where fewer came, `troubled` says that it reported an error beside its answer or
    that the answer says of itself what nobody understands, `restricted` that it was permitted to tell of some kinds of
    study only, `reports_only` that it has no list of studies and told of those that a report speaks of.
    """

    other_patient: int = 0
    unconfirmed: int = 0
    unreadable: int = 0
    announced: int | None = None
    troubled: bool = False
    warnings: tuple[str, ...] = ()
    foreign_uids: frozenset[str] = frozenset()
    restricted: bool = False
    reports_only: bool = False

    def __bool__(self) -> bool:
        """Whether anything of it puts the list's wholeness in doubt."""
        counts = self.other_patient or self.unconfirmed or self.unreadable
        return bool(counts) or self.troubled or self.restricted or self.reports_only or self.announced is not None

    def plus(self, more: "LeftOut") -> "LeftOut":
        """Both together."""
        return LeftOut(
            self.other_patient + more.other_patient,
            self.unconfirmed + more.unconfirmed,
            self.unreadable + more.unreadable,
            self.announced if more.announced is None else more.announced,
            self.troubled or more.troubled,
            tuple(dict.fromkeys(self.warnings + more.warnings))[:_MOST_WARNINGS],
            self.foreign_uids | more.foreign_uids,
            self.restricted or more.restricted,
            self.reports_only or more.reports_only,
        )


class Batch(Struct):
    """`failure` ends a list that had begun; `cut_after` says after how many studies Sightline stopped asking.

    `more` says that another answer is to come, `anew` that the source was asked from the beginning again: what was left
    out before is left out again in this and the following ones.
    """

    studies: list[Study] = []
    left_out: LeftOut = field(default_factory=LeftOut)
    more: bool = False
    anew: bool = False
    cut_after: int | None = None
    failure: SourceError | None = None


class Coming:
    """What a source answers, a batch at a time; the first question is on its way.

    `begins` says whether the first answer begins to come within so many seconds.
    """

    def __init__(self, batches: Iterator[Batch], begins: Callable[[float], bool]) -> None:
        self._batches, self.begins = batches, begins

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Batch:
        return next(self._batches)
