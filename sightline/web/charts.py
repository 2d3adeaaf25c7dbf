"""The open chart of a request: one EHR, one patient, one user, one token, under `/s/<chart id>/`.

There is no "current patient" anywhere: a page takes its patient from the row that its own address names, and the row
opens only with the cookie of that very address. Two charts in two frames of one browser never meet.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import msgspec
from flask import Response, g
from msgspec import Struct
from msgspec.structs import replace

from sightline.audit_record import chart_digest
from sightline.auth import MODES, revocation
from sightline.auth.archives import ARCHIVE_MODES
from sightline.auth.grant import Grant
from sightline.auth.id_token import User
from sightline.auth.launch_context import LaunchContext
from sightline.authorization import Authorization
from sightline.batch import Batch
from sightline.dicomweb.client import DicomWebClient
from sightline.discovery import Source
from sightline.errors import ChartClosed, SourceError, SourceNotAsking, StoreUnavailable
from sightline.fhir import versions
from sightline.fhir.client import FhirClient
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.report import Report, Reports
from sightline.reports import StudiesOrReports
from sightline.settings import ArchiveSettings, EhrSettings
from sightline.store import sealing
from sightline.study import Study
from sightline.web import cookies, signed_in
from sightline.web.chart_grant import ChartGrant
from sightline.web.error_pages import reference
from sightline.web.parts import parts

_COOKIE = "chart"
_WORTH_WRITING = 0.01
"""The part of the idle time by which a chart's life must grow for its row to be written anew."""


_RESTRICTED = Phrase("It was not asked: the EHR permitted only some kinds of imaging for this sign-in.")


class SealedChart(msgspec.Struct, frozen=True):
    """What is sealed in the store for a chart; its tokens lie in a row of their own. `closes_at` is in seconds.

    `ehr` is the EHR's name, `ehr_identity` what stood behind that name when the chart was opened. `sign_in` is the id
    of the sign-in that the patient was looked up in, empty for a chart that was launched.
    """

    ehr: str
    ehr_identity: str
    patient: Patient
    user: User
    context: LaunchContext
    fhir_version: str
    closes_at: float
    study_salt: bytes
    sign_in: str = ""


_decoder = msgspec.json.Decoder(SealedChart)


