"""The addresses that a study's record refers to (FHIR Endpoint), read when the study is opened or looked at closely.

Never for a list, and only where they could choose another viewer: one GET a reference, a few at most, within a moment
for all of them, and then kept for the chart. One that cannot be read is a footnote.
"""

import time
from typing import NamedTuple

import msgspec

from sightline.endpoint import Endpoint
from sightline.errors import SignInChanged, SourceError
from sightline.fhir.client import FhirClient
from sightline.phrase import Phrase
from sightline.rules import asks_for_addresses
from sightline.settings import Settings
from sightline.study import Study
from sightline.web.charts import Chart
from sightline.web.error_pages import noted
from sightline.web.parts import parts

MOST_READ = 8
SECONDS = 3.0
_KEPT_SECONDS, _FAILURE_SECONDS = 900.0, 60.0
_KEPT = "endpoints"

NOT_PERMITTED = Phrase("The EHR did not permit the reading of the addresses that the study's data refers to.")
ELSEWHERE = Phrase("The study's data refers to addresses on another server, which were not read.")
NOT_READ = Phrase("Addresses that the study's data refers to could not be read.")


class Answer(msgspec.Struct, frozen=True):
    """What a reference led to, and when: an address, none of images, or nothing that could be read."""

    asked_at: float
    endpoint: Endpoint | None = None
    failed: bool = False

    @property
    def holds(self) -> bool:
        return time.time() - self.asked_at <= (_FAILURE_SECONDS if self.failed else _KEPT_SECONDS)


class Addresses(NamedTuple):
    """The addresses of a study's images, and sentences on those that are not among them."""

    found: tuple[Endpoint, ...]
    footnotes: tuple[str, ...] = ()


_decoder = msgspec.json.Decoder(dict[str, Answer])


def addresses_of(chart: Chart, study: Study) -> Addresses:
    """All addresses of this study's images, those that have to be read first included. Raises SignInChanged."""
    if not study.endpoints or not _matter(parts().settings):
        return Addresses(study.addresses)
    source = chart.source
    names = tuple(filter(None, map(source.own_endpoint, study.endpoints)))
    notes = [ELSEWHERE] if len(names) < len(study.endpoints) else []
    if names and not chart.authorization.reads_endpoints:
        return Addresses(study.addresses, (*notes, NOT_PERMITTED))
    answers = _answers(chart, source, names)
    read = [answers[name] for name in names if name in answers]
    if len(read) < len(names) or any(answer.failed for answer in read):
        notes.append(NOT_READ)
    return Addresses(study.addresses + tuple(answer.endpoint for answer in read if answer.endpoint), tuple(notes))


def _matter(settings: Settings) -> bool:
    """Whether it could change anything which addresses the data names."""
    return len(settings.viewers) > 1 or any(map(asks_for_addresses, settings.rules))


def _answers(chart: Chart, source: FhirClient, names: tuple[str, ...]) -> dict[str, Answer]:
    """What these lead to, as far as it is known or can be found out in time."""
    known = _known(chart)
    asked_for = [name for name in dict.fromkeys(names) if name not in known][:MOST_READ]
    give_up = time.monotonic() + SECONDS
    failures = []
    for name in asked_for:
        if (left := give_up - time.monotonic()) <= 0:
            failures.append("no time left")
            break
        try:
            known[name] = Answer(time.time(), source.endpoint(name, left))
        except SignInChanged:
            raise
        except SourceError as failure:
            known[name] = Answer(time.time(), failed=True)
            failures.append(f"{type(failure).__name__} {failure.detail}")
    if failures:
        noted(f"endpoints not read: {'; '.join(failures)}")
    if asked_for:
        chart.remember_while_open(_KEPT, msgspec.json.encode(known), _KEPT_SECONDS)
    return known


def _known(chart: Chart) -> dict[str, Answer]:
    plain = chart.recall(_KEPT)
    try:
        kept = _decoder.decode(plain) if plain else {}
    except msgspec.DecodeError:  # what another build of Sightline wrote
        return {}
    return {name: answer for name, answer in kept.items() if answer.holds}
