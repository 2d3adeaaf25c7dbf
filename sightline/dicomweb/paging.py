"""Page after page of one search by `offset` (PS3.18 8.3.4.4), under guard: not without end, and never in a circle.

An answer that leaves results out should say so (Warning 299), and not every server does. So a page that is as full as
was asked for is followed by another question, and so is one that could be full by a measure of the server's own.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from sightline.dicomweb.page import Page
from sightline.dicomweb.qido import values
from sightline.errors import SourceError, SourceFailed

PAGE = 200
"""How many results are asked for: the most that Microsoft's server takes; more is a 400 there."""

_MEASURE = 25
"""Servers' own largest pages are multiples of it."""


class Step(Struct, frozen=True):
    """One page, or, without one, the end of the list by a failure. `last`: nothing follows.

    `announced`: the archive spoke of so many results, and fewer came. `cut`: a limit of ours was reached.
    """

    page: Page = field(default_factory=Page)
    last: bool = False
    announced: int | None = None
    cut: bool = False
    failure: SourceError | None = None


def steps(first: Page, ask: Callable[[int], Page], most: int) -> Iterator[Step]:
    """The first page and those behind it, `most` in all; `ask` gives the page that begins at an offset."""
    current, offset, promised, seen, was_said = first, 0, 0, set[str](), True
    for nth in range(1, most + 1):
        uids = {str(values(record, "0020000D")) for record in current.records}
        if offset and current.size and uids <= seen:
            again = SourceFailed("the same page came twice: the archive ignores offset")
            # Where nothing had said that there were more, the list was whole before.
            yield Step(last=True, failure=again if was_said else None)
            return
        seen |= uids
        offset += current.size
        promised = max(promised, offset + current.additional) if current.additional else promised
        was_said = current.more or current.size == PAGE
        if not current.size or not (was_said or _may_be_full(current)):
            yield Step(current, last=True, announced=promised if promised > offset else None)
            return
        yield Step(current, last=nth == most, cut=nth == most)
        if nth == most:
            return
        try:
            current = ask(offset)
        except SourceError as failure:
            yield Step(last=True, failure=failure)
            return


def _may_be_full(page: Page) -> bool:
    return page.size < PAGE and page.size % _MEASURE == 0
