"""The only DICOMweb HTTP: one archive, asked for one patient's studies (QIDO-RS) and for what it has of one (WADO-RS).

An archive decides nothing about who may see what: that is the EHR's word. What it refuses is refused to Sightline.
"""

import time
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from sightline.authorization import Authorization
from sightline.batch import Batch, LeftOut
from sightline.dicomweb import qido
from sightline.dicomweb.page import Page, page
from sightline.dicomweb.paging import Step, steps
from sightline.dicomweb.patient_number import PatientNumber, Whose, numbers_of
from sightline.dicomweb.qido import values
from sightline.dicomweb.question import Form, TakenForms
from sightline.dicomweb.series import SERIES_FIELDS, series_of
from sightline.errors import (
    OwnAccessRefused,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceTooLarge,
    SourceWithoutStudies,
)
from sightline.outbound import Answer, Door
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.settings import ArchiveSettings
from sightline.settings.addresses import origin_of
from sightline.study import Study
from sightline.study_details import Series

DICOM_JSON = "application/dicom+json, application/json;q=0.9"
_ANSWERS = (200, 204, 206)

_taken = TakenForms()


class DicomWebClient(Struct, frozen=True):
    """`authorization` is asked at the moment of each request. `request_id` is sent along, as to a FHIR server."""

    archive: ArchiveSettings
    door: Door
    authorization: Authorization
    request_id: str = ""

    @property
    def name(self) -> str:
        """The source as people know it."""
        return self.archive.title

    def studies(self, patient: Patient) -> Iterator[Batch]:
        """The patient's studies, an answer at a time, by each number of the patient that the archive goes by.

        A failing first answer raises, SourceNotAsking where nothing can be asked; a later failure ends the list with
        its reason in the last batch.
        """
        numbers, count, answered = numbers_of(patient, self.archive), 0, False
        deadline = time.monotonic() + self.archive.limits.list_seconds
        for number in numbers:
            try:
                for batch in self._walked(number, deadline):
                    answered, room = True, self.archive.limits.studies - count
                    count += len(batch.studies)
                    if len(batch.studies) > room:
                        batch.studies, batch.cut_after = batch.studies[:room], self.archive.limits.studies
                    batch.more = (batch.more or number is not numbers[-1]) and batch.cut_after is None
                    yield batch
                    if not batch.more:
                        return
            except SourceError as failure:
                if not answered:
                    raise
                yield Batch(failure=failure)
                return

    def question(self, patient: Patient) -> str:
        """What `studies` asks first, for the audit trail; empty where it cannot ask."""
        try:
            first = numbers_of(patient, self.archive)[0]
        except SourceError:
            return ""
        return f"GET {self.archive.address}{_question(first, _taken.to_try(self.archive)[0], 0)}"

    def has(self, study: str, patient: Patient, seconds: float) -> bool:
        """Whether it has this study, by its UID, as this patient's: by number, issuer and birth date of its record.

        Raises SourceError, SourceNotAsking where it cannot be asked for this patient.
        """
        deadline = time.monotonic() + min(seconds, self.archive.limits.answer_seconds)
        for number in numbers_of(patient, self.archive):
            _, found = self._first(replace(number, study=study), deadline)
            records = [record for record in found.records if values(record, "0020000D") == [study]]
            if records and all(number.whose(record, self.archive) is Whose.THIS_PATIENT for record in records):
                return True
        return False

    def series(self, study: str, seconds: float) -> tuple[Series, ...]:
        """The series that it has of a study, by their numbers. Whose it is must be known before. Raises SourceError."""
        deadline = time.monotonic() + seconds
        try:
            found = self.search(f"/studies/{study}/series?{SERIES_FIELDS}", deadline)
        except SourceRefusedQuestion:
            found = self.search(f"/studies/{study}/series", deadline)
        return series_of(found.records, study)

    def search(self, path: str, deadline: float) -> Page:
        """What a search below its QIDO-RS root finds, by a moment of `time.monotonic`. Raises SourceError."""
        left = min(self.archive.limits.answer_seconds, deadline - time.monotonic())
        if left <= 0:
            raise SourceSlow("the time was used up before the last question")
        answer = self._sent(f"{self.archive.address}{path}", DICOM_JSON, left)
        if answer.status not in _ANSWERS:
            raise _REFUSALS.get(answer.status, SourceFailed)(f"HTTP {answer.status}", _SENTENCES.get(answer.status, ""))
        return page(answer)

    def retrieve(self, path: str, accept: str, seconds: float | None = None) -> Answer:
        """What the archive has at `path`, below its WADO-RS root (`/studies/…`), whatever its status.

        Raises SourceError.
        """
        return self._sent(f"{self.archive.wado_address}{path}", accept, seconds)

    @property
    def _roots(self) -> tuple[str, ...]:
        """Where it is, for the hospital's rules on viewers."""
        return tuple(dict.fromkeys((self.archive.wado_address, self.archive.address)))

    def _walked(self, number: PatientNumber, deadline: float) -> Iterator[Batch]:
        form, first = self._first(number, deadline)
        count = 0
        for step in steps(first, lambda at: self._page(number, form, at, deadline), self.archive.limits.pages):
            batch = self._batch(step, number)
            count += len(batch.studies)
            batch.cut_after = count if step.cut else None
            yield batch

    def _first(self, number: PatientNumber, deadline: float) -> tuple[Form, Page]:
        """The first page, and the way of asking that the archive takes."""
        *others, last = _taken.to_try(self.archive)
        for form in others:
            try:
                found = self._page(number, form, 0, deadline)
            except SourceRefusedQuestion:
                continue
            _taken.took(self.archive, form)
            return form, found
        found = self._page(number, last, 0, deadline)
        _taken.took(self.archive, last)
        return last, found

    def _page(self, number: PatientNumber, form: Form, offset: int, deadline: float) -> Page:
        return self.search(_question(number, form, offset), deadline)

    def _batch(self, step: Step, number: PatientNumber) -> Batch:
        """The page's studies of this patient, and the count of everything else in it."""
        studies: list[Study] = []
        foreign: set[str] = set()
        others, unconfirmed, unreadable = 0, 0, step.page.unreadable
        for record in step.page.records:
            try:
                study = qido.study(record, self.name, self._roots)
            except qido.Unreadable:
                unreadable += 1
                continue
            whose = number.whose(record, self.archive)
            if whose is Whose.THIS_PATIENT:
                studies.append(study)
            elif whose is Whose.OTHER_PATIENT:
                others += 1
            else:
                unconfirmed += 1
            if whose in (Whose.OTHER_PATIENT, Whose.CONTRADICTED):
                foreign.update(study.uids)
        left_out = LeftOut(
            others,
            unconfirmed,
            unreadable,
            step.announced,
            warnings=step.page.warnings,
            foreign_uids=frozenset(foreign),
        )
        return Batch(studies, left_out, more=not step.last, failure=step.failure)

    def _sent(self, url: str, accept: str, seconds: float | None) -> Answer:
        """The answer; after a 401 it is asked once more, if there is something else to ask with."""

        def sent(authorization: str) -> Answer:
            headers = {"Accept": accept} | ({"Authorization": authorization} if authorization else {})
            headers |= {"X-Request-Id": self.request_id} if self.request_id else {}
            roots = (origin_of(self.archive.address), origin_of(self.archive.wado_address))
            return self.door.send(
                "GET", url, origins=roots, networks=self.archive.private_networks, headers=headers, seconds=seconds
            )

        header = self.authorization.header()
        answer = sent(header)
        if answer.status == 401 and (another := self.authorization.after_refusal(header)):
            answer = sent(another)
        return answer


def _question(number: PatientNumber, form: Form, offset: int) -> str:
    return f"/studies?{form.query(number, offset)}"


_REFUSALS: dict[int, type[SourceError]] = {
    400: SourceRefusedQuestion,
    401: OwnAccessRefused,
    403: OwnAccessRefused,
    404: SourceWithoutStudies,
    405: SourceWithoutStudies,
    413: SourceTooLarge,
    501: SourceWithoutStudies,
}
_SENTENCES = {413: Phrase("The archive has more studies of this patient than it gives out at once.")}
