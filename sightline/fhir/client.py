"""The only FHIR HTTP: one EHR's FHIR server, asked for one patient, with one chart's token.

`ImagingStudy?patient=<id>&_count=N` is the one search that every server takes; sorting, filtering and joining happen on
our side. Next links are followed on the same origin and below the same base only, and never without end.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sightline import json_text
from sightline.authorization import Authorization
from sightline.batch import Batch, Coming, LeftOut
from sightline.endpoint import Endpoint
from sightline.errors import (
    NotAllowed,
    OwnAccessRefused,
    SignInEnded,
    SourceBusy,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceUnreachable,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.fhir import (
    bundle,
    endpoint,
    imaging_study,
    outcome,
    patient_search,
    study_details,
    study_search,
    versions,
)
from sightline.fhir.paging import Step, Walk
from sightline.fhir.subject import Subject, whose
from sightline.outbound import Answer, Awaited, Door, Question
from sightline.patient import Patient, PatientNumber
from sightline.patient_criteria import Criteria
from sightline.phrase import Phrase
from sightline.settings import EhrSettings, LimitSettings
from sightline.study import Study
from sightline.study_details import StudyDetails
from sightline.study_reference import StudyReference

FIRST_PAGE = 50
LATER_PAGES = 1000


class FhirClient(Struct, frozen=True):
    """`authorization` is asked at the moment of each request, since a list may outlive a token.

    `request_id` is sent along, so that the EHR's log can be found from ours (FHIR R4 3.1.0.16 "X-Request-Id").
    """

    ehr: EhrSettings
    limits: LimitSettings
    door: Door
    authorization: Authorization
    version: versions.Version = versions.R4
    request_id: str = ""

    def stated_version(self) -> versions.Version:
        """The version the server says it speaks. Raises SourceError where it says none that Sightline knows.

        Of its CapabilityStatement (Conformance up to DSTU2) only this is believed.
        """
        stated = self._object(f"{self.base}/metadata").get("fhirVersion")
        if version := versions.stated(stated):
            return version
        raise SourceUnreadable(f"metadata states a FHIR version that Sightline does not know: {str(stated)[:20]!r}")

    def patient(self, patient_id: str) -> Patient:
        """The patient's own record. Raises SourceError, also where the server answers with somebody else's."""
        return self.record(patient_id).patient

    def record(self, patient_id: str) -> patient_search.Hit:
        """The same, and whether the record still holds. Only DSTU1 resources carry no id of their own."""
        try:
            found = self._object(f"{self.base}/Patient/{quote(patient_id, safe='')}")
        except SourceWithoutStudies as cause:
            raise SourceFailed(cause.detail, Phrase("The EHR does not know the patient of this chart.")) from cause
        if found.get("resourceType") != "Patient":
            raise SourceUnreadable("asked for a Patient, was answered with something else")
        if found.get("id", patient_id if self.version.name == "dstu1" else None) != patient_id:
            raise SourceFailed("asked for one patient, was answered with another")
        return patient_search.hit(found, patient_id)

    def patients(self, criteria: Criteria) -> patient_search.Found:
        """The patients who fit, the first twenty. Raises SourceError.

        A server that does not take `family` and `given` is asked by `name`, once more.
        """
        try:
            return patient_search.found(self._patients(patient_search.parameters(criteria)), criteria)
        except SourceRefusedQuestion:
            by_name = patient_search.parameters_by_name(criteria)
            if by_name is None:
                raise
            return patient_search.found(self._patients(by_name), criteria, by_name=True)

    def patients_with(self, number: PatientNumber) -> patient_search.Found:
        """Those who have this very number. Raises SourceError."""
        return patient_search.found_with(self._patients(patient_search.parameters_of_number(number)), number)

    def studies_named(self, references: Sequence[StudyReference]) -> study_search.Named:
        """The studies of these numbers, of whichever patient. Raises SourceError.

        All at once where the server takes a list of values; what that did not find is asked for by one value at a time.
        """
        named = study_search.Named()
        for group in study_search.groups(references):
            with suppress(SourceRefusedQuestion):
                named.add(self._named(study_search.question(self.version, group)), group, self.name)
        for reference in named.missing(references):
            for question in study_search.single_questions(self.version, reference, alone=len(references) == 1):
                named.add(self._named(question), (reference,), self.name)
                if not named.missing((reference,)):
                    break
        return named

    def _named(self, parameters: dict[str, str]) -> bytes:
        return self._looked_up("ImagingStudy", parameters, "The hospital's system offers no search for studies here.")

    def _patients(self, parameters: dict[str, str]) -> bytes:
        return self._looked_up("Patient", parameters, "The hospital's system offers no search for patients here.")

    def _looked_up(self, kind: str, parameters: dict[str, str], not_offered: str) -> bytes:
        """The answer to a search: by POST, since addresses stand in logs, and names and numbers are in the body.

        A server that knows no search by POST (R4 3.1.1.1 wants it of all) is asked by GET.
        """
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        address, query = f"{self.base}/{kind}", urlencode(parameters)
        answer = self._asked("POST", f"{address}/_search", headers=form, body=query).value()
        if answer.status in _NO_SEARCH_BY_POST:
            answer = self._asked("GET", f"{address}?{query}").value()
        if answer.status in _NO_SEARCH_BY_POST:
            raise SourceFailed(f"HTTP {answer.status}", not_offered)
        return self._good(answer).body

    def resource(self, kind: str, id_: str) -> dict[str, Any]:
        """The resource of this kind and id, which DSTU1 keeps outside of it. Raises SourceError.

        One that says of itself to be another is refused.
        """
        found = self._object(f"{self.base}/{kind}/{quote(id_, safe='')}")
        own_id = found.get("id", id_ if self.version.name == "dstu1" else None)
        if (found.get("resourceType"), own_id) != (kind, id_):
            raise SourceFailed(f"asked for one {kind}, was answered with another or with something else")
        return found

    def answer(self, url: str, seconds: float | None = None, *, accept: str = versions.ACCEPT) -> Answer:
        """The answer to a GET, if its status is 200, within `seconds`. Raises SourceError."""
        return self._good(self._asked("GET", url, headers={"Accept": accept}, seconds=seconds).value())

    @property
    def name(self) -> str:
        """The source as people know it."""
        return self.ehr.title

    @property
    def base(self) -> str:
        """The FHIR base without the slash that some EHRs send at its end."""
        return self.ehr.iss.rstrip("/")

    @property
    def is_connected(self) -> bool:
        """Whether a question would leave at once, as far as can be told before it is asked."""
        return self.door.is_connected(self.ehr.origin, self.ehr.private_networks)

    def studies(self, patient_id: str) -> Coming:
        """The patient's studies, an answer at a time: a small first page at once, then the rest in large ones.

        The first question is on its way when this returns; its answer is waited for by the first `next`. Both raise
        where there is none; a later failure ends the list with its reason in the last batch.
        """
        takes = self.ehr.search
        walked = self._walked(patient_id, takes)
        return Coming(self._batches(patient_id, walked, takes), walked.begins)

    def _batches(self, patient_id: str, coming: Coming, takes: frozenset[str]) -> Iterator[Batch]:
        """Asks once more, with less, where the settings promised too much for this server."""
        while True:
            try:
                yield from coming
                return
            except SourceError as refusal:
                less = _less(takes, refusal)
                if less is None:
                    raise
                takes, coming = less, self._walked(patient_id, less)

    def endpoint(self, name: str, seconds: float) -> Endpoint | None:
        """The address in `Endpoint/<id>` of this very server; None where it leads to no images. Raises SourceError."""
        found = self._object(f"{self.base}/{quote(name)}", seconds)
        if found.get("resourceType") != "Endpoint":
            raise SourceUnreadable("asked for an Endpoint, was answered with something else")
        return endpoint.endpoint(found)

    def own_endpoint(self, reference: str) -> str:
        """`Endpoint/<id>`, if that is what a study's reference names on this server; else empty."""
        return endpoint.own(reference, self.base)

    def details(self, study: Study, patient_id: str) -> StudyDetails:
        """What the study's own record says beyond the list. Raises SourceError, also where it is another patient's."""
        record = self._object(self._record_of(study))
        try:
            found = imaging_study.study(imaging_study.decode(msgspec.json.encode(record)), self.name)
        except imaging_study.Unreadable as cause:
            raise SourceUnreadable(f"asked for an ImagingStudy: {cause}") from cause
        if found.reference != study.reference and self.version.name != "dstu1":
            raise SourceFailed("asked for one study, was answered with another")
        if whose(found.subject, patient_id, self.ehr.iss) is not Subject.THIS_PATIENT:
            raise SourceFailed("the study's own record is not clearly this patient's")
        return study_details.details(record)

    def details_question(self, study: Study) -> str:
        """What `details` asks, for the audit trail (BALP PatientQuery)."""
        return f"GET {self._record_of(study)}"

    def _record_of(self, study: Study) -> str:
        return f"{self.base}/{study.reference}"

    def question(self, patient_id: str) -> str:
        """What `studies` asks first, for the audit trail (BALP PatientQuery)."""
        return f"GET {self._search(patient_id, self.ehr.search)(FIRST_PAGE)}"

    def _walked(self, patient_id: str, takes: frozenset[str]) -> Coming:
        """Sends the first question, gives what reads the answers."""
        of_size = self._search(patient_id, takes)
        first, large = of_size(FIRST_PAGE), of_size(LATER_PAGES)
        walk = Walk(self.base, self.limits, self._page_asked)
        begun = walk.begun(first)
        return Coming(self._taken(patient_id, walk.steps(begun, first, large)), begun.begins)

    def _taken(self, patient_id: str, steps: Iterator[Step]) -> Iterator[Batch]:
        count = 0
        for step in steps:
            batch, before = self._batch(step, patient_id), 0 if step.anew else count
            count = before + len(batch.studies)
            if step.cut or count > self.limits.studies:
                batch.studies = batch.studies[: self.limits.studies - before]
                batch.cut_after, batch.more = min(count, self.limits.studies), False
            yield batch
            if not batch.more:
                return

    def _search(self, patient_id: str, takes: frozenset[str]) -> Callable[[int], str]:
        """What asks for pages of so many studies."""
        patient = f"{self.version.patient_parameter}={quote(patient_id, safe='')}"
        wishes = {"sort": self.version.sort, "summary": self.version.summary, "include": self.version.include}
        said = "".join(_encoded(tuple(asked.items())) for wish, asked in wishes.items() if wish in takes)
        return lambda count: f"{self.base}/ImagingStudy?{patient}&_count={count}{said}"

    def _batch(self, step: Step, patient_id: str) -> Batch:
        """The page's studies of this patient, and the count of everything else in it."""
        studies, foreign = [], []
        unconfirmed, unreadable = 0, step.page.unreadable
        elements = step.page.studies
        step.page.studies = []  # they are large, and would else be kept until the next page has come
        # Most of a page name one subject, in the same words; and up to Python 3.11 an Enum's member is dear to look up.
        said = cache(partial(whose, patient_id=patient_id, base=self.ehr.iss))
        of_this_patient, of_another = Subject.THIS_PATIENT, Subject.OTHER_PATIENT
        own_name = self.name
        for element, resource_id in elements:
            try:
                study = imaging_study.study(element, own_name, resource_id)
            except imaging_study.Unreadable:
                unreadable += 1
                continue
            if step.page.endpoints and study.endpoints:
                found, others = endpoint.answered(study.endpoints, step.page.endpoints, self.base)
                study = replace(study, addresses=study.addresses + found, endpoints=others)
            subject = said(study.subject)
            if subject is of_this_patient:
                studies.append(study)
            elif subject is of_another:
                foreign.append(study)
            else:
                unconfirmed += 1
        left_out = LeftOut(
            len(foreign),
            unconfirmed,
            unreadable,
            step.announced,
            step.page.troubled,
            tuple(step.page.warnings),
            frozenset(uid for study in foreign for uid in study.uids),
            # Not asked at a failure: it may be that of the authorization itself.
            restricted=step.failure is None and not self.authorization.covers_all,
        )
        return Batch(studies, left_out, more=not step.last, anew=step.anew, failure=step.failure)

    def _object(self, url: str, seconds: float | None = None) -> dict[str, Any]:
        """The one resource at this address."""
        try:
            found = json_text.value(self.answer(url, seconds).body)
        except json_text.NotReadable as cause:
            raise SourceUnreadable(f"JSON that is not readable: {cause}") from cause
        if type(found) is not dict:
            raise SourceUnreadable("JSON, but no resource")
        return found

    def _page_asked(self, url: str, seconds: float) -> Awaited[bundle.Page]:
        """Asks for a page, gives what waits for it."""
        coming = self._asked("GET", url, seconds=seconds)
        return Awaited(lambda: bundle.page(self._good(coming.value()).body), coming.begins)

    def _good(self, answer: Answer) -> Answer:
        if answer.status != 200:
            raise self._refusal(answer)
        return answer

    def _asked(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        body: str | None = None,
        seconds: float | None = None,
    ) -> Awaited[Answer]:
        """Asks, gives what waits for the answer; after a 401 that asks once more, if there is something to ask with."""

        def asked(authorization: str) -> Question:
            own = {"Accept": versions.ACCEPT, "Cache-Control": _AS_OF_NOW}
            own |= {"Authorization": authorization} if authorization else {}
            own |= {"X-Request-Id": self.request_id} if self.request_id else {}
            return self.door.ask(
                method,
                url,
                origins=(self.ehr.origin,),
                networks=self.ehr.private_networks,
                headers={**own, **(headers or {})},
                body=body,
                seconds=seconds,
            )

        header = self.authorization.header()
        question = asked(header)

        def answer() -> Answer:
            answer = question.answer()
            if answer.status == 401 and (another := self.authorization.after_refusal(header)):
                return asked(another).answer()
            return answer

        return Awaited(answer, question.begins)

    def _refusal(self, answer: Answer) -> SourceError:
        """What the answer's status means; a 401 to what Sightline itself has as its permission is not the user's."""
        said = outcome.codes_in(answer.body)
        detail = f"HTTP {answer.status}" + (f": {said}" if said else "")
        if self.ehr.authorization != "smart" and answer.status in (401, 403):
            return OwnAccessRefused(detail)
        return _REFUSALS.get(answer.status, SourceFailed)(detail)


