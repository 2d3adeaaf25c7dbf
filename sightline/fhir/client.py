"""The only FHIR HTTP: one EHR's FHIR server, asked for one patient, with one chart's token.

`ImagingStudy?patient=<id>&_count=N` is the one search that every server takes; sorting, filtering and joining happen on
our side. Next links are followed on the same origin and below the same base only, and never without end.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from sightline.batch import Batch
from sightline.errors import (
    NotAllowed,
    SignInEnded,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.fhir import bundle, imaging_study, outcome, patient as patient_reader, versions
from sightline.fhir.elements import NOT_READABLE
from sightline.fhir.paging import followed
from sightline.fhir.subject import Subject, whose
from sightline.outbound import Answer, Door
from sightline.patient import Patient
from sightline.settings import EhrSettings, LimitSettings
from sightline.settings.addresses import origin_of

FIRST_PAGE = 50
LATER_PAGES = 1000


class Capability(msgspec.Struct):
    """CapabilityStatement (Conformance up to DSTU2), as far as it is believed: the version."""

    fhirVersion: str | None = None


@dataclass(frozen=True, slots=True)
class FhirClient:
    """`authorization` gives the value of the Authorization header at the moment of a request; "" sends none."""

    ehr: EhrSettings
    limits: LimitSettings
    door: Door
    authorization: Callable[[], str]
    version: versions.Version = versions.R4

    def stated_version(self) -> versions.Version:
        """The version the server says it speaks. Raises SourceError where it says none that Sightline knows."""
        answer = self._get(f"{self._base}/metadata")
        try:
            stated = msgspec.json.decode(answer.body, type=Capability).fhirVersion
        except NOT_READABLE as cause:
            raise SourceUnreadable("metadata is not a CapabilityStatement") from cause
        if version := versions.stated(stated):
            return version
        raise SourceUnreadable(f"metadata states a FHIR version that Sightline does not know: {str(stated)[:20]!r}")

    def patient(self, patient_id: str) -> Patient:
        """The patient's own record. Raises SourceError, also where the server answers with somebody else's."""
        try:
            answer = self._get(f"{self._base}/Patient/{quote(patient_id, safe='')}")
        except SourceWithoutStudies as cause:
            raise SourceFailed(cause.detail, "The EHR does not know the patient of this chart.") from cause
        try:
            found = msgspec.json.decode(answer.body)
        except NOT_READABLE as cause:
            raise SourceUnreadable("Patient is not readable JSON") from cause
        if type(found) is not dict or found.get("resourceType") != "Patient":
            raise SourceUnreadable("asked for a Patient, was answered with something else")
        # DSTU1 resources carry no id of their own.
        if found.get("id", patient_id) != patient_id:
            raise SourceFailed("asked for one patient, was answered with another")
        return patient_reader.patient(found, patient_id)

    @property
    def name(self) -> str:
        """The source as people know it."""
        return self.ehr.title

    @property
    def _base(self) -> str:
        """The FHIR base without the slash that some EHRs send at its end."""
        return self.ehr.iss.rstrip("/")

    def studies(self, patient_id: str) -> Iterator[Batch]:
        """The patient's studies, an answer at a time: a small first page at once, then the rest in large ones.

        A failing first answer raises; a later failure ends the list with its reason in the last batch.
        """
        deadline = time.monotonic() + self.limits.list_seconds
        takes = self.ehr.search
        try:
            first, more = self._page(self._search(patient_id, FIRST_PAGE, takes), patient_id, deadline)
        except SourceRefusedQuestion:
            if not takes:
                raise
            takes = frozenset()  # the settings promised too much for this server: the bare question is always right
            first, more = self._page(self._search(patient_id, FIRST_PAGE, takes), patient_id, deadline)
        yield first
        if not more:
            return
        # A next link keeps the first page's small size, so the rest is asked anew; the studies seen already merge away.
        url, seen, count = self._search(patient_id, LATER_PAGES, takes), set[str](), 0
        for _ in range(self.limits.pages):
            seen.add(url)
            try:
                batch, more = self._page(url, patient_id, deadline)
                count += len(batch.studies)
                url = followed(url, more, self._base, seen) if more else ""
            except SourceError as failure:
                yield Batch(failure=failure)
                return
            batch.anew = len(seen) == 1
            batch.more = bool(url) and count < self.limits.studies
            if url and not batch.more:
                batch.cut_after = count
            yield batch
            if not batch.more:
                return
        yield Batch(cut_after=count)

    def _search(self, patient_id: str, count: int, takes: frozenset[str]) -> str:
        version = self.version
        parameters = {version.patient_parameter: patient_id, "_count": str(count)}
        parameters |= version.sort if "sort" in takes else {}
        parameters |= version.summary if "summary" in takes else {}
        return f"{self._base}/ImagingStudy?{urlencode(parameters)}"

    def _page(self, url: str, patient_id: str, deadline: float) -> tuple[Batch, str | None]:
        answer = self._get(url, deadline)
        page = bundle.page(answer.body)
        batch = Batch(warnings=page.warnings, more=bool(page.next_url))
        for element, resource_id in page.studies:
            try:
                study = imaging_study.study(element, self.name, resource_id)
            except imaging_study.Unreadable:
                batch.unreadable += 1
                continue
            match whose(study.subject, patient_id, self.ehr.iss):
                case Subject.THIS_PATIENT:
                    batch.studies.append(study)
                case Subject.OTHER_PATIENT:
                    batch.other_patient += 1
                case Subject.NOT_SAID:
                    batch.unconfirmed += 1
        batch.unreadable += page.unreadable
        return batch, page.next_url

    def _get(self, url: str, deadline: float | None = None) -> Answer:
        seconds = None if deadline is None else deadline - time.monotonic()
        if seconds is not None and seconds <= 0:
            raise SourceSlow("the list's time was used up before its last page")
        authorization = self.authorization()
        headers = {"Accept": versions.ACCEPT} | ({"Authorization": authorization} if authorization else {})
        answer = self.door.send("GET", url, origins=(origin_of(self.ehr.iss),), headers=headers, seconds=seconds)
        if answer.status != 200:
            raise _refusal(answer)
        return answer


_REFUSALS: dict[int, type[SourceError]] = {
    400: SourceRefusedQuestion,
    401: SignInEnded,
    403: NotAllowed,
    404: SourceWithoutStudies,
    405: SourceWithoutStudies,
    410: SourceWithoutStudies,
    501: SourceWithoutStudies,
}


def _refusal(answer: Answer) -> SourceError:
    said = outcome.sentence_in(answer.body)
    return _REFUSALS.get(answer.status, SourceFailed)(f"HTTP {answer.status}" + (f": {said}" if said else ""))
