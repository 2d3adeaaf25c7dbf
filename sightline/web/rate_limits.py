"""How often one network address may launch: junk must fill neither the store nor the audit trail.

A whole hospital may stand behind one address (NAT, Citrix), so the limit is generous, and each EHR has its own count.
All processes count together, in the store.
"""

import time

from flask import Flask, Response, make_response, request

from sightline.audit_record import Action
from sightline.errors import TooManyLaunches
from sightline.settings import EhrSettings
from sightline.web import error_pages, invoke, launch, sign_in
from sightline.web.parts import parts
from sightline.web.provenance import network
from sightline.web.refusals import WINDOW_SECONDS, is_first


def register(app: Flask) -> None:
    """Counts every request of a launch and of its return, each by itself, and answers those that are too many."""
    for pages in (launch, sign_in, invoke):
        app.before_request_funcs.setdefault(pages.blueprint.name, []).append(_kept)


def _kept() -> Response | None:
    if _leaves():
        return None
    count, ends_at = parts().store.count(f"{request.endpoint} {_who()}", WINDOW_SECONDS)
    return _refused(ends_at) if count > parts().settings.limits.launches_a_minute else None


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


def _refused(ends_at: float) -> Response:
    """The first of a window that is too many is on the trail, the others are only counted."""
    refusal = TooManyLaunches(f"from {_who()}")
    if is_first(_who(), ends_at):
        ehr = _ehr()
        parts().trail.write(Action.SIGN_IN, {"ehr": ehr.iss} if ehr else {}, refusal)
    response = make_response(error_pages.shown(refusal))
    response.headers["Retry-After"] = str(min(WINDOW_SECONDS, max(1, round(ends_at - time.time()))))
    return response
