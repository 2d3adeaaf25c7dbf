"""Threats in what others wrote of a patient: HTML that acts, documents that are not what they say, or lie elsewhere."""

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
import requests
from flask import Request, Response

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail, ehr_answering

HOSTILE = "fault-reports-hostile"


@pytest.fixture
def user(pair: Pair) -> EhrUser:
    return EhrUser(pair)


def hostile_report(user: EhrUser) -> Page:
    listed = user.opens_chart("ada", HOSTILE)
    row = next(row for row in listed.rows if row.description == "Echocardiography")
    return user.visits(urljoin(listed.url, f"report/{row.key}"))


def hostile_document(user: EhrUser, number: int, query: str = "") -> requests.Response:
    page = hostile_report(user)
    (link,) = [link["href"] for link in page.root.all("a") if link["href"].endswith(f"/{number}?download=1")]
    return user.asks(urljoin(page.url, link.replace("?download=1", query)))


def test_hostile_html_in_a_report(user: EhrUser) -> None:
    """Its words stay, in our page's own order; nothing of it acts, and the patient line is the only one."""
    page = hostile_report(user)
    words = page.root.one("div", "words")

    assert "Lungs clear" in words.text
    assert not [element for element in words.all() if element.attributes]
    assert {form["action"].split("/")[1] for form in page.root.all("form")} == {"s"}
    assert "elsewhere.example" not in page.html
    assert page.patient.startswith("LINDQVIST, Ada")
    assert len(page.root.all("h1")) == 1
    assert "&lt;script&gt;" in page.html
    assert "\u202e" not in page.html


def test_page_that_says_it_is_a_pdf(user: EhrUser) -> None:
    for query in ("", "?download=1"):
        answer = hostile_document(user, 0, query)
        assert answer.status_code == 502
        assert "not what it says it is" in answer.text
        assert "elsewhere.example" not in answer.text


def test_pdf_with_scripts(user: EhrUser) -> None:
    answer = hostile_document(user, 1)

    assert b"/JavaScript" in answer.content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox; ")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", [2, 3])
def test_document_elsewhere_is_not_asked_for(user: EhrUser, number: int) -> None:
    """On another host, or above the EHR's own base: the chart's token goes to neither."""
    heard: list[str] = []

    def hear(request: Request) -> Response | None:
        heard.append(request.path)
        return None

    with ehr_answering(user.pair, hear, "/audit/fhir/r4/AuditEvent"):
        answer = hostile_document(user, number)
    assert answer.status_code == 502
    assert heard == []


def test_documents_of_other_kinds(user: EhrUser) -> None:
    """An SVG would run its script in our name if a browser showed it."""
    answer = hostile_document(user, 4)

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.bin"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_huge_documents(sightline_with: Callable[[Callable[[str], str]], Pair], tmp_path: object) -> None:
    pair = sightline_with(lambda toml: toml.replace("[limits]", "[limits]\nanswer_megabytes = 1"))
    person = EhrUser(pair)
    listed = person.opens_chart("ada")
    row = next(row for row in listed.rows if row.description == "Echocardiography")
    page = person.visits(urljoin(listed.url, f"report/{row.key}"))
    (record,) = [r for r in pair.hospital.extensions["hospital"].reports_of("ada") if r.document == "binary"]
    path = f"/fhir/r4/Binary/{record.id.replace('report', 'document')}"
    trail = Trail(pair.data_folder)

    with ehr_answering(pair, lambda _: Response(b"%PDF-" + b"x" * 2_000_000, mimetype="application/pdf"), path):
        answer = person.asks(page.frame)
    assert answer.status_code == 502
    assert [(r["action"], r["outcome"]) for r in trail.records] == [("report", "SourceTooLarge")]
