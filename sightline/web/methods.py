"""Pages whose GET does something (uses up a ticket, records an opening) answer nothing else: no HEAD of a scanner."""

from flask import request
from werkzeug.exceptions import MethodNotAllowed


def no_head() -> None:
    """Before a request of such a blueprint. Flask answers HEAD wherever it answers GET, unless it is told otherwise."""
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET"])
