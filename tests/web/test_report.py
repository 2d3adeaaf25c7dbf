"""Reports in the chart: the mark in the row, the page with the words, documents, and every way of there being none."""

from collections.abc import Callable
from threading import Event
from urllib.parse import urljoin

import pytest
import requests
from flask import Request, Response

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.searchset import searchset
from tests.web.conftest import Overheard, Trail

Answers = Callable[..., list[Request]]
Start = Callable[[Callable[[str], str]], Pair]

SEARCH = "/fhir/r4/DiagnosticReport"
VERSIONS = ["dstu1", "dstu2", "stu3", "r4", "r4b", "r5"]
FOUND = {
    "Chest PA": "PRELIMINARY report",
    "Echocardiography": "Report",
    "PET/CT chest, FDG": "Report – amended 03-Apr-2026",
    "MR brain": "No report found",
    "CT chest": "Report withdrawn",
}


def marks(page: Page) -> dict[str, str]:
    """What each study's row says of its report, by the study's description."""
    found = {}
    for row in page.root.one("tbody").all("tr"):
        said = [*row.all("a", "report"), *row.all("span", "no-report")]
        description = row.words_of("bdi", "description")
        found[description] = said[0].text if said else ""
    return found


def report_on(user: EhrUser, page: Page, description: str) -> Page:
    """The report page of the newest study of this description."""
    row = next(row for row in page.rows if row.description == description)
    (link,) = [link for link in page.root.all("a", "report") if link["href"].startswith(f"report/{row.key}")]
    return user.visits(urljoin(page.url, link["href"]))


