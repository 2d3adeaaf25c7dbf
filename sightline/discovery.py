"""Use case: which imaging studies has this patient? Asked of every source at once, merged by Study Instance UID.

Nothing that a source sent is lost: what is not a study of this patient is counted, and who failed is named. A source
that hangs holds up nobody but those who wait for it: each is asked in a thread of its own, which its deadlines end, and
the door's bulkhead bounds how many there are. A lone source to which there is a connection is asked without one: most
lists have one source and one answer, and a thread for it costs a tenth of the page.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from functools import reduce
from queue import Empty, SimpleQueue
from threading import Thread

from msgspec import Struct, field
from msgspec.structs import replace

from sightline import dates
from sightline.batch import Batch, Coming, LeftOut
from sightline.errors import NotAllowed, SignInEnded, SourceError
from sightline.study import Status, Study, merged

_FINAL = (SignInEnded, NotAllowed)
"""The EHR's word on who may see this patient's imaging: what another source has is then not shown either."""


class Source(Struct, frozen=True):
    """Anything that answers the question. `studies` asks it; raises SourceError where not even a first answer came.

    `question` is what it asks first, for the audit trail; `archive` the address of an archive, empty for the EHR.
    `at_once` asks too, where the question leaves without any waiting; else it asks nothing and gives None.
    """

    name: str
    studies: Callable[[], Iterator[Batch]]
    question: str = ""
    archive: str = ""
    at_once: Callable[[], Coming | None] = lambda: None


class Failure(Struct, frozen=True):
    """Why a source did not tell all it has: its name, the kind of error, the sentence for people, facts for the log."""

    source: str
    kind: str
    sentence: str
    detail: str


class Account(Struct):
    """What one source has told so far; `complete` says that this was its last word, be it a failure."""

    source: str
    is_archive: bool = False
    left_out: LeftOut = field(default_factory=LeftOut)
    cut_after: int | None = None
    failure: Failure | None = None
    answered: bool = False
    complete: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it has told all that it has of this patient."""
        return self.complete and not self.failure and not self.left_out and self.cut_after is None


class Findings(Struct):
    """What is known so far. `complete` says that every source has said its last word."""

    accounts: list[Account]
    asked_at: float
    studies: dict[str, Study] = {}

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(account.source for account in self.accounts)

    @property
    def complete(self) -> bool:
        return all(account.complete for account in self.accounts)

    @property
    def failures(self) -> list[Failure]:
        return [account.failure for account in self.accounts if account.failure]

    @property
    def left_out(self) -> LeftOut:
        """What all sources together left out."""
        first, *others = (account.left_out for account in self.accounts)
        return reduce(LeftOut.plus, others, first)

    @property
    def is_whole(self) -> bool:
        """Whether the list may be taken for all that the sources have of this patient."""
        return all(account.is_whole for account in self.accounts)

    def count_of(self, source: str) -> int:
        """How many of the studies this source has."""
        return sum(
            study.source == source if not study.records else source in study.sources for study in self.studies.values()
        )

    def newest_first(self, zone: tzinfo) -> list[Study]:
        """All studies, the newest first, those without a readable date at the end."""

        def age(study: Study) -> float:
            moment = dates.instant(study.started, zone)
            return float("inf") if moment is None else -moment

        return sorted(self.studies.values(), key=age)

    def _take(self, account: Account, batch: Batch) -> None:
        """Adds what a source answered; where it was asked anew, what was left out before is left out again."""
        account.answered, account.complete = True, not batch.more
        account.left_out = (LeftOut() if batch.anew else account.left_out).plus(batch.left_out)
        for study in batch.studies:
            known = self.studies.get(study.identity)
            self.studies[study.identity] = merged(known, study, self.sources) if known else study
        if foreign := self.left_out.foreign_uids:
            for identity, known in self.studies.items():
                if not foreign.isdisjoint(known.uids):
                    self.studies[identity] = replace(known, contested=True)
        account.cut_after = account.cut_after if batch.cut_after is None else batch.cut_after
        if batch.failure:
            account.failure = _failure(account.source, batch.failure)


class Inquiry:
    """One question to every source. `findings` grow as `listen` is called; `errors` are why a source told nothing.

    What is asked in other threads is asked inside `around`.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        asked_at: float,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        asked = [(source, Account(source.name, bool(source.archive))) for source in sources]
        self.findings = Findings([account for _, account in asked], asked_at)
        self.errors: dict[str, SourceError] = {}
        self._said: SimpleQueue[tuple[Account, Batch | BaseException | None]] = SimpleQueue()
        self._is_over, self._around = False, around
        self._here: tuple[Account, Coming] | None = None
        if len(asked) == 1 and self._asked_here(*asked[0]):
            return
        for source, account in asked:
            self._hear_of(account, source.studies)

    def listen(self, seconds: float | None = None) -> bool:
        """Takes in the next thing that a source says; False where nothing came within so many seconds.

        Raises SourceError where the EHR refuses, and where no source gave any answer: that is not an empty list.
        """
        if self._here and not self._heard_here(*self._here, seconds):
            return False
        try:
            account, said = self._said.get(timeout=seconds)
        except Empty:
            return False
        if isinstance(said, Batch):
            self.findings._take(account, said)
        elif isinstance(said, SourceError):
            self._failed(account, said)
        elif said is not None:
            raise said
        else:
            account.complete = True
        return True

    def give_up(self) -> None:
        """Asks for no further page: nobody listens any more."""
        self._is_over = True

    def _failed(self, account: Account, error: SourceError) -> None:
        account.failure, account.complete = _failure(account.source, error), True
        self.errors[account.source] = error
        accounts = self.findings.accounts
        if isinstance(error, _FINAL):
            raise error
        if self.findings.complete and not any(each.answered for each in accounts):
            raise next(self.errors[each.source] for each in accounts if each.source in self.errors)

    def _asked_here(self, source: Source, account: Account) -> bool:
        try:
            coming = source.at_once()
        except SourceError as error:
            self._said.put((account, error))
            return True
        self._here = (account, coming) if coming else None
        return coming is not None

    def _heard_here(self, account: Account, coming: Coming, seconds: float | None) -> bool:
        """Takes the first answer, if it begins to come in time; further ones are asked for while this one is shown."""
        if seconds is not None and not coming.begins(seconds):
            return False
        self._here = None
        try:
            batch = next(coming, None)
        except SourceError as error:
            self._said.put((account, error))
            return True
        self._said.put((account, batch))
        if batch and batch.more and not self._is_over:
            self._hear_of(account, lambda: coming)
        return True

    def _hear_of(self, account: Account, ask: Callable[[], Iterator[Batch]]) -> None:
        Thread(target=self._ask, args=(account, ask), name="asking", daemon=True).start()

    def _ask(self, account: Account, ask: Callable[[], Iterator[Batch]]) -> None:
        try:
            with self._around():
                for batch in ask():
                    self._said.put((account, batch))
                    if self._is_over:
                        return
            self._said.put((account, None))
        except BaseException as error:  # for the one who listens; nobody would hear of it in this thread
            self._said.put((account, error))


def _failure(source: str, error: SourceError) -> Failure:
    return Failure(source, type(error).__name__, error.sentence, error.detail)


def hidden(study: Study) -> bool:
    """A record marked entered-in-error should never have existed (R4 ImagingStudyStatus): shown only on request."""
    return study.status is Status.ENTERED_IN_ERROR
