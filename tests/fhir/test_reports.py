"""What a FHIR server is asked about reports: all of them, one, a document; and what it must not get us to do."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from sightline.authorization import FixedHeader
from sightline.errors import NotAllowed, ReportUnreadable, SourceError, SourceFailed
from sightline.fhir.client import FhirClient
from sightline.fhir.reports import ReportQuestions
from sightline.outbound import Door
from sightline.report import Asked, Form, Reports
from tests.far_side import Asked as Request, FarSide, Reply, as_json, ehr_at, in_turn, limits_of
from tests.fhir.test_report_search import diagnostic_report
from tests.searchset import searchset

BASE = "/fhir"
PDF = b"%PDF-1.4 words"

Answer = Callable[[Request], Reply]


class Forbidding(FixedHeader):
    """A token whose scopes hold no reports, or some kinds of them only."""

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return self.value == "Bearer some" and not whole


def questions_at(server: FarSide, authorization: FixedHeader | None = None) -> ReportQuestions:
    ehr, door = ehr_at(server.url + BASE), Door(5, 100_000)
    return ReportQuestions(FhirClient(ehr, limits_of(), door, authorization or FixedHeader("Bearer t0ken")))


def asked_for_all(answer: Answer, authorization: FixedHeader | None = None) -> tuple[Reports, list[Request]]:
    with FarSide(answer) as server:
        return questions_at(server, authorization).of_patient("ada"), server.asked


def document(form: Form, answer: Answer) -> tuple[bytes, list[Request]]:
    with FarSide(answer) as server:
        return questions_at(server).document(form), server.asked


def test_all_pages_are_read_and_each_report_counts_once() -> None:
    pages = in_turn(
        as_json(searchset(diagnostic_report("1"), diagnostic_report("2"), next_url="?page=2")),
        as_json(searchset(diagnostic_report("2"), diagnostic_report("3"))),
    )
    reports, asked = asked_for_all(pages)

    assert (reports.asked, [report.id for report in reports.found]) == (Asked.ANSWERED, ["1", "2", "3"])
    assert reports.is_whole
    assert {request.headers["Authorization"] for request in asked} == {"Bearer t0ken"}


@pytest.mark.parametrize("link", ["https://elsewhere.example/fhir/DiagnosticReport?p=2", "/other/DiagnosticReport?p=2"])
def test_next_page_elsewhere_is_not_asked_for_and_the_answer_is_not_whole(link: str) -> None:
    reports, asked = asked_for_all(lambda _: as_json(searchset(diagnostic_report("1"), next_url=link)))

    assert [report.id for report in reports.found] == ["1"]
    assert not reports.is_whole
    assert len(asked) == 1


@pytest.mark.parametrize("later", [Reply(500), as_json(searchset(next_url="?page=2"))])
def test_later_page_that_fails_or_never_ends_leaves_what_came_and_is_said(later: Reply) -> None:
    first = as_json(searchset(diagnostic_report("1"), next_url="?page=2"))
    reports, _ = asked_for_all(lambda request: later if "page" in request.query else first)

    assert [report.id for report in reports.found] == ["1"]
    assert not reports.is_whole


def test_server_that_speaks_of_more_than_it_sent_is_not_believed_to_be_whole() -> None:
    reports, _ = asked_for_all(lambda _: as_json(searchset(diagnostic_report("1"), total=2)))
    assert not reports.is_whole


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (401, Asked.NOT_PERMITTED),
        (403, Asked.NOT_PERMITTED),
        (404, Asked.NOT_OFFERED),
        (405, Asked.NOT_OFFERED),
        (501, Asked.NOT_OFFERED),
        (400, Asked.FAILED),
        (500, Asked.FAILED),
    ],
)
def test_failed_not_permitted_and_not_offered_are_told_apart(status: int, asked: Asked) -> None:
    reports, _ = asked_for_all(lambda _: Reply(status))
    assert (reports.asked, reports.found, reports.is_whole) == (asked, (), False)


def test_without_permission_no_question_is_sent() -> None:
    reports, asked = asked_for_all(lambda _: Reply(500), Forbidding("Bearer none"))
    assert (reports.asked, asked) == (Asked.NOT_PERMITTED, [])


def test_permission_for_some_kinds_only_leaves_it_open_whether_there_are_more() -> None:
    reports, _ = asked_for_all(lambda _: as_json(searchset()), Forbidding("Bearer some"))
    assert (reports.asked, reports.left_out.restricted, reports.is_whole) == (Asked.ANSWERED, True, False)


def test_answer_that_documents_make_too_large_is_asked_for_in_small_pages() -> None:
    def answer(request: Request) -> Reply:
        padding = "A" * (200_000 if request.query["_count"] == "100" else 10)
        return as_json(searchset(diagnostic_report("1", presentedForm=[{"data": padding}])))

    reports, asked = asked_for_all(answer)
    assert [report.id for report in reports.found] == ["1"]
    assert [request.query["_count"] for request in asked] == ["100", "5"]


def test_one_report_is_read_with_its_words() -> None:
    with FarSide(lambda _: as_json(diagnostic_report("r/1"))) as server:
        report = questions_at(server).one("r/1", "ada")
        assert (report.conclusion, server.asked[0].target) == ("words", f"{BASE}/DiagnosticReport/r%2F1")


@pytest.mark.parametrize(
    "answer",
    [
        diagnostic_report("2"),
        diagnostic_report("1", "Patient/cleo"),
        diagnostic_report("1", "https://elsewhere.example/fhir/Patient/ada"),
        {**diagnostic_report("1"), "resourceType": "Observation"},
        {"resourceType": "OperationOutcome"},
    ],
)
def test_report_that_is_another_or_another_patients_is_refused(answer: dict[str, Any]) -> None:
    with FarSide(lambda _: as_json(answer)) as server, pytest.raises(SourceFailed):
        questions_at(server).one("1", "ada")


@pytest.mark.parametrize(("status", "error"), [(403, NotAllowed), (404, SourceFailed), (500, SourceFailed)])
def test_report_that_cannot_be_read_says_why(status: int, error: type[SourceError]) -> None:
    with FarSide(lambda _: Reply(status)) as server, pytest.raises(error):
        questions_at(server).one("1", "ada")


def test_document_in_the_report_needs_no_question() -> None:
    data = base64.b64encode(PDF).decode()
    assert document(Form("application/pdf", data=f"{data[:8]}\n {data[8:]}"), lambda _: Reply(500)) == (PDF, [])


@pytest.mark.parametrize("data", ["no base 64!", "QQ", "é"])
def test_data_that_is_no_base64_is_said_to_be(data: str) -> None:
    with pytest.raises(ReportUnreadable):
        document(Form("application/pdf", data=data), lambda _: Reply(500))


def test_document_behind_an_address_is_fetched_with_the_charts_token_and_asked_for_as_it_is() -> None:
    found, (asked,) = document(Form("application/pdf", url="Binary/9"), lambda _: Reply(200, PDF))

    assert found == PDF
    assert (asked.path, asked.headers["Authorization"]) == (f"{BASE}/Binary/9", "Bearer t0ken")
    assert asked.headers["Accept"].startswith("application/pdf")


@pytest.mark.parametrize("element", ["data", "content"])
def test_document_that_comes_as_a_resource_is_taken_out_of_it(element: str) -> None:
    resource = {"resourceType": "Binary", "contentType": "application/pdf", element: base64.b64encode(PDF).decode()}
    found, _ = document(Form("application/pdf", url="Binary/9"), lambda _: as_json(resource))
    assert found == PDF


@pytest.mark.parametrize("body", [{"resourceType": "Patient", "data": "QQ=="}, {"resourceType": "Binary"}, [], "x"])
def test_json_that_is_no_document_is_none(body: Any) -> None:
    with pytest.raises(ReportUnreadable):
        document(Form("application/pdf", url="Binary/9"), lambda _: as_json(body))


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/report.pdf",
        "//elsewhere.example/report.pdf",
        "/admin/report.pdf",
        "../admin",
        "Binary/%2e%2e/%2e%2e/admin",
        "http://[",
        "file:///etc/passwd",
        "data:application/pdf,x",
        "javascript:alert(1)",
    ],
)
def test_token_goes_to_no_address_outside_of_the_ehrs_own_base(url: str) -> None:
    with FarSide(lambda _: Reply(200, PDF)) as server:
        with pytest.raises(SourceFailed):
            questions_at(server).document(Form("application/pdf", url=url))
        assert server.asked == []


def test_document_larger_than_the_settings_allow_is_not_read() -> None:
    with pytest.raises(SourceError):
        document(Form("application/pdf", url="Binary/9"), lambda _: Reply(200, b"%PDF-" + b"x" * 200_000))
