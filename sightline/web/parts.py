"""What the pages work with, put together once by `app.py`."""

from flask import Flask, current_app
from msgspec import Struct

from sightline.audit import Trail
from sightline.auth.servers import AuthorizationServers
from sightline.outbound import Bulkhead, Door
from sightline.preflight import Preflight
from sightline.settings import Settings
from sightline.store import Store


class Parts(Struct, frozen=True):
    """One process's parts; all may be used from any thread. `pictures` are the places for fetching small ones."""

    settings: Settings
    store: Store
    door: Door
    servers: AuthorizationServers
    trail: Trail
    preflight: Preflight
    pictures: Bulkhead


def application() -> Flask:
    """The application that answers this request, not Flask's proxy for it: for other threads, and six times as fast."""
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return found


def parts() -> Parts:
    """The parts of the application that answers this request."""
    found: Parts = application().extensions["sightline"]
    return found
