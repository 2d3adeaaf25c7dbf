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

from sightline.audit_record import chart_digest
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
from sightline.web.error_pages import reference
from sightline.web.parts import parts

_COOKIE = "chart"
_RENEW_AFTER = 5.0


class SealedChart(msgspec.Struct, frozen=True):
    """What is sealed in the store for a chart. Times in seconds: the token's end, the chart's end."""

    ehr: str
    patient: Patient
    user: User
    access_token: str
    granted_until: float
    may_list: bool
    fhir_version: str
    closes_at: float
    study_salt: bytes


_decoder = msgspec.json.Decoder(SealedChart)


@dataclass(frozen=True, slots=True)
class Chart:
    """An opened row, with the key that opened it."""

    id: str
    key: str
    row: SealedChart
    ehr: EhrSettings

    @property
    def patient(self) -> Patient:
        return self.row.patient

    @property
    def source(self) -> FhirClient:
        """The EHR's FHIR server, asked with this chart's token."""
        it = parts()
        version = versions.named(self.row.fhir_version)
        token, limits = self.row.access_token, it.settings.limits
        return FhirClient(self.ehr, limits, it.door, lambda: f"Bearer {token}", version, reference())

    @property
    def audit_facts(self) -> dict[str, str]:
        user = self.row.user
        return {
            "chart": chart_digest(self.id),
            "ehr": self.ehr.iss,
            "client": self.ehr.client_id,
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

    def forget(self, name: str) -> None:
        """Removes what `remember` kept."""
        parts().store.delete(f"{name}:{self.id}")

    def recall(self, name: str, *, once: bool = False) -> bytes | None:
        """What `remember` kept; `once` takes it away for good."""
        place, store = f"{name}:{self.id}", parts().store
        sealed = store.take(place) if once else (store.get(place) or (None,))[0]
        return sealing.unseal(sealed, parts().settings.secret_key, self.key, place) if sealed else None


def open_chart(
    response: Response, chart_id: str, ehr: EhrSettings, grant: Grant, patient: Patient, version: str
) -> None:
    """Seals a new chart into the store and gives its key to the browser; nothing of either comes from outside."""
    it, key, place = parts(), sealing.new_key(), f"chart:{chart_id}"
    chart = SealedChart(
        ehr=ehr.name,
        patient=patient,
        user=grant.user,
        access_token=grant.access_token,
        granted_until=grant.expires_at,
        may_list=grant.may_list,
        fhir_version=version,
        closes_at=time.time() + it.settings.chart.absolute_seconds,
        study_salt=secrets.token_bytes(16),
    )
    sealed = sealing.seal(msgspec.json.encode(chart), it.settings.secret_key, key, place)
    it.store.put(place, sealed, time.time() + it.settings.chart.idle_seconds)
    give_cookie(response, chart_id, key)


def give_cookie(response: Response, chart_id: str, key: str) -> None:
    """The key of a chart, for its own path, for the whole idle time."""
    cookies.put(response, _COOKIE, key, f"/s/{chart_id}/", parts().settings.chart.idle_seconds)


def current(chart_id: str) -> Chart:
    """The chart of this address and this browser, for the rest of the request. Raises ChartClosed."""
    it, key, place = parts(), cookies.value(_COOKIE), f"chart:{chart_id}"
    kept = it.store.get(place) if key else None
    row = _opened(kept[0], key, place) if kept else None
    if kept is None or row is None:
        raise ChartClosed("no row, or no cookie that opens it")
    ehr = it.settings.ehr(row.ehr)
    if ehr is None or row.fhir_version not in versions.NAMES or time.time() > row.closes_at:
        it.store.delete(place)
        raise ChartClosed("its time is over, or its EHR is no longer configured")
    lives_until = min(time.time() + it.settings.chart.idle_seconds, row.closes_at)
    if lives_until - kept[1] > _RENEW_AFTER:
        it.store.keep_until(place, lives_until)
    chart = g.chart = Chart(chart_id, key, row, ehr)
    return chart


def _opened(sealed: bytes, key: str, place: str) -> SealedChart | None:
    """None also for a row that an older build of Sightline wrote in another form: such a chart is launched again."""
    plain = sealing.unseal(sealed, parts().settings.secret_key, key, place)
    try:
        return _decoder.decode(plain) if plain else None
    except msgspec.DecodeError:
        return None


def renew_cookie(response: Response) -> Response:
    """After each request of an open chart its cookie lives for the whole idle time again."""
    if chart := g.get("chart"):
        give_cookie(response, chart.id, chart.key)
    return response
