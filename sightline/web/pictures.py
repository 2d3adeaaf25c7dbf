"""The small pictures beside the series of a study: where they come from, which of them its page has, what it keeps.

Only an archive that says that the study is this patient's is asked: the UID in a record may be another patient's, and a
small picture has no name in it. What a page has is on the trail before it is shown, once for all its pictures, and
kept for a while; only what is kept is given out (`web/thumbnails.py`).
"""

from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from sightline import modality
from sightline.audit_record import Action
from sightline.dicomweb.client import DicomWebClient
from sightline.errors import SourceError, SourceNotAsking
from sightline.study import Study
from sightline.study_details import Series
from sightline.web.charts import Chart
from sightline.web.choosing import named
from sightline.web.parts import parts

_KEPT_SECONDS = 900.0
_CONFIRM_SECONDS = 2.0
"""The page of a study waits so long to hear from an archive whether it has that study of this patient."""


_SAYS_NOTHING = ("", "OT")
"""A series of such a modality in a study with photos may be one of photos."""


class State(StrEnum):
    """What stands in a series' place on its page."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    NONE = "none"


class Place(Struct, frozen=True, gc=False):
    """The place of one series' picture; `key` names it in the addresses of this chart."""

    key: str
    state: State


class Kept(Struct, frozen=True):
    """What a page has pictures of: the archive's name, the study's UID, UID and number of images by a series' key."""

    archive: str
    study: str
    series: dict[str, tuple[str, int | None]]


_decoder = msgspec.json.Decoder(Kept)


def archive_of(chart: Chart, study: Study) -> DicomWebClient | None:
    """The archive that has this very study as this patient's; None where none is known to, or may be asked.

    Raises SourceError where one that could have it did not say.
    """
    if not study.uid or study.uid_in_doubt or study.contested:
        return None
    failure = None
    for archive in sorted(chart.archives, key=lambda each: each.title not in study.sources):
        client = chart.archive_client(archive)
        if "pictures" not in archive.asked_for:
            continue
        try:
            if archive.title in study.sources or _confirmed(chart, study.uid, client):
                return client
        except SourceNotAsking:
            continue
        except SourceError as error:
            failure = failure or error
    if failure:
        raise failure
    return None


def _confirmed(chart: Chart, uid: str, client: DicomWebClient) -> bool:
    """Whether an archive that no list is made of has the study of this patient; a yes is kept for a while.

    One that a list is made of has said so there, or it has not.
    """
    name = f"has-{client.archive.name}-{uid}"
    if "studies" in client.archive.asked_for:
        return False
    if chart.recall(name):
        return True
    has = client.has(uid, chart.patient, _CONFIRM_SECONDS)
    if has:
        chart.remember(name, b"yes", _KEPT_SECONDS)
    return has


def places(chart: Chart, study: Study, series: Sequence[Series], opened: Collection[str]) -> list[Place]:
    """The place of each of these series of pictures, in their order. Photos are hidden but for the keys `opened`."""
    found = []
    for each in series:
        key = chart.series_key(each.uid or "")
        codes = study.modalities if each.modality in _SAYS_NOTHING else (each.modality,)
        if not each.uid or each.instance_count == 0:
            state = State.NONE
        elif key not in opened and modality.may_be_photos(codes):
            state = State.HIDDEN
        else:
            state = State.SHOWN
        found.append(Place(key, state))
    return found


def keep(chart: Chart, study: Study, client: DicomWebClient, series: Sequence[Series], found: Sequence[Place]) -> None:
    """Puts on the trail that these pictures are shown, and lets them be asked for from now on, and no others."""
    shown = {
        place.key: (each.uid or "", each.instance_count)
        for each, place in zip(series, found, strict=True)
        if place.state is State.SHOWN
    }
    if shown:
        facts = {**chart.audit_facts, **named(study), "archive": client.archive.address, "series": len(shown)}
        parts().trail.write(Action.PICTURES, facts)
    kept = Kept(client.archive.name, study.uid or "", shown)
    chart.remember(_row(chart.study_key(study)), msgspec.json.encode(kept), _KEPT_SECONDS)


def kept(chart: Chart, study_key: str) -> Kept | None:
    """What the page of this study had pictures of when it was last shown; None where that is too long ago."""
    plain = chart.recall(_row(study_key))
    try:
        return _decoder.decode(plain) if plain else None
    except msgspec.DecodeError:  # what another build of Sightline wrote
        return None


def _row(study_key: str) -> str:
    return f"pictures-{study_key}"
