"""The only FHIR HTTP: one EHR's FHIR server, asked for one patient, with one chart's token.

`ImagingStudy?patient=<id>&_count=N` is the one search that every server takes; sorting, filtering and joining happen on
our side. Next links are followed on the same origin and below the same base only, and never without end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from sightline.batch import Batch, LeftOut
from sightline.errors import (
    NotAllowed,
    SignInEnded,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.fhir import bundle, imaging_study, outcome, patient as patient_reader, versions
from sightline.fhir.elements import NOT_READABLE
from sightline.fhir.paging import Step, Walk
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
    """`authorization` gives the value of the Authorization header at the moment of a request; "" sends none.

    `request_id` is sent along, so that the EHR's log can be found from ours (FHIR R4 3.1.0.16 "X-Request-Id").
    """

    ehr: EhrSettings
    limits: LimitSettings
    door: Door
    authorization: Callable[[], str]
    version: versions.Version = versions.R4
    request_id: str = ""

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
        """The patient's own record. Raises SourceError, also where the server answers with somebody else's.

        Only DSTU1 resources carry no id of their own.
        """
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
        if found.get("id", patient_id if self.version.name == "dstu1" else None) != patient_id:
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
        try:
            yield from self._walked(patient_id, self.ehr.search)
        except SourceRefusedQuestion:
            if not self.ehr.search:
                raise
            # The settings promised too much for this server; the bare question is always right.
            yield from self._walked(patient_id, frozenset())

    def question(self, patient_id: str) -> str:
        """What `studies` asks first, for the audit trail (BALP PatientQuery)."""
        return f"GET {self._search(patient_id, FIRST_PAGE, self.ehr.search)}"

    def _walked(self, patient_id: str, takes: frozenset[str]) -> Iterator[Batch]:
        walk = Walk(self._base, self.limits, lambda url, seconds: bundle.page(self._get(url, seconds).body))
        first, large = (self._search(patient_id, size, takes) for size in (FIRST_PAGE, LATER_PAGES))
        count = 0
        for step in walk.steps(first, large):
            batch, before = self._batch(step, patient_id), 0 if step.anew else count
            count = before + len(batch.studies)
            if step.cut or count > self.limits.studies:
                batch.studies = batch.studies[: self.limits.studies - before]
                batch.cut_after, batch.more = min(count, self.limits.studies), False
            yield batch
            if not batch.more:
                return

    def _search(self, patient_id: str, count: int, takes: frozenset[str]) -> str:
        version = self.version
        parameters = {version.patient_parameter: patient_id, "_count": str(count)}
        parameters |= version.sort if "sort" in takes else {}
        parameters |= version.summary if "summary" in takes else {}
        return f"{self._base}/ImagingStudy?{urlencode(parameters)}"

    def _batch(self, step: Step, patient_id: str) -> Batch:
        """The page's studies of this patient, and the count of everything else in it."""
        studies, foreign = [], []
        unconfirmed, unreadable = 0, step.page.unreadable
        elements = step.page.studies
        step.page.studies = []  # they are large, and would else be kept until the next page has come
        for element, resource_id in elements:
            try:
                study = imaging_study.study(element, self.name, resource_id)
            except imaging_study.Unreadable:
                unreadable += 1
                continue
            match whose(study.subject, patient_id, self.ehr.iss):
                case Subject.THIS_PATIENT:
                    studies.append(study)
                case Subject.OTHER_PATIENT:
                    foreign.append(study)
                case Subject.NOT_SAID:
                    unconfirmed += 1
        left_out = LeftOut(
            len(foreign),
            unconfirmed,
            unreadable,
            step.announced,
            step.page.troubled,
            tuple(step.page.warnings),
            frozenset(study.uid for study in foreign if study.uid),
        )
        return Batch(studies, left_out, more=not step.last, anew=step.anew, failure=step.failure)

    def _get(self, url: str, seconds: float | None = None) -> Answer:
        authorization = self.authorization()
        headers = {"Accept": versions.ACCEPT} | ({"Authorization": authorization} if authorization else {})
        headers |= {"X-Request-Id": self.request_id} if self.request_id else {}
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
    said = outcome.codes_in(answer.body)
    return _REFUSALS.get(answer.status, SourceFailed)(f"HTTP {answer.status}" + (f": {said}" if said else ""))
