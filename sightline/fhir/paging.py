"""Page after page of one search, under guard: a Bundle must not decide where the token goes, nor keep us reading."""

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from msgspec import Struct, field

from sightline.errors import NotAllowed, SignInEnded, SourceError, SourceFailed, SourceSlow, SourceWithoutStudies
from sightline.fhir.bundle import Page
from sightline.outbound import Awaited
from sightline.settings import LimitSettings
from sightline.settings.addresses import origin_of

_UP = re.compile(r" *\.[. ]*\. *")


class Step(Struct, frozen=True):
    """One page, or, without one, the end of the list: a failure, or a limit of ours that was reached.

    `last`: nothing follows. `announced`: the server spoke of so many matches, and fewer came on all its pages.
    """

    page: Page = field(default_factory=Page)
    anew: bool = False
    last: bool = False
    announced: int | None = None
    cut: bool = False
    failure: SourceError | None = None


class Walk:
    """Walks through one patient's list: a small first page, then the whole list anew in large pages.

    A next link keeps the size of the page it stands on; that is why the list is asked anew. A server that cannot answer
    the large question (its `_count` is too large for it, its answer for us) is followed in its own small pages instead;
    so is one whose large answer is a single page with no more on it than the first, which had promised another.

    `ask` asks for the page at an address, within so many seconds.
    """

    def __init__(self, base: str, limits: LimitSettings, ask: Callable[[str, float], Awaited[Page]]) -> None:
        self._base, self._limits, self._ask = base, limits, ask
        self._deadline = time.monotonic() + limits.list_seconds

    def begun(self, first_url: str) -> Awaited[Page]:
        """The first page, on its way. Raises SourceError."""
        return self._ask(first_url, self._left())

    def steps(self, begun: Awaited[Page], first_url: str, large_url: str) -> Iterator[Step]:
        """The pages, as they come. Raises SourceError for the first one only."""
        page = begun.value()
        if not page.next_url:
            yield Step(page, last=True, announced=_missing(page, page.matches))
            return
        coming = self._coming(large_url)
        yield Step(page)
        large: Page | None
        try:
            large = coming()
        except (SignInEnded, NotAllowed) as refusal:
            yield Step(last=True, failure=refusal)
            return
        except SourceError:
            large = None
        if large is None or (not large.next_url and large.matches <= page.matches):
            yield from self._onward(first_url, page)
        else:
            yield from self._onward(large_url, large, anew_after=page)

    def _onward(self, url: str, page: Page, *, anew_after: Page | None = None) -> Iterator[Step]:
        """This page, if the list begins anew with it, and all that follow it.

        The next page is on its way while what stands on this one is looked at.
        """
        seen, came = {url}, page.matches
        least, said = (anew_after.matches, anew_after.total) if anew_after else (0, None)
        step = Step(page, True, not page.next_url, _missing(page, came, least, said)) if anew_after else None
        while page.next_url:
            if len(seen) >= self._limits.pages or came >= self._limits.studies:
                yield from filter(None, (step, Step(last=True, cut=True)))
                return
            said = _latest(page, said)
            try:
                url = followed(url, page.next_url, self._base, seen)
            except SourceError as failure:
                yield from filter(None, (step, Step(last=True, failure=_late(failure))))
                return
            coming = self._coming(url)
            if step:
                yield step
            try:
                page = coming()
            except SourceError as failure:
                yield Step(last=True, failure=_late(failure))
                return
            seen.add(url)
            came += page.matches
            step = Step(page, last=not page.next_url, announced=_missing(page, came, least, said))
        if step:
            yield step

    def _coming(self, url: str) -> Callable[[], Page]:
        """Asks for the page; what waits for it, and raises SourceError where it could not even be asked for."""
        try:
            return self._ask(url, self._left()).value
        except SourceError as failure:
            refusal = failure

        def refused() -> Page:
            raise refusal

        return refused

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise SourceSlow("the list's time was used up before its last page")
        return left


def _missing(page: Page, came: int, least: int = 0, said: int | None = None) -> int | None:
    """The number of matches the server speaks of (`said`: or spoke), where its last page is reached and fewer came.

    Not fewer than the `least` that it once gave.
    """
    spoken = max(_latest(page, said) or 0, least)
    return spoken if not page.next_url and spoken > came else None


def _latest(page: Page, said: int | None) -> int | None:
    return said if page.total is None else page.total


def _late(failure: SourceError) -> SourceError:
    """A page that is gone (410: HAPI's and Blaze's next links expire) does not mean a server without studies."""
    return SourceFailed(failure.detail) if isinstance(failure, SourceWithoutStudies) else failure


def followed(current: str, link: str, base: str, seen: set[str]) -> str:
    """The next page's address: absolute, relative to `current`, on the base's origin, below its path, not yet `seen`.

    Raises SourceFailed where the link leaves the server or its base (many tenants share a host), or goes in a circle.
    """
    url = below(base, current, link)
    if url in seen:
        raise SourceFailed("the next page's link leads back to a page already read")
    return url


def below(base: str, current: str, link: str) -> str:
    """The address that a link on `current` leads to, without a fragment: one page under two names is still one page.

    Raises SourceFailed where that is not on the base's origin and below its path: the token goes nowhere else.
    """
    try:
        url = urldefrag(urljoin(current, link)).url
    except ValueError as cause:
        raise SourceFailed("a link that is no URL") from cause
    if origin_of(url) != origin_of(base) or not _is_below(url, base):
        raise SourceFailed(f"a link leads away from the FHIR server, to {origin_of(url)[:100]}")
    return url


def _is_below(url: str, base: str) -> bool:
    path = urlsplit(url).path
    return (path + "/").startswith(urlsplit(base).path + "/") and not _climbs(path)


def _climbs(path: str) -> bool:
    """Whether any server could read a way up in it: some decode more than once, and drop what is behind `;`."""
    while (decoded := unquote(path)) != path:
        path = decoded
    parts = (part.split(";")[0] for part in re.split(r"[/\\]", path))
    return not path.isprintable() or "\ufffd" in path or any(_UP.fullmatch(part) for part in parts)
