"""The headers of every response. Who may frame us and whom we may frame comes from the settings alone."""

from flask import Flask, Response, g, request

from sightline.settings import Settings
from sightline.web.parts import parts

_MAY_BE_KEPT = ("static", "client_keys.page")
"""What holds nothing of a patient or a chart."""

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def register(app: Flask) -> None:
    """Adds them after every request, error pages and static files included."""
    viewers = _framed(app.extensions["sightline"].settings)
    app.after_request(lambda response: _add(response, viewers))


def _add(response: Response, viewers: str) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy(viewers))
    response.headers.extend(_ALWAYS)
    if request.endpoint not in _MAY_BE_KEPT:
        response.headers["Cache-Control"] = "no-store"
    if parts().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def policy_of_a_document() -> str:
    """The policy of what is not ours, such as a PDF: it may do nothing, in the same frames as our pages."""
    return f"default-src 'none'; sandbox; frame-ancestors 'self' {_ancestors()}"


def _ancestors() -> str:
    known = g.get("chart") or g.get("signed_in")
    ehrs = (known.ehr,) if known else parts().settings.ehrs
    return " ".join(sorted({origin for ehr in ehrs for origin in ehr.frame_ancestors}))


def _framed(settings: Settings) -> str:
    """The origins of all viewers that may stand in our frame."""
    framed = [viewer for viewer in settings.viewers if viewer.may_be_framed]
    return " ".join(sorted({origin for viewer in framed for origin in (viewer.origin, *viewer.frame_origins)}))


def _policy(viewers: str) -> str:
    # What posts itself to a viewer may post there only, and has an origin of its own in the viewer's frame.
    posts_to, held = (g.posts_to, "; sandbox allow-scripts allow-forms") if "posts_to" in g else (("'self'",), "")
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action {' '.join(posts_to)}; base-uri 'none'; frame-src 'self' {viewers}; "
        f"frame-ancestors 'self' {_ancestors()}{held}"
    )
