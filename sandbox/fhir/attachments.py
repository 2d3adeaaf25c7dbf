"""A report's documents: in the report itself, or in a Binary of this server (R4 DiagnosticReport.presentedForm)."""

import base64
from dataclasses import replace

from sandbox.fhir.parts import Resource
from sandbox.pdf import pdf
from sandbox.records import ReportRecord

RTF = rb"{\rtf1\ansi The same report once more, for a word processor.}"


def binary_id(record: ReportRecord) -> str:
    """The id of the Binary that this report's PDF is kept in."""
    return record.id.replace("report", "document")


def document(record: ReportRecord) -> bytes:
    """The report as a PDF."""
    words = [
        record.title,
        f"Issued {record.issued}",
        record.performer,
        "",
        record.conclusion or "See the measurements.",
    ]
    return pdf(["Fjordview Hospital, Radiology", *words])


def presented(record: ReportRecord) -> list[Resource]:
    """The Attachments of a report that has documents."""
    if record.document == "binary":
        return [{"contentType": "application/pdf", "url": f"Binary/{binary_id(record)}", "title": "Signed report"}]
    if record.document == "inline":
        return [
            {"contentType": "application/pdf", "data": encoded(document(record)), "title": "Signed report"},
            {"contentType": "application/rtf", "data": encoded(RTF)},
        ]
    return []


def encoded(content: bytes) -> str:
    """Base64, as FHIR writes bytes."""
    return base64.b64encode(content).decode()


def without_words(record: ReportRecord) -> ReportRecord:
    """The same where its words stand in the PDF only."""
    return replace(record, conclusion="") if record.document == "binary" else record
