"""Forms come from our own pages: every POST carries a digest of the key that it uses, and comes from our own origin.

The cookies of a framed app are `SameSite=None`, so a foreign page can have the browser send them; what they hold it
cannot read. So the digest needs neither a session nor a cookie of its own, and ends with the chart.

Nothing of a form is read before the cookie has opened what the address names: a stranger who sends a body slowly, or
never, must not hold one of the threads that answer. Of those who may send, only so many are read from at once.
"""

import hashlib
import hmac
from collections.abc import Callable
from threading import BoundedSemaphore

from flask import Flask, request

from sightline.errors import ChartClosed, FormNotOurs, FormsWaiting
from sightline.web import charts, signed_in
from sightline.web.parts import parts

FIELD = "csrf"

_KEYS: dict[str, Callable[[str], str]] = {"chart_id": charts.key_to, "sign_in_id": signed_in.key_to}
"""What gives the key of that which an address names; a page whose forms use another adds it here."""

_READ_AT_ONCE = 16  # of the 64 requests that a process answers at a time
_reading = BoundedSemaphore(_READ_AT_ONCE)


def register(app: Flask) -> None:
    """Refuses, before any page sees it, every request that would change something and is not our own page's."""
    app.before_request(_refuse_foreign)


def token(key: str) -> str:
    """What a page's form sends along in the field `csrf`."""
    return hashlib.blake2b(b"sightline form", key=key.encode(), digest_size=32).hexdigest()


def _refuse_foreign() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS") or request.url_rule is None:
        return
    if not _is_of_our_origin():
        raise FormNotOurs("the browser says that another site sent this form")
    key = _key()
    if not hmac.compare_digest(_sent().encode(), token(key).encode()):
        raise FormNotOurs("the form carries no token of this chart")


def _key() -> str:
    """The key that has opened what this address names. Raises ChartClosed, SignInOver."""
    for name, value in (request.view_args or {}).items():
        if name in _KEYS:
            return _KEYS[name](value)
    raise ChartClosed("the address names neither a chart nor a sign-in")


def _sent() -> str:
    """The token in the form, all of which is read here and kept for the page. Raises FormsWaiting."""
    if not _reading.acquire(blocking=False):
        raise FormsWaiting(f"{_READ_AT_ONCE} forms are still being sent")
    try:
        return request.form.get(FIELD, "")
    finally:
        _reading.release()


def _is_of_our_origin() -> bool:
    """Fetch Metadata and Origin, where the browser sends them. Our own forms' Origin is "null": we send no referrer."""
    sites, origins = ("same-origin",), ("null", parts().settings.public_url)
    return (
        request.headers.get("Sec-Fetch-Site", sites[0]) in sites
        and request.headers.get("Origin", origins[0]) in origins
    )
