"""Use case: which imaging studies has this patient? Asked of every source, merged by Study Instance UID.

Nothing that a source sent is lost: what is not a study of this patient is counted, and who failed is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from sightline import dates
from sightline.batch import Batch
from sightline.errors import SourceError
from sightline.study import Status, Study, merged


class Source(Protocol):
    """Anything that answers the question. `studies` raises SourceError where not even a first answer came."""

    @property
    def name(self) -> str: ...

    def studies(self, patient_id: str) -> Iterator[Batch]: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that did not tell all it has: its name, the sentence for people, the facts for the log."""

    source: str
    sentence: str
    detail: str


@dataclass(slots=True)
class Findings:
    """What is known so far. `complete` says that every source has said its last word, be it a failure."""

    sources: tuple[str, ...]
    asked_at: float
    studies: dict[str, Study] = field(default_factory=dict)
    other_patient: int = 0
    unconfirmed: int = 0
    unreadable: int = 0
    cut_after: int | None = None
    warnings: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    complete: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the list may be taken for all that the sources have of this patient."""
        return self.complete and not (self.failures or self.unconfirmed or self.unreadable) and self.cut_after is None

    def newest_first(self, zone: tzinfo) -> list[Study]:
        """All studies, the newest first, those without a readable date at the end."""

        def age(study: Study) -> float:
            moment = dates.instant(study.started, zone)
            return float("inf") if moment is None else -moment

        return sorted(self.studies.values(), key=age)

    def _counted(self) -> tuple[int, int, int, list[str]]:
        return self.other_patient, self.unconfirmed, self.unreadable, list(self.warnings)

    def _take(self, batch: Batch, source: str, before: tuple[int, int, int, list[str]]) -> None:
        """Adds what the source answered; where it was asked anew, to what was counted `before` it was asked at all."""
        if batch.anew:
            self.other_patient, self.unconfirmed, self.unreadable, self.warnings = *before[:3], list(before[3])
        for study in batch.studies:
            known = self.studies.get(study.identity)
            self.studies[study.identity] = merged(known, study) if known else study
        self.other_patient += batch.other_patient
        self.unconfirmed += batch.unconfirmed
        self.unreadable += batch.unreadable
        self.warnings += [words for words in batch.warnings if words not in self.warnings]
        self.cut_after = self.cut_after if batch.cut_after is None else batch.cut_after
        if batch.failure:
            self.failures.append(Failure(source, batch.failure.sentence, batch.failure.detail))


def studies_of(sources: Iterable[Source], patient_id: str, asked_at: float) -> Iterator[Findings]:
    """The same growing Findings after each answer; the last time, and only then, it is complete.

    Raises the source's SourceError where no source gave any answer: that is not an empty list.
    """
    sources = tuple(sources)
    findings = Findings(tuple(source.name for source in sources), asked_at)
    answered, refusal = False, None
    for source in sources:
        before = findings._counted()
        try:
            for batch in source.studies(patient_id):
                answered = True
                findings._take(batch, source.name, before)
                findings.complete = source is sources[-1] and not batch.more
                yield findings
        except SourceError as failure:
            refusal = failure
            findings.failures.append(Failure(source.name, failure.sentence, failure.detail))
    if refusal and not answered:
        raise refusal
    if not findings.complete:
        findings.complete = True
        yield findings


def hidden(study: Study) -> bool:
    """A record marked entered-in-error should never have existed (R4 ImagingStudyStatus): shown only on request."""
    return study.status is Status.ENTERED_IN_ERROR