@cache
def _encoded(parameters: tuple[tuple[str, str], ...]) -> str:
    """What a version's questions may end in, as it stands in an address."""
    return "".join(f"&{urlencode([pair])}" for pair in parameters)


def _less(takes: frozenset[str], refusal: SourceError) -> frozenset[str] | None:
    """What to ask with after this refusal, where the settings promised too much for the server; None: nothing else.

    A server that includes nothing, or not for this user, may say so in any way; the bare question is always right.
    """
    if "include" in takes and not isinstance(refusal, _SAYS_NOTHING_OF_THE_QUESTION):
        return takes - {"include"}
    return frozenset() if takes and isinstance(refusal, SourceRefusedQuestion) else None


_SAYS_NOTHING_OF_THE_QUESTION = (SignInEnded, SourceUnreachable, SourceSlow, SourceBusy)
# Else HAPI answers a question that it was asked within the last minute as it did then: a study that has come since is
# missing from a list that says it is whole (RFC 9111, 5.2.1.4).
_AS_OF_NOW = "no-cache"

# Servers say so in different ways: not found, not allowed, gone, media type not taken, not implemented.
_NO_SEARCH_BY_POST = (404, 405, 410, 415, 501)

_REFUSALS: dict[int, type[SourceError]] = {
    400: SourceRefusedQuestion,
    401: SignInEnded,
    403: NotAllowed,
    404: SourceWithoutStudies,
    405: SourceWithoutStudies,
    410: SourceWithoutStudies,
    501: SourceWithoutStudies,
}
