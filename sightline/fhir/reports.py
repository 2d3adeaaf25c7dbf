"""What a FHIR server is asked about reports: all of one patient's, one of them, and a document that one is kept in."""

import base64
import binascii
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from msgspec import Struct

from sightline import json_text
from sightline.batch import LeftOut
from sightline.errors import (
    NotAllowed,
    OwnAccessRefused,
    ReportUnreadable,
    SignInEnded,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceTooLarge,
    SourceWithoutStudies,
)
from sightline.fhir import diagnostic_report, paging, report_search
from sightline.fhir.client import FhirClient
from sightline.fhir.report_search import ReportPage
from sightline.fhir.subject import Subject, whose
from sightline.phrase import Phrase
from sightline.report import Asked, Form, Report, Reports

_KIND = "DiagnosticReport"
_NOT_KNOWN = Phrase("The hospital's system does not know this report any more.")
_NOT_HELD = Phrase("The hospital's system does not hold this document any more.")
# R4 Binary: a server answers with the document itself where no FHIR format is asked for. Some send the resource anyway.
_DOCUMENT = "application/pdf, */*;q=0.8"


class ReportQuestions(Struct, frozen=True):
    """The questions to one EHR's FHIR server, with the permission of `client`."""

    client: FhirClient

    @property
    def permitted(self) -> bool:
        """Whether the permission lets anybody search for reports; where that is not known it is asked."""
        return self.client.authorization.may_search(_KIND)

    def question(self, patient_id: str) -> str:
        """What `of_patient` asks first, for the audit trail (BALP PatientQuery)."""
        return f"GET {self._address(report_search.questions(self.client.version, patient_id)[0])}"

    def of_patient(self, patient_id: str) -> Reports:
        """All of the patient's reports on imaging, without their words. Raises nothing: what went wrong is in it."""
        now = time.time()
        try:
            if not self.permitted:
                return Reports(Asked.NOT_PERMITTED, now)
            found, left_out = self._found(patient_id)
        except SourceWithoutStudies as answer:
            return Reports(Asked.NOT_OFFERED, now, detail=answer.detail)
        except (NotAllowed, SignInEnded, OwnAccessRefused) as refusal:
            return Reports(Asked.NOT_PERMITTED, now, detail=refusal.detail)
        except SourceError as failure:
            return Reports(Asked.FAILED, now, sentence=failure.sentence, detail=failure.detail)
        return Reports(Asked.ANSWERED, now, tuple({report.id: report for report in found}.values()), left_out)

    def one(self, report_id: str, patient_id: str) -> Report:
        """The report as it is now, with its words. Raises SourceError, also where it is another patient's."""
        try:
            resource = self.client.resource(_KIND, report_id)
        except SourceWithoutStudies as answer:
            raise SourceFailed(answer.detail, _NOT_KNOWN) from answer
        try:
            found = diagnostic_report.report(resource, self.client.name, report_id)
        except diagnostic_report.Unreadable as cause:
            raise ReportUnreadable(str(cause)) from cause
        if whose(found.subject, patient_id, self.client.ehr.iss) is not Subject.THIS_PATIENT:
            raise SourceFailed("asked for a report of one patient, was answered with one that is not clearly theirs")
        return found

    def document(self, form: Form) -> bytes:
        """The bytes of a report's document: what stands in it, else what its address holds. Raises SourceError.

        The address must be below the EHR's own FHIR base: the token goes nowhere else, and nobody else is asked.
        """
        if form.data:
            return _decoded(form.data)
        base = self.client.base
        try:
            answer = self.client.answer(paging.below(base, f"{base}/", form.url), accept=_DOCUMENT)
        except SourceWithoutStudies as gone:
            raise SourceFailed(gone.detail, _NOT_HELD) from gone
        if "json" in answer.headers.get("Content-Type", "") and "json" not in form.content_type:
            return _of_resource(answer.body)
        return answer.body

    def _found(self, patient_id: str) -> tuple[list[Report], LeftOut]:
        """Raises SourceError. Where documents in it make an answer too large, fewer are asked for at once."""
        try:
            return self._asked(patient_id, report_search.PAGE)
        except SourceTooLarge:
            return self._asked(patient_id, report_search.SMALL_PAGE)

    def _asked(self, patient_id: str, count: int) -> tuple[list[Report], LeftOut]:
        for parameters in report_search.questions(self.client.version, patient_id, count):
            try:
                return self._walked(self._address(parameters), patient_id)
            except SourceRefusedQuestion as answer:
                refusal = answer
        raise refusal

    def _walked(self, address: str, patient_id: str) -> tuple[list[Report], LeftOut]:
        """All pages. Raises SourceError for the first one only; what comes after it is then missing."""
        reports: list[Report] = []
        left_out = LeftOut(restricted=not self.client.authorization.may_search(_KIND, whole=True))
        matches = 0
        for page in self._pages(address, patient_id):
            reports += page.reports
            matches += page.matches
            left_out = left_out.plus(page.left_out)
            if not page.next_url and page.total is not None and page.total > matches:
                left_out = left_out.plus(LeftOut(announced=page.total))
        return reports, left_out

    def _pages(self, address: str, patient_id: str) -> Iterator[ReportPage]:
        client, seen = self.client, {address}
        deadline = time.monotonic() + client.limits.list_seconds
        page = self._page(address, patient_id, client.limits.list_seconds)
        yield page
        while page.next_url:
            try:
                if len(seen) >= client.limits.pages:
                    raise SourceFailed("more pages of reports than are read")
                address = paging.followed(address, page.next_url, client.base, seen)
                seen.add(address)
                page = self._page(address, patient_id, max(deadline - time.monotonic(), 0.001))
            except SourceError:
                yield ReportPage(left_out=LeftOut(troubled=True))
                return
            yield page

    def _page(self, address: str, patient_id: str, seconds: float) -> ReportPage:
        body = self.client.answer(address, seconds).body
        return report_search.page(body, self.client.name, patient_id, self.client.ehr.iss)

    def _address(self, parameters: dict[str, str]) -> str:
        return f"{self.client.base}/{_KIND}?{urlencode(parameters)}"


def _of_resource(body: bytes) -> bytes:
    """What a Binary resource holds: in `data`, up to STU3 in `content`."""
    try:
        found = json_text.value(body)
    except json_text.NotReadable as cause:
        raise ReportUnreadable(f"a Binary that is not readable: {cause}") from cause
    is_binary = type(found) is dict and found.get("resourceType") == "Binary"
    held = (found.get("data") or found.get("content")) if is_binary else None
    if type(held) is not str:
        raise ReportUnreadable("JSON, but no Binary with something in it")
    return _decoded(held)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, binascii.Error) as cause:
        raise ReportUnreadable("data that is no Base64") from cause
