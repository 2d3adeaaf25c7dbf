"""One page for everything that goes wrong: what happened, whether data may be missing, what to do, and a reference.

The reference stands in the log beside the facts; the page itself repeats nothing that came from outside.
"""

import logging
import secrets

from flask import Flask, Response, after_this_request, g, request
from werkzeug.exceptions import HTTPException

from sightline.errors import AuditUnavailable, ChartClosed, SightlineError, SignInEnded
from sightline.phrase import Phrase
from sightline.web import templates

_log = logging.getLogger("sightline")
_ABOUT_NOBODY = (ChartClosed, SignInEnded, AuditUnavailable)
"""After these nobody is known to be permitted, or to be recorded, to see even whose chart it is."""
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class PageNotFound(SightlineError):
    status = 404
    heading = Phrase("There is no such page")
    sentence = Phrase("The address names no page of Sightline.")
    missing = Phrase("No patient data was read.")
    action = Phrase("Open imaging from the patient's chart.")


class RequestRefused(SightlineError):
    status = 400
    heading = Phrase("The request was not understood")
    sentence = Phrase("Sightline cannot answer a request of this form.")
    missing = Phrase("No patient data was read.")
    action = Phrase("Open imaging from the patient's chart.")


def register(app: Flask) -> None:
    """Answers every exception with the page."""
    app.register_error_handler(SightlineError, shown)
    app.register_error_handler(HTTPException, _of_the_web)
    app.register_error_handler(Exception, _unforeseen)


def new_reference() -> str:
    """Eight characters that can be read out on the telephone."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(8))  # of 256, each as often


def reference() -> str:
    """The reference of the request being answered: on its page, in the log, on the trail, and in the EHR's own log."""
    if "reference" not in g:
        g.reference = new_reference()
    found: str = g.reference
    return found


def noted(detail: str) -> str:
    """Writes facts without patient data into the log and gives the reference that leads to them."""
    _log.warning("%s %s: %s", reference(), request.endpoint, detail)
    return reference()


def shown(error: SightlineError) -> tuple[str, int]:
    """The page for `error`, with the patient line only where the chart is certain, permitted and recorded."""
    leads_here = noted(f"{type(error).__name__}: {error.detail}")
    back_to = None if isinstance(error, ChartClosed) else g.get("chart")
    chart = None if isinstance(error, _ABOUT_NOBODY) else back_to
    if error.retry_after:
        after_this_request(lambda response: _with_retry_after(response, error.retry_after))
    page = templates.render("error/error.html", error=error, reference=leads_here, chart=chart, back_to=back_to)
    return page, error.status


def _with_retry_after(response: Response, seconds: int) -> Response:
    response.retry_after = seconds
    return response


def _of_the_web(error: HTTPException) -> tuple[str, int]:
    page = PageNotFound if error.code == 404 else RequestRefused
    body, _ = shown(page(f"HTTP {error.code}"))
    return body, error.code or 500


def _unforeseen(error: Exception) -> tuple[str, int]:
    _log.error("unforeseen", exc_info=error)
    return shown(SightlineError(type(error).__name__))
