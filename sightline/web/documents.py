"""A report's document as the browser gets it: a PDF that is one, to be looked at; everything else as a download only.

Whatever it is, it is somebody else's: no page of ours, no script, no request, and never another type than we say.
"""

from flask import Response, make_response

from sightline.errors import ReportUnreadable
from sightline.phrase import Phrase
from sightline.report import Form
from sightline.web import headers

_PDF = "application/pdf"
_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1024  # ISO 32000-1 annex H: readers take a header that begins so late
# Type as declared -> the ending of the file, and what people call it. All are given out as bytes of no kind.
_KINDS = {
    _PDF: ("pdf", "PDF"),
    "application/rtf": ("rtf", "RTF"),
    "text/rtf": ("rtf", "RTF"),
    "application/msword": ("doc", Phrase("Word document")),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx", Phrase("Word document")),
    "application/vnd.oasis.opendocument.text": ("odt", Phrase("OpenDocument")),
    "image/jpeg": ("jpg", Phrase("JPEG image")),
    "image/png": ("png", Phrase("PNG image")),
    "image/tiff": ("tif", Phrase("TIFF image")),
    "application/xml": ("xml", Phrase("XML document")),
    "text/xml": ("xml", Phrase("XML document")),
    "application/hl7-cda+xml": ("xml", Phrase("CDA document")),
}


def is_pdf(form: Form) -> bool:
    """Whether it says so; whether it is one only its bytes can say."""
    return form.content_type == _PDF


def kind(form: Form) -> str:
    """What people call it."""
    return _KINDS.get(form.content_type, ("", Phrase("Document")))[1]


def response(form: Form, content: bytes, *, download: bool) -> Response:
    """The document. Raises ReportUnreadable where what says to be a PDF is none, or where there is nothing in it."""
    if not content:
        raise ReportUnreadable("an empty document")
    if is_pdf(form) and _MAGIC not in content[:_MAGIC_WITHIN]:
        raise ReportUnreadable("a PDF that is none")
    to_look_at = is_pdf(form) and not download
    answer = make_response(content)
    answer.headers["Content-Type"] = _PDF if is_pdf(form) else "application/octet-stream"
    ending = _KINDS.get(form.content_type, ("bin", ""))[0]
    answer.headers["Content-Disposition"] = f'{"inline" if to_look_at else "attachment"}; filename="report.{ending}"'
    answer.headers["Content-Security-Policy"] = headers.policy_of_a_document()
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
