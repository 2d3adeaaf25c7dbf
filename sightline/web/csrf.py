"""Forms come from our own pages: every POST carries a digest of the key that it uses, and comes from our own origin.

The cookies of a framed app are `SameSite=None`, so a foreign page can have the browser send them; what they hold it
cannot read. So the digest needs neither a session nor a cookie of its own, and ends with the chart.
"""

import hmac
from collections.abc import Callable

from flask import Flask, request

from sightline.errors import ChartClosed, FormNotOurs
from sightline.web import charts, signed_in
from sightline.web.parts import parts

FIELD = "csrf"

_KEYS: tuple[Callable[[], str], ...] = (charts.key_of_request, signed_in.key_of_request)
"""What gives the keys that may have come with a request; a page whose forms use another adds it here."""


def register(app: Flask) -> None:
    """Refuses, before any page sees it, every request that would change something and is not our own page's."""
    app.before_request(_refuse_foreign)


def token(key: str) -> str:
    """What a page's form sends along in the field `csrf`."""
    return hmac.digest(key.encode(), b"sightline form", "sha256").hex()


def _refuse_foreign() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS") or request.url_rule is None:
        return
    if not _is_of_our_origin():
        raise FormNotOurs("the browser says that another site sent this form")
    keys = [key for key in (key_of_request() for key_of_request in _KEYS) if key]
    if not keys:
        raise ChartClosed("no cookie came along with the form")
    sent = request.form.get(FIELD, "").encode()
    if not any(hmac.compare_digest(sent, token(key).encode()) for key in keys):
        raise FormNotOurs("the form carries no token of this chart")


def _is_of_our_origin() -> bool:
    """Fetch Metadata and Origin, where the browser sends them. Our own forms' Origin is "null": we send no referrer."""
    sites, origins = ("same-origin",), ("null", parts().settings.public_url)
    return (
        request.headers.get("Sec-Fetch-Site", sites[0]) in sites
        and request.headers.get("Origin", origins[0]) in origins
    )
