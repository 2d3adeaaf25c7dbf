"""The open chart of a request: one EHR, one patient, one user, one token, under `/s/<chart id>/`.

There is no "current patient" anywhere: a page takes its patient from the row that its own address names, and the row
opens only with the cookie of that very address. Two charts in two frames of one browser never meet.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass

import msgspec
from flask import Response, g

from sightline.audit import chart_digest
from sightline.auth.id_token import User
from sightline.auth.smart import Grant
from sightline.errors import ChartClosed
from sightline.fhir import versions
from sightline.fhir.client import FhirClient
from sightline.patient import Patient
from sightline.settings import EhrSettings
from sightline.store import sealing
from sightline.study import Study
from sightline.web import cookies
from sightline.web.parts import parts

_COOKIE = "chart"
_RENEW_AFTER = 5.0


class Row(msgspec.Struct, frozen=True):
    """What is sealed in the store for a chart."""

    ehr: str
    patient: Patient
    user: User
    access_token: str
    need_patient_banner: bool
    fhir_version: str
    opened_at: float
    study_salt: bytes


_decoder = msgspec.json.Decoder(Row)


@dataclass(frozen=True, slots=True)
class Chart:
    """An opened row, with the key that opened it."""

    id: str
    key: str
    row: Row
    ehr: EhrSettings

    @property
    def patient(self) -> Patient:
        return self.row.patient

    @property
    def source(self) -> FhirClient:
        """The EHR's FHIR server, asked with this chart's token."""
        it = parts()
        version = versions.named(self.row.fhir_version)
        return FhirClient(self.ehr, it.settings.limits, it.door, lambda: f"Bearer {self.row.access_token}", version)

    @property
    def audit_facts(self) -> dict[str, str]:
        user = self.row.user
        return {
            "chart": chart_digest(self.id),
            "ehr": self.ehr.iss,
            "patient": self.patient.id,
            "user_issuer": user.issuer,
            "user": user.subject,
            "fhir_user": user.fhir_user,
        }

    def study_key(self, study: Study) -> str:
        """An opaque name: no UID stands in our addresses, and another chart's key means nothing here."""
        return hashlib.blake2b(study.identity.encode(), key=self.row.study_salt, digest_size=12).hexdigest()

    def remember(self, name: str, plain: bytes, seconds: float) -> None:
        """Keeps something of this chart in the store, sealed as the chart itself is."""
        place = f"{name}:{self.id}"
        sealed = sealing.seal(plain, parts().settings.secret_key, self.key, place)
        parts().store.put(place, sealed, time.time() + seconds)

    def recall(self, name: str, *, once: bool = False) -> bytes | None:
        """What `remember` kept; `once` takes it away for good."""
        place, store = f"{name}:{self.id}", parts().store
        sealed = store.take(place) if once else (store.get(place) or (None,))[0]
        return sealing.unseal(sealed, parts().settings.secret_key, self.key, place) if sealed else None


def open_chart(
    response: Response, chart_id: str, ehr: EhrSettings, grant: Grant, patient: Patient, version: str
) -> None:
    """Seals a new chart into the store and gives its key to the browser; nothing of either comes from outside."""
    it, key = parts(), sealing.new_key()
    row = Row(
        ehr.name,
        patient,
        grant.user,
        grant.access_token,
        grant.need_patient_banner,
        version,
        time.time(),
        secrets.token_bytes(16),
    )
    place = f"chart:{chart_id}"
    sealed = sealing.seal(msgspec.json.encode(row), it.settings.secret_key, key, place)
    it.store.put(place, sealed, time.time() + it.settings.chart.idle_seconds)
    cookies.put(response, _COOKIE, key, f"/s/{chart_id}/", it.settings.chart.idle_seconds)


def current(chart_id: str) -> Chart:
    """The chart of this address and this browser, for the rest of the request. Raises ChartClosed."""
    it, key, place = parts(), cookies.value(_COOKIE), f"chart:{chart_id}"
    kept = it.store.get(place) if key else None
    plain = sealing.unseal(kept[0], it.settings.secret_key, key, place) if kept else None
    if plain is None or kept is None:
        raise ChartClosed("no row, or no cookie that opens it")
    row = _decoder.decode(plain)
    ehr, last = it.settings.ehr(row.ehr), row.opened_at + it.settings.chart.absolute_seconds
    if ehr is None or time.time() > last:
        it.store.delete(place)
        raise ChartClosed("its time is over, or its EHR is no longer configured")
    lives_until = min(time.time() + it.settings.chart.idle_seconds, last)
    if lives_until - kept[1] > _RENEW_AFTER:
        it.store.keep_until(place, lives_until)
    chart = g.chart = Chart(chart_id, key, row, ehr)
    return chart


def renew_cookie(response: Response) -> Response:
    """After each request of an open chart its cookie lives for the whole idle time again."""
    if chart := g.get("chart"):
        cookies.put(response, _COOKIE, chart.key, f"/s/{chart.id}/", parts().settings.chart.idle_seconds)
    return response
