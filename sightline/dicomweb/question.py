"""What a search for a patient's studies asks (PS3.18 8.3.4), in the ways that archives take, the best one first.

The issuer as a key finds the right person in an archive of several hospitals; `includefield` has it come back, so that
it can be looked at. Some servers answer either with 400; some have the issuer but do not search by it.
"""

import time
from threading import Lock
from urllib.parse import urlencode

from msgspec import Struct

from sightline.dicomweb.paging import PAGE
from sightline.dicomweb.patient_number import PatientNumber
from sightline.settings import ArchiveSettings

# Not in every server's answer unasked: description, issuer and its qualifiers, institution, time, modalities, counts.
_FIELDS = "00081030,00100021,00100024,00080080,00080030,00080061,00080056,00080201,00201206,00201208"
_REMEMBERED_SECONDS = 600.0


class Form(Struct, frozen=True):
    """One way to ask: with the issuer as a key, with the fields that are wanted."""

    by_issuer: bool
    with_fields: bool

    def query(self, number: PatientNumber, offset: int) -> str:
        """The query string for the page that begins there."""
        parameters = {"00100020": number.value} | ({"0020000D": number.study} if number.study else {})
        parameters |= {"00100021": number.issuer} if self.by_issuer else {}
        parameters |= {"includefield": _FIELDS} if self.with_fields else {}
        parameters |= {"limit": str(PAGE)} | ({"offset": str(offset)} if offset else {})
        return urlencode(parameters, safe=",")


_FORMS = (Form(True, True), Form(False, True), Form(True, False), Form(False, False))


def forms(archive: ArchiveSettings) -> tuple[Form, ...]:
    """The ways to ask, in the order to try. Where records may lack the issuer, a key would hide just those."""
    return tuple(form for form in _FORMS if not (form.by_issuer and archive.issuer_may_be_absent))


class TakenForms:
    """Which way each archive took last, for a while: it may be another server by then. For use from any thread."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[Form, float]] = {}
        self._lock = Lock()

    def to_try(self, archive: ArchiveSettings) -> tuple[Form, ...]:
        """The way it took, and those that come after it."""
        every = forms(archive)
        form, until = self._taken.get(archive.address, (None, 0.0))
        return every[every.index(form) :] if form in every and time.monotonic() < until else every

    def took(self, archive: ArchiveSettings, form: Form) -> None:
        """Remembers a way that is not the first."""
        if form != forms(archive)[0]:
            with self._lock:
                known = self._taken.get(archive.address)
                if known is None or known[0] != form or time.monotonic() >= known[1]:
                    self._taken[archive.address] = (form, time.monotonic() + _REMEMBERED_SECONDS)
