"""Whether this browser keeps our cookies here, found out before the EHR's one-time `launch` value is spent.

A frame on another site may get no cookies at all, and a sign-in that returns without its cookie cannot be told from a
forged one. So a launch without the mark of an earlier one waits sealed in the store, the mark is set, and the browser
bounces once to `/launch/begin/<ticket>`: with the mark it goes on to the EHR, without it a page says so and offers the
same launch in its own window, where cookies are first-party ones. The ticket opens one waiting launch, once; the EHR's
`launch` value stands in no address that Sightline makes but the authorization server's.
"""

import secrets
import time
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, make_response, redirect, request, url_for

from sightline.errors import LaunchNotOurs
from sightline.phrase import Phrase
from sightline.store import sealing
from sightline.web import cookies, error_pages, templates
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts

blueprint = Blueprint("cookie_check", __name__)
blueprint.before_request(deliberate_get_only)

WAITING_SECONDS = 600

Waiting = TypeVar("Waiting", bound=msgspec.Struct)
_MARK = "kept"
_MARK_SECONDS = 86_400


class WaitingLaunch(msgspec.Struct, frozen=True):
    """A launch that was asked for and not yet begun: the EHR's name, and its `launch` value, empty if standalone.

    `ehr_identity` is what stands behind that name.
    """

    ehr: str
    ehr_identity: str
    launch: str


def passed() -> bool:
    """Whether this very request shows that the browser gives our cookies back here."""
    return bool(cookies.value(_MARK, "/"))


def bounced(waiting: msgspec.Struct, begin: str = "launch.begin") -> Response:
    """Lays aside what was asked for, sets the mark, and sends the browser to `begin` to see whether it comes back."""
    ticket = secrets.token_urlsafe(32)
    place = _place(ticket)
    sealed = sealing.seal(msgspec.json.encode(waiting), parts().settings.secret_key, ticket, place)
    parts().store.put(place, sealed, time.time() + WAITING_SECONDS)
    return marked(ticket, begin)


def taken(ticket: str, kind: type[Waiting]) -> Waiting:
    """What waits under this ticket, which is used up by it. Raises LaunchNotOurs."""
    return _opened(parts().store.take(_place(ticket)), ticket, kind)


def waiting(ticket: str, kind: type[Waiting]) -> Waiting:
    """The same, which goes on waiting."""
    return _opened((parts().store.get(_place(ticket)) or (None,))[0], ticket, kind)


def _opened(sealed: bytes | None, ticket: str, kind: type[Waiting]) -> Waiting:
    plain = sealing.unseal(sealed, parts().settings.secret_key, ticket, _place(ticket)) if sealed else None
    try:
        return msgspec.json.decode(plain or b"", type=kind)
    except msgspec.DecodeError as cause:  # nothing, what waits for something else, or what another build wrote
        raise _used_up() from cause


def not_passed(ticket: str, window: str = "cookie_check.window") -> Response:
    """The page that leads out of a frame without cookies; what waits goes on waiting. Raises LaunchNotOurs."""
    if parts().store.get(_place(ticket)) is None:
        raise _used_up()
    alone = request.headers.get("Sec-Fetch-Dest") == "document"
    reference = error_pages.noted(f"cookies are not kept {'in a window of our own' if alone else 'in the frame'}")
    way_out = url_for(window, ticket=ticket)
    page = templates.render("cookie_check/not_kept.html", way_out=way_out, alone=alone, reference=reference)
    return make_response(page, 403)


@blueprint.get("/launch/window/<ticket>")
def window(ticket: str) -> Response:
    """The same launch in a window of its own: the mark is set once more, as a cookie of that window."""
    return marked(ticket, "launch.begin")


def marked(ticket: str, begin: str) -> Response:
    """Sets the mark, and sends the browser to `begin`."""
    response = make_response(redirect(url_for(begin, ticket=ticket), 303))
    cookies.put(response, _MARK, "1", "/", _MARK_SECONDS)
    return response


def _used_up() -> LaunchNotOurs:
    sentence = Phrase("This way into imaging works once, for ten minutes, and was used or has expired.")
    return LaunchNotOurs("its ticket is unknown, used or too old", sentence)


def _place(ticket: str) -> str:
    return f"waiting:{sealing.place_of(ticket)}"
