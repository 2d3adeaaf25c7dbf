"""What the pages work with, put together once by `app.py`."""

from dataclasses import dataclass

from flask import current_app

from sightline.audit import Trail
from sightline.auth.servers import AuthorizationServers
from sightline.outbound import Door
from sightline.preflight import Preflight
from sightline.settings import Settings
from sightline.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """One process's parts; all may be used from any thread."""

    settings: Settings
    store: Store
    door: Door
    servers: AuthorizationServers
    trail: Trail
    preflight: Preflight


def parts() -> Parts:
    """The parts of the application that answers this request."""
    found: Parts = current_app.extensions["sightline"]
    return found
