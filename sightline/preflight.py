"""Use case: which viewers will likely not stand in our frame, where the settings leave that open (`auto`, `split`).

They are asked when the server begins and every quarter of an hour after that, each for its base address, by a thread of
its own: no page waits for an answer, and no study is named to anybody. What is not known, since a viewer did not
answer yet or leads to a sign-in, changes nothing: it is framed, as if there were no such check.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sightline import framing
from sightline.doctor import base_page
from sightline.errors import SourceError
from sightline.outbound import Door
from sightline.settings import Settings, ViewerSettings
from sightline.settings.addresses import origin_of

EVERY_SECONDS = 900

_log = logging.getLogger("sightline")


class Preflight:
    """What one process knows of them. May be asked from any thread."""

    def __init__(self, settings: Settings, door: Door) -> None:
        self._own, self._door = origin_of(settings.public_url), door
        self._viewers = tuple(viewer for viewer in settings.viewers if viewer.gives_way)
        self._headers: dict[str, Mapping[str, str]] = {}

    def refusal(self, viewer: ViewerSettings[Any], ancestors: Sequence[str]) -> str:
        """Why it will likely not stand in our frame, and that in a page of `ancestors`; empty if nothing says so.

        Of these, an EHR's addresses, one is above us: so all of them must be refused.
        """
        headers = self._headers.get(viewer.name)
        if headers is None:
            return ""
        refused = framing.refusal(headers, viewer.origin, (self._own,))
        above = [framing.refusal(headers, viewer.origin, (ancestor,)) for ancestor in ancestors]
        return refused or (above[0] if above and all(above) else "")

    def check(self) -> None:
        """Asks each of them once. Who does not answer stays known for what it said before."""
        for viewer in self._viewers:
            try:
                self._headers[viewer.name] = base_page(viewer, self._door).headers
            except SourceError as failure:
                _log.info("viewer %s not looked at: %s", viewer.name, failure.detail)

    def begin(self) -> None:
        """Checks from now on, beside everything else, if there is anything to check."""
        if self._viewers:
            threading.Thread(target=self._run, name="viewers", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.check()
            time.sleep(EVERY_SECONDS)