class Chart(Struct, frozen=True):
    """An opened row, with the key that opened it. It ends at `ends_at` if nobody asks for anything until then."""

    id: str
    key: str
    row: SealedChart
    ehr: EhrSettings
    ends_at: float

    @property
    def patient(self) -> Patient:
        return self.row.patient

    @property
    def path(self) -> str:
        """Where its pages stand, the list first; its cookie is sent there only."""
        return path_of(self.id)

    @property
    def user(self) -> User:
        return self.row.user

    @property
    def source(self) -> FhirClient:
        """The EHR's FHIR server, asked with this chart's permission."""
        it = parts()
        version = versions.named(self.row.fhir_version)
        return FhirClient(self.ehr, it.settings.limits, it.door, self.authorization, version, reference())

    @property
    def archives(self) -> tuple[ArchiveSettings, ...]:
        """The archives that serve the chart's EHR."""
        return parts().settings.archives_of(self.ehr)

    def archive_client(self, archive: ArchiveSettings) -> DicomWebClient:
        """An archive, asked for this chart's sake."""
        it = parts()
        way_in = ARCHIVE_MODES[archive.authorization](it.servers, archive, self.authorization)
        return DicomWebClient(archive, it.door, way_in, reference())

    def sources(self, ehr: FhirClient, reports: Callable[[], Reports]) -> tuple[Source, ...]:
        """What answers which studies the patient has: the EHR's FHIR server, then the archives.

        `reports` waits for what takes the place of the studies at a server that has no list of them.
        """
        patient, only_reports = self.patient, self.ehr.reports == "only"
        asked = StudiesOrReports(ehr, reports, only=only_reports)
        question = "" if only_reports else ehr.question(patient.id)
        of_ehr = Source(
            ehr.name, lambda: asked.studies(patient.id), question, at_once=lambda: asked.at_once(patient.id)
        )
        searched = (archive for archive in self.archives if "studies" in archive.asked_for)
        return (of_ehr, *map(self._archive_source, searched))

    def _archive_source(self, archive: ArchiveSettings) -> Source:
        """An archive does not know what the EHR permits: where that is some kinds of imaging only, it is not asked."""
        client, of_chart, patient = self.archive_client(archive), self.authorization, self.patient

        def studies() -> Iterator[Batch]:
            if not of_chart.covers_all:
                raise SourceNotAsking("the grant is for some kinds of studies only", _RESTRICTED)
            yield from client.studies(patient)

        return Source(archive.title, studies, client.question(patient), archive.address)

    @property
    def authorization(self) -> Authorization:
        """What lets this chart's requests in at the FHIR server."""
        return MODES[self.ehr.authorization](parts().servers, self.ehr, ChartGrant(self))

    @property
    def lives_until(self) -> float:
        """When the chart ends if nothing more is asked of it, in seconds since the epoch."""
        return min(time.time() + parts().settings.chart.idle_seconds, self.row.closes_at)

    @property
    def lasts(self) -> bool:
        """Whether it, and the sign-in that it was opened from, are still there: either may end during a request."""
        is_there = parts().store.get(f"chart:{self.id}") is not None
        return is_there and (not self.row.sign_in or signed_in.lasts(self.row.sign_in))

    @property
    def audit_facts(self) -> dict[str, str]:
        user = self.row.user
        return {
            "chart": chart_digest(self.id),
            "ehr": self.ehr.iss,
            "client": self.ehr.client_id,
            "patient": self.patient.id,
            "encounter": self.row.context.encounter,
            "user_issuer": user.issuer,
            "user": user.subject,
            "fhir_user": user.fhir_user,
            "sign_in": chart_digest(self.row.sign_in) if self.row.sign_in else "",
        }

    def study_key(self, study: Study) -> str:
        """An opaque name: no UID stands in our addresses, and another chart's key means nothing here."""
        return hashlib.blake2b(study.identity.encode(), key=self.row.study_salt, digest_size=12).hexdigest()

    def report_key(self, report: Report) -> str:
        """An opaque name of a report, as of a study."""
        return hashlib.blake2b(report.reference.encode(), key=self.row.study_salt, digest_size=12).hexdigest()

    def series_key(self, uid: str) -> str:
        """An opaque name of a series, by its UID, as of a study."""
        return hashlib.blake2b(uid.encode(), key=self.row.study_salt, digest_size=12).hexdigest()

    def remember(self, name: str, plain: bytes, seconds: float) -> None:
        """Keeps something of this chart in the store, sealed as the chart itself is."""
        it, place = parts(), f"{name}:{self.id}"
        sealed = sealing.seal(plain, it.settings.secret_key, self.key, place)
        it.store.put(place, sealed, time.time() + seconds)

    def remember_while_open(self, name: str, plain: bytes, seconds: float) -> bool:
        """As `remember`, if it lasts: nothing of a chart that was closed meanwhile is to stay. Says whether it does."""
        if self.row.sign_in and not signed_in.lasts(self.row.sign_in):
            return False
        it, place = parts(), f"{name}:{self.id}"
        sealed = sealing.seal(plain, it.settings.secret_key, self.key, place)
        g.was_open = it.store.put_beside(f"chart:{self.id}", place, sealed, time.time() + seconds)
        return bool(g.was_open)

    def forget(self, name: str) -> None:
        """Removes what `remember` kept."""
        parts().store.delete(f"{name}:{self.id}")

    def recall(self, name: str, *, once: bool = False) -> bytes | None:
        """What `remember` kept; `once` takes it away for good."""
        it, place = parts(), f"{name}:{self.id}"
        sealed = it.store.take(place) if once else (it.store.get(place) or (None,))[0]
        return sealing.unseal(sealed, it.settings.secret_key, self.key, place) if sealed else None


def path_of(chart_id: str) -> str:
    """Where the pages of this chart stand."""
    return f"/s/{chart_id}/"


def open_chart(
    response: Response,
    chart_id: str,
    ehr: EhrSettings,
    patient: Patient,
    version: str,
    user: User,
    context: LaunchContext,
    grant: Grant | None,
    *,
    sign_in: str = "",
    closes_at: float | None = None,
) -> None:
    """Seals a new chart into the store and gives its key to the browser; nothing of either comes from outside.

    `grant` is the chart's own, None where its requests are let in by something else. A chart that is opened from a
    `sign_in` ends with it, at `closes_at` at the latest.
    """
    row = SealedChart(
        ehr=ehr.name,
        ehr_identity=ehr.identity,
        patient=patient,
        user=user,
        context=context,
        fhir_version=version,
        closes_at=closes_at or time.time() + parts().settings.chart.absolute_seconds,
        study_salt=secrets.token_bytes(16),
        sign_in=sign_in,
    )
    ends_at = time.time() + parts().settings.chart.idle_seconds
    chart = Chart(chart_id, sealing.new_key(), row, ehr, ends_at)
    chart.remember("chart", msgspec.json.encode(row), parts().settings.chart.idle_seconds)
    if grant:
        ChartGrant(chart).keep(grant)
    give_cookie(response, chart_id, chart.key)


