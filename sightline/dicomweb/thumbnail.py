"""One small picture of a series, in the ways that archives have them (PS3.18 10.4.1.1.5 and 10.4.1.1.3).

First the archive's own thumbnail of the series; where it has none, the middle one of its instances, rendered small.
"""

import time
from contextlib import suppress

from sightline.dicomweb.client import DicomWebClient
from sightline.dicomweb.qido import values
from sightline.errors import (
    OwnAccessRefused,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.outbound import Answer
from sightline.phrase import Phrase
from sightline.picture import NotAPicture, Picture, picture
from sightline.uid import uid

# The one that every server has to render (PS3.18 8.7.4); Orthanc answers 400 to a list. Others may come all the same.
_ACCEPT = "image/jpeg"
_VIEWPORT = "viewport=192,192"
# What says "no such thing", or "not for this object"; Orthanc has 400 for what it cannot render.
_NOTHING = frozenset({204, 400, 404, 405, 406, 410, 415, 501})
_OURS = frozenset({401, 403})
_REMEMBERED_SECONDS = 600.0

_without_thumbnails: dict[str, float] = {}
"""Archives that have rendered a picture after having had no thumbnail, and until when that is believed."""


def thumbnail(client: DicomWebClient, study: str, series: str, images: int | None, seconds: float) -> Picture | None:
    """The picture; None where the archive has none. `images` is how many it is said to be of.

    All of it takes `seconds` at most. Raises SourceError.
    """
    return _Asking(client, study, series, time.monotonic() + seconds).picture(images)


class _Asking:
    def __init__(self, client: DicomWebClient, study: str, series: str, deadline: float) -> None:
        self._client, self._study, self._series, self._deadline = client, study, series, deadline

    def picture(self, images: int | None) -> Picture | None:
        name, now, has_none = self._client.archive.wado_address, time.monotonic(), False
        if _without_thumbnails.get(name, now) <= now:
            answer = self._asked("/thumbnail")
            has_none = answer.status in _NOTHING
            with suppress(SourceUnreadable, SourceFailed):  # it may yet render one
                return _picture_in(answer)
        instance = self._middle(images)
        if not instance:
            return None
        answer = self._asked(f"/instances/{instance}/rendered?{_VIEWPORT}")
        if answer.status in _NOTHING:
            return None
        found = _picture_in(answer)
        if has_none:
            _without_thumbnails[name] = now + _REMEMBERED_SECONDS
        return found

    def _asked(self, path: str) -> Answer:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise SourceSlow("the time for a picture was used up")
        answer = self._client.retrieve(f"{self._path}{path}", _ACCEPT, left)
        if answer.status in _OURS:
            raise OwnAccessRefused(f"HTTP {answer.status} to a question for a picture")
        return answer

    def _middle(self, images: int | None) -> str | None:
        """The UID of the middle one of as many instances as there are said to be, else of the first that is named."""
        at = f"&offset={images // 2}" if images and images > 1 else ""
        for query in dict.fromkeys((f"?limit=1{at}", "?limit=1", "")):
            try:
                found = self._client.search(f"{self._path}/instances{query}", self._deadline).records
            except SourceRefusedQuestion:
                continue
            except SourceWithoutStudies:
                return None
            own = [record for record in found if values(record, "0020000D") in ([], [self._study])]
            if own:
                stated = values(own[len(own) // 2], "00080018")
                return uid(stated[0]) if len(stated) == 1 else None
        return None

    @property
    def _path(self) -> str:
        return f"/studies/{self._study}/series/{self._series}"


def _picture_in(answer: Answer) -> Picture:
    """Raises SourceFailed, and SourceUnreadable for what is not what it should be."""
    if answer.status != 200:
        raise SourceFailed(f"HTTP {answer.status} to a question for a picture")
    try:
        return picture(answer.body)
    except NotAPicture as cause:
        words = Phrase("The archive sent something else than a small picture.")
        raise SourceUnreadable(f"no picture: {cause}", words) from cause
