"""How often one network address may launch: junk must fill neither the store nor the audit trail.

A whole hospital may stand behind one address (NAT, Citrix), so the limit is generous, and each EHR has its own count.
All processes count together, in the store.
"""

import time

from flask import Flask, Response, make_response, request
from flask_limiter import Limiter, RateLimitExceeded
from limits.storage import Storage

from sightline.audit_record import Action
from sightline.errors import StoreUnavailable, TooManyLaunches
from sightline.settings import EhrSettings
from sightline.store import Store
from sightline.web import error_pages, invoke, launch, sign_in
from sightline.web.parts import parts
from sightline.web.provenance import network
from sightline.web.refusals import WINDOW_SECONDS, is_first


class Tally(Storage):
    """Our store as Flask-Limiter wants one (`limits.storage`)."""

    STORAGE_SCHEME = ["sightline"]  # noqa: RUF012 - as limits declares it

    def __init__(self, uri: str, store: Store) -> None:
        super().__init__(uri)
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        return StoreUnavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._store.count(key, expiry, amount)[0]

    def get(self, key: str) -> int:
        return self._store.count(key, WINDOW_SECONDS, 0)[0]

    def get_expiry(self, key: str) -> float:
        return self._store.count(key, WINDOW_SECONDS, 0)[1]

    def check(self) -> bool:
        return self.get("check") == 0

    def clear(self, key: str) -> None:
        self._store.count(key, WINDOW_SECONDS, -self.get(key))

    def reset(self) -> None:
        """Counts end by themselves within the minute; limits has this answer for storages that cannot end them all."""
        raise NotImplementedError


def register(app: Flask) -> None:
    """Counts every request of a launch and of its return, each by itself, and answers those that are too many."""
    it = app.extensions["sightline"]
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"store": it.store}
    limiter = Limiter(_who, storage_uri="sightline://", app=app)
    for pages in (launch, sign_in, invoke):
        allowed = f"{it.settings.limits.launches_a_minute} per {WINDOW_SECONDS} seconds"
        limiter.limit(allowed, exempt_when=_leaves)(pages.blueprint)
    app.register_error_handler(RateLimitExceeded, lambda _: _refused(limiter))


def _leaves() -> bool:
    """Whether somebody signs out, which nobody is kept from."""
    return request.endpoint in ("sign_in.out", "sign_in.is_out", "sign_in.out_at_provider")


def _who() -> str:
    """The network that asks, and the EHR, where it is one of ours: made-up ones share one count."""
    ehr = _ehr()
    return f"{network()} {ehr.name if ehr else '-'}"


def _ehr() -> EhrSettings | None:
    settings, name = parts().settings, (request.view_args or {}).get("ehr_name")
    return settings.ehr(name) if name else settings.ehr_by_iss(request.args.get("iss", ""))


def _refused(limiter: Limiter) -> Response:
    """The first of a window that is too many is on the trail, the others are only counted."""
    limit, refusal = limiter.current_limit, TooManyLaunches(f"from {_who()}")
    ends_at = limit.reset_at if limit else time.time() + WINDOW_SECONDS
    if is_first(_who(), ends_at):
        ehr = _ehr()
        parts().trail.write(Action.SIGN_IN, {"ehr": ehr.iss} if ehr else {}, refusal)
    response = make_response(error_pages.shown(refusal))
    response.headers["Retry-After"] = str(min(WINDOW_SECONDS, max(1, round(ends_at - time.time()))))
    return response
