"""Pages whose GET does something (uses up a ticket, records an opening) answer a person's GET and nothing else."""

from flask import request
from werkzeug.exceptions import MethodNotAllowed, ServiceUnavailable


def deliberate_get_only() -> None:
    """Before a request of such a blueprint: no HEAD of a scanner, no prefetch of a page that nobody opened yet.

    Flask answers HEAD wherever it answers GET, unless it is told otherwise. A browser throws an answer of 503 to a
    prefetch away and asks again when the page is really opened (Fetch, `Sec-Purpose`).
    """
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET"])
    if "prefetch" in request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", ""):
        raise ServiceUnavailable
