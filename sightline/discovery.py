"""Use case: which imaging studies has this patient? Asked of every source, merged by Study Instance UID.

Nothing that a source sent is lost: what is not a study of this patient is counted, and who failed is named.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from msgspec.structs import replace

from sightline import dates
from sightline.batch import Batch, LeftOut
from sightline.errors import SourceError
from sightline.study import Status, Study, merged


class Source(Protocol):
    """Anything that answers the question.

    `studies` asks at once, and waits for the answer when that is wanted; either raises SourceError where not even a
    first answer came.
    """

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
    left_out: LeftOut = field(default_factory=LeftOut)
    cut_after: int | None = None
    failures: list[Failure] = field(default_factory=list)
    complete: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the list may be taken for all that the sources have of this patient."""
        return self.complete and not self.failures and not self.left_out and self.cut_after is None

    def newest_first(self, zone: tzinfo) -> list[Study]:
        """All studies, the newest first, those without a readable date at the end."""

        def age(study: Study) -> float:
            moment = dates.instant(study.started, zone)
            return float("inf") if moment is None else -moment

        return sorted(self.studies.values(), key=age)

    def _take(self, batch: Batch, source: str, before: LeftOut) -> None:
        """Adds what the source answered; where it was asked anew, to what was left out `before` it was asked at all."""
        self.left_out = (before if batch.anew else self.left_out).plus(batch.left_out)
        for study in batch.studies:
            known = self.studies.get(study.identity)
            self.studies[study.identity] = merged(known, study) if known else study
        if foreign := self.left_out.foreign_uids:
            for identity, known in self.studies.items():
                if not foreign.isdisjoint(known.uids):
                    self.studies[identity] = replace(known, contested=True)
        self.cut_after = self.cut_after if batch.cut_after is None else batch.cut_after
        if batch.failure:
            self.failures.append(Failure(source, batch.failure.sentence, batch.failure.detail))


def studies_of(sources: Iterable[Source], patient_id: str, asked_at: float) -> Iterator[Findings]:
    """The same growing Findings after each answer; the last time, and only then, it is complete.

    Every source has been asked when this returns; their answers are waited for as the Findings are. Raises, then, the
    source's SourceError where no source gave any answer: that is not an empty list.
    """
    return _growing([(source.name, _asked(source, patient_id)) for source in sources], asked_at)


def _asked(source: Source, patient_id: str) -> Iterator[Batch]:
    """What the source will answer; that it could not be asked is told when the answer is wanted."""
    try:
        return source.studies(patient_id)
    except SourceError as refusal:
        return _refusing(refusal)


def _refusing(refusal: SourceError) -> Iterator[Batch]:
    raise refusal
    yield  # which makes it an iterator


def _growing(coming: Sequence[tuple[str, Iterator[Batch]]], asked_at: float) -> Iterator[Findings]:
    findings = Findings(tuple(name for name, _ in coming), asked_at)
    answered, refusal = False, None
    for at, (name, batches) in enumerate(coming, start=1):
        before = findings.left_out
        try:
            for batch in batches:
                answered = True
                findings._take(batch, name, before)
                findings.complete = at == len(coming) and not batch.more
                yield findings
        except SourceError as failure:
            refusal = failure
            findings.failures.append(Failure(name, failure.sentence, failure.detail))
    if refusal and not answered:
        raise refusal
    if not findings.complete:
        findings.complete = True
        yield findings


def hidden(study: Study) -> bool:
    """A record marked entered-in-error should never have existed (R4 ImagingStudyStatus): shown only on request."""
    return study.status is Status.ENTERED_IN_ERROR
