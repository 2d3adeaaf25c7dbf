"""What one answer of a source held: its studies of this patient, and everything that is not among them, counted."""

from dataclasses import dataclass, field

from sightline.errors import SourceError
from sightline.study import Study


@dataclass(slots=True)
class Batch:
    """`failure` ends a list that had begun; `cut_after` says after how many studies Sightline stopped asking.

    `other_patient` counts studies of somebody else, `unconfirmed` those whose patient the source did not say,
    `unreadable` resources that nobody could read. `more` says that another answer is to come, `anew` that the source
    was asked from the beginning again: what was counted before is counted again in this and the following ones.
    """

    studies: list[Study] = field(default_factory=list)
    other_patient: int = 0
    unconfirmed: int = 0
    unreadable: int = 0
    warnings: list[str] = field(default_factory=list)
    more: bool = False
    anew: bool = False
    cut_after: int | None = None
    failure: SourceError | None = None
