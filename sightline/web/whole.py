"""A response that is whole leaves in one piece.

Granian takes a list as it is; an iterator, which is what Werkzeug gives it for every response, it asks for one piece
after another, with changes of thread between them. What is written while it is being read is not touched.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class WholeResponse(Response):
    """Flask's own; closed before it leaves, if all of it is there."""

    def get_app_iter(self, environ: "WSGIEnvironment") -> Iterable[bytes]:
        """The body, for the server."""
        body = super().get_app_iter(environ)
        if not self.is_sequence:
            return body
        pieces = list(body)
        self.close()
        return pieces


def register(app: Flask) -> None:
    """Makes it the response of every page."""
    app.response_class = WholeResponse