def documents(page: Page) -> list[str]:
    return [urljoin(page.url, link["href"]) for link in page.root.all("a") if "/document/" in link["href"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_row_says_in_every_fhir_version_what_there_is_of_a_report(user: EhrUser, version: str) -> None:
    said = marks(user.opens_chart("ada", version))
    assert {name: said[name] for name in FOUND} == FOUND


@pytest.mark.parametrize("version", VERSIONS)
def test_report_is_read_in_every_fhir_version_without_opening_images(
    user: EhrUser, overheard: Overheard, version: str
) -> None:
    page = report_on(user, user.opens_chart("ada", version), "CT chest with contrast")

    assert page.status == 200
    assert page.patient.startswith("LINDQVIST, Ada")
    assert "Nodule of 6 mm in the right upper lobe" in page.text
    assert "Final · Issued 05-Mar-2026 17:15" in page.text
    assert "Radiology Department" in page.text
    assert page.has_link("Images")
    assert not [asked for asked in overheard.asked if "display" in asked]


@pytest.mark.parametrize("version", VERSIONS)
def test_pdf_in_a_record_of_its_own_is_shown_where_the_report_has_no_words(user: EhrUser, version: str) -> None:
    page = report_on(user, user.opens_chart("ada", version), "Echocardiography")
    answer = user.asks(page.frame)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_preliminary_stands_above_the_words_and_amended_says_when(user: EhrUser) -> None:
    """Point 11."""
    page = user.opens_chart("ada")
    preliminary = report_on(user, page, "Chest PA").text
    assert preliminary.index("PRELIMINARY") < preliminary.index("Heart size normal.")
    assert "Amended 03-Apr-2026" in report_on(user, page, "PET/CT chest, FDG").text


def test_words_of_a_withdrawn_report_are_not_shown(user: EhrUser) -> None:
    listed = user.opens_chart("ada")
    withdrawn = next(row for row in listed.rows if row.description == "CT chest")
    page = user.visits(urljoin(listed.url, f"report/{withdrawn.key}"))

    assert "Report withdrawn. Its words are not shown, since they no longer hold." in page.text
    assert "Nodule" not in page.text
    assert documents(page) == []


def test_no_report_found_is_not_not_reported(user: EhrUser) -> None:
    listed = user.opens_chart("ada")
    page = user.visits(urljoin(listed.url, f"report/{listed.row('MR brain').key}"))

    assert page.headings == ["Report", "No report found"]
    assert "It may have been reported elsewhere, or not be here yet." in page.text
    assert page.has_link("Ask again")


FAILURES = (
    ("fault-reports-error", "Look for a report", "Reports could not be asked for", "This does not mean that there"),
    ("fault-reports-slow", "Look for a report", "Reports could not be asked for", "This does not mean that there"),
    ("fault-reports-forbidden", "", "Reports are not permitted for this chart", "There may be one."),
    ("r4-no-reports", "", "Reports are not permitted for this chart", "There may be one."),
)


@pytest.mark.parametrize(("ehr", "mark", "heading", "sentence"), FAILURES)
def test_failed_not_permitted_and_not_found_are_different_words(
    user: EhrUser, ehr: str, mark: str, heading: str, sentence: str
) -> None:
    listed = user.opens_chart("ada", ehr)
    assert set(marks(listed).values()) == {mark}
    assert "No report found" not in listed.text
    assert len(listed.rows) == 13

    page = user.visits(urljoin(listed.url, f"report/{listed.row('MR brain').key}"))
    assert page.headings == ["Report", heading]
    assert sentence in page.text
    assert "No report found" not in page.text


def test_list_says_once_above_the_rows_why_there_are_no_reports(user: EhrUser) -> None:
    notices = {ehr: user.opens_chart("ada", ehr).notices[0] for ehr, *_ in FAILURES}

    assert notices["fault-reports-error"].startswith("Reports could not be asked for. The hospital's system answered")
    assert notices["fault-reports-slow"].startswith("Reports are still being asked for.")
    assert notices["fault-reports-forbidden"].startswith("Reports are not shown. This chart gave no permission")
    assert notices["r4-no-reports"] == notices["fault-reports-forbidden"]


def test_without_permission_nobody_is_asked_for_reports(user: EhrUser, overheard: Overheard) -> None:
    user.opens_chart("ada", "r4-no-reports")
    assert not [asked for asked in overheard.asked if "DiagnosticReport" in asked]


def test_site_that_wants_no_reports_asks_for_none_and_says_nothing(sightline_with: Start) -> None:
    pair = sightline_with(lambda toml: toml.replace('reports = "beside"', 'reports = "none"'))
    person = EhrUser(pair)
    listed = person.opens_chart("ada")

    assert set(marks(listed).values()) == {""}
    assert not [notice for notice in listed.notices if "eport" in notice]
    page = person.visits(urljoin(listed.url, f"report/{listed.row('MR brain').key}"))
    assert page.headings == ["Report", "Reports are not shown here"]


def test_report_of_another_patient_is_left_out_and_counted(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-reports-other-patient")

    assert page.notices[0].startswith("Left out. 4 reports of another patient came with the answer")
    assert marks(page)["MR brain"] == "Look for a report"
    assert "Liver" not in page.text


def test_report_that_turns_out_to_be_another_patients_is_not_shown(
    user: EhrUser, trail: Trail, ehr_answers: Answers
) -> None:
    """The list named it for Ada; when it is read it is Cleo's."""
    listed = user.opens_chart("ada")
    asked = ehr_answers(lambda request: None, SEARCH)
    row = listed.row("CT chest with contrast")
    (report_id,) = {r.id for r in user.pair.hospital.extensions["hospital"].reports_of("ada") if r.document == "inline"}
    stolen = {
        "resourceType": "DiagnosticReport",
        "id": report_id,
        "status": "final",
        "subject": {"reference": "Patient/cleo"},
        "conclusion": "Cleo's secret",
    }
    ehr_answers(lambda request: stolen, f"{SEARCH}/{report_id}")
    page = user.visits(urljoin(listed.url, f"report/{row.key}"))

    assert asked == []
    assert "This report could not be read." in page.text
    assert "Cleo" not in page.text
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("report", "SourceFailed")


def test_report_that_was_withdrawn_since_the_list_is_shown_as_it_is_now(user: EhrUser, ehr_answers: Answers) -> None:
    listed = user.opens_chart("ada")
    (record,) = [r for r in user.pair.hospital.extensions["hospital"].reports_of("ada") if r.document == "inline"]
    now = {
        "resourceType": "DiagnosticReport",
        "id": record.id,
        "status": "entered-in-error",
        "subject": {"reference": "Patient/ada"},
        "identifier": [{"value": record.accession}],
        "conclusion": "of another patient",
    }
    ehr_answers(lambda request: now, f"{SEARCH}/{record.id}")
    page = report_on(user, listed, "CT chest with contrast")

    assert "Report withdrawn." in page.text
    assert "of another patient" not in page.text


def test_reading_is_on_the_trail_before_it_is_shown(user: EhrUser, trail: Trail) -> None:
    listed = user.opens_chart("ada")
    report_on(user, listed, "CT chest with contrast")
    looked, read = trail.records[-2:]
    ehr = f"{user.pair.hospital_url}/fhir/r4"

    assert looked["action"] == "list"
    assert looked["report_query"].startswith(f"GET {ehr}/DiagnosticReport?patient=ada&_count=100&category=")
    assert (read["action"], read["outcome"], read["patient"]) == ("report", "success", "ada")
    assert read["report"].startswith("DiagnosticReport/report-")
    assert read["study"].startswith("ImagingStudy/")
    assert read["accession"] == "A-20260305-01"


def test_document_is_on_the_trail_too_and_so_is_one_that_is_refused(user: EhrUser, trail: Trail) -> None:
    page = report_on(user, user.opens_chart("ada"), "CT chest with contrast")
    before = len(trail.records)
    user.asks(documents(page)[0])
    user.asks(documents(page)[0].replace("/0?", "/9?"))

    assert [(r["action"], r["outcome"]) for r in trail.records[before:]] == [
        ("report", "success"),
        ("report", "ReportNotFound"),
    ]


def test_pdf_may_do_nothing_and_other_documents_are_downloads_only(user: EhrUser) -> None:
    page = report_on(user, user.opens_chart("ada"), "CT chest with contrast")
    pdf, rtf = documents(page)
    inline = user.asks(pdf.replace("?download=1", ""))

    def head(answer: requests.Response) -> tuple[str, str]:
        return answer.headers["Content-Type"], answer.headers["Content-Disposition"]

    assert head(inline) == ("application/pdf", 'inline; filename="report.pdf"')
    assert head(user.asks(pdf)) == ("application/pdf", 'attachment; filename="report.pdf"')
    assert head(user.asks(rtf)) == ("application/octet-stream", 'attachment; filename="report.rtf"')
    assert head(user.asks(rtf.replace("?download=1", ""))) == head(user.asks(rtf))
    for answer in (inline, user.asks(rtf)):
        assert answer.headers["Content-Security-Policy"].startswith(
            "default-src 'none'; sandbox; frame-ancestors 'self'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("ehr", ["r4-reports-only", "fault-not-found"])
def test_server_without_imaging_studies_gives_a_list_of_reports_that_opens_by_accession(
    user: EhrUser, trail: Trail, ehr: str
) -> None:
    page = user.opens_chart("ada", ehr)

    assert page.notices[0].startswith("Made of reports.")
    assert "Studies without a report are not in it." in page.notices[0]
    assert "End of list" not in page.text
    assert marks(page)["Chest PA"] == "PRELIMINARY report"
    viewer = user.opens_images(page, "CT chest with contrast")
    assert "accessionNumber=A-20260305-01" in user.asks(viewer.frame).headers["Location"]
    assert "Nodule of 6 mm" in report_on(user, page, "CT chest with contrast").text
    assert trail.records[-1]["action"] == "report"


def test_server_without_imaging_studies_and_reports_of_the_patient_is_no_empty_list(user: EhrUser) -> None:
    page = user.opens_chart("ben", "r4-reports-only")

    assert page.headings[1] == "The list is incomplete"
    assert "This does not mean that there are no images" in page.text


def test_server_that_has_neither_studies_nor_reports_is_an_error(user: EhrUser, ehr_answers: Answers) -> None:
    ehr_answers(lambda request: Response(status=404), "/fault/not-found/fhir/r4/DiagnosticReport")
    assert user.opens_chart("ada", "fault-not-found").status == 502


def test_imaging_report_without_a_study_here_is_named_and_can_be_read(user: EhrUser, ehr_answers: Answers) -> None:
    lone = {
        "resourceType": "DiagnosticReport",
        "id": "lone",
        "status": "final",
        "subject": {"reference": "Patient/ada"},
        "code": {"text": "MR from elsewhere"},
        "category": [{"coding": [{"code": "RAD"}]}],
        "issued": "2026-02-02T10:00:00+01:00",
        "conclusion": "Read elsewhere.",
    }
    ehr_answers(lambda request: searchset(lone), SEARCH)
    ehr_answers(lambda request: lone, f"{SEARCH}/lone")
    listed = user.opens_chart("ada")
    (link,) = [link for link in listed.root.all("a") if link.text.startswith("MR from elsewhere 02-Feb-2026")]
    page = user.visits(urljoin(listed.url, link["href"]))

    assert listed.notices[0].startswith("Without a study here. 1 imaging report belongs to no study in this list:")
    assert "Read elsewhere." in page.text
    assert "belongs to no study in the list" in page.text


def test_server_that_takes_no_categories_is_asked_more_and_more_plainly(user: EhrUser, ehr_answers: Answers) -> None:
    def plain_only(request: Request) -> Response | None:
        return Response(status=400) if "category" in request.args else None

    asked = ehr_answers(plain_only, SEARCH)
    assert marks(user.opens_chart("ada"))["Echocardiography"] == "Report"
    assert [request.args.get("category", "") for request in asked][1:] == [
        "http://terminology.hl7.org/CodeSystem/v2-0074|RAD",
        "",
    ]


def test_list_does_not_wait_for_slow_reports_and_has_them_when_they_have_come(
    user: EhrUser, ehr_answers: Answers
) -> None:
    may_come = Event()

    def late(request: Request) -> Response | None:
        assert may_come.wait(10)
        return None

    ehr_answers(late, SEARCH)
    listed = user.opens_chart("ada")
    assert set(marks(listed).values()) == {"Look for a report"}
    may_come.set()
    assert "Nodule of 6 mm" in report_on(user, listed, "CT chest with contrast").text
    assert marks(user.visits(listed.url))["Chest PA"] == "PRELIMINARY report"


def test_key_of_another_chart_opens_no_report(user: EhrUser) -> None:
    cleos = EhrUser(user.pair)
    stolen = documents(report_on(cleos, cleos.opens_chart("max"), "MR Brain"))[:1]
    own = user.opens_chart("ada")
    key = stolen[0].rsplit("/document/", 1)[1]

    assert user.visits(urljoin(own.url, f"document/{key}")).status == 404
    assert user.visits(stolen[0]).status == 401


def test_link_to_the_report_stands_beside_the_images_and_opens_a_column_without_javascript(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "CT chest with contrast")
    assert "Nodule" in user.visits(viewer.link("Report")).text
    split = user.visits(viewer.link("Report beside"))
    frames = [frame["src"] for frame in split.root.all("iframe")]

    assert len(frames) == 2
    assert "Nodule" in user.visits(urljoin(split.url, frames[1])).text
    assert split.has_link("Close report")


def test_viewer_offers_no_report_without_permission(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada", "r4-no-reports"), "CT chest with contrast")
    assert not viewer.has_link("Report")