def close(response: Response, chart: Chart) -> None:
    """Ends a chart: its rows are deleted, its cookie expires, its tokens are given back to the EHR (RFC 7009).

    With it goes the sign-in that it was opened from: who signs out does not mean one patient only.

    Best effort where others are needed: a renewal under way is waited for, and an EHR that does not answer within a few
    seconds keeps nobody from signing out.
    """
    kept = ChartGrant(chart)
    try:
        with kept.alone():
            grant = kept.read()
            kept.end()
    except SourceError:  # it has no grant, or is being renewed for too long
        grant = None
        kept.end()
    parts().store.delete_all(f":{chart.id}")
    if chart.row.sign_in:
        signed_in.end(chart.row.sign_in)
    cookies.put(response, _COOKIE, "", chart.path, 0)
    if grant:
        revocation.revoke(parts().servers, chart.ehr, grant)


def give_cookie(response: Response, chart_id: str, key: str) -> None:
    """The key of a chart, for its own path, for the whole idle time."""
    cookies.put(response, _COOKIE, key, path_of(chart_id), parts().settings.chart.idle_seconds)


def key_of_request() -> str:
    """The key of a chart that came along; empty if none did."""
    return cookies.value(_COOKIE)


def key_to(chart_id: str) -> str:
    """The key that came along, once it has opened this chart's row; prolongs nothing. Raises ChartClosed."""
    return _row(chart_id)[2]


def current(chart_id: str, *, renews: bool = True) -> Chart:
    """The chart of this address and this browser, for the rest of the request. Raises ChartClosed.

    A request that nobody made, such as a page's own question how long the chart still lives, does not renew it.
    """
    it, place = parts(), f"chart:{chart_id}"
    row, ends_at, key = _row(chart_id)
    ehr = it.settings.ehr(row.ehr)
    if ehr is None or row.fhir_version not in versions.NAMES or time.time() > row.closes_at:
        it.store.delete(place)
        raise ChartClosed("its time is over, or its EHR is no longer configured")
    if row.ehr_identity != ehr.identity or (row.sign_in and not signed_in.lasts(row.sign_in)):
        it.store.delete_all(f":{chart_id}")
        raise ChartClosed("its sign-in has ended, or another EHR has its EHR's name now")
    chart = Chart(chart_id, key, row, ehr, min(ends_at, row.closes_at))
    if renews and chart.lives_until - chart.ends_at > it.settings.chart.idle_seconds * _WORTH_WRITING:
        chart = replace(chart, ends_at=chart.lives_until)
        for name in ("chart", "grant"):
            it.store.keep_until(f"{name}:{chart_id}", chart.ends_at)
        if row.sign_in:
            signed_in.prolong(row.sign_in, row.closes_at)
    g.chart = chart
    return chart


def _row(chart_id: str) -> tuple[SealedChart, float, str]:
    """The row that the cookie of this request opens, when it dies, and the key in the cookie. Raises ChartClosed."""
    key, place = key_of_request(), f"chart:{chart_id}"
    kept = parts().store.get(place) if key else None
    row = _opened(kept[0], key, place) if kept else None
    if kept is None or row is None:
        raise ChartClosed("no row, or no cookie that opens it")
    return row, kept[1], key


def _opened(sealed: bytes, key: str, place: str) -> SealedChart | None:
    """None also for a row that an older build of Sightline wrote in another form: such a chart is launched again."""
    plain = sealing.unseal(sealed, parts().settings.secret_key, key, place)
    try:
        return _decoder.decode(plain) if plain else None
    except msgspec.DecodeError:
        return None


def renew_cookie(response: Response) -> Response:
    """After each request of an open chart its cookie lives for the whole idle time again; not if it ended meanwhile."""
    chart: Chart | None = g.get("chart")
    with suppress(StoreUnavailable):
        if chart and (g.get("was_open") or chart.lasts):
            give_cookie(response, chart.id, chart.key)
    return response
