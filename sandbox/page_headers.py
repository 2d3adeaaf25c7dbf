"""The headers of every page that the hospital shows to a person: a strict CSP, nothing stored, no referrer."""

from flask import current_app
from werkzeug.wrappers import Response


def guard(response: Response) -> Response:
    """Add the headers. Only the hospital itself and Sightline may be framed here or be the target of a form.

    `form-action` names Sightline because a browser checks it for the redirect after a form too; `frame-src` names the
    hospital because a launch in a frame passes its authorization server.
    """
    sightline = current_app.config["SIGHTLINE_URL"]
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        f"frame-src 'self' {sightline}",
        f"form-action 'self' {sightline}",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
