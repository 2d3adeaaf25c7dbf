"""Looking a patient up, where no launch says who it is: criteria in, hits out, and a choice opens a chart.

Names stand in forms that are posted and in pages that are never kept, so in no address and no log. What may be chosen
is what was shown a moment ago, with two things to know the person by; and the record read for the chart must still say
the same.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from flask import Blueprint, Response, make_response, redirect, request, url_for
from msgspec import Struct, field

from sightline.audit_record import Action
from sightline.auth import MODES
from sightline.auth.grant import NoGrant
from sightline.auth.launch_context import LaunchContext
from sightline.errors import HitGone, PatientReplaced, SightlineError, SignInOver, SourceError
from sightline.fhir.client import FhirClient
from sightline.fhir.patient_search import Found, Hit
from sightline.patient import Patient
from sightline.patient_criteria import LONGEST, Criteria, mistakes, whole_date
from sightline.web import charts, csrf, pace, signed_in, templates
from sightline.web.error_pages import noted, reference
from sightline.web.launch import speaking
from sightline.web.parts import parts
from sightline.web.refusals import recorded_as
from sightline.web.signed_in import SignedIn

blueprint = Blueprint("patients", __name__)
blueprint.after_request(signed_in.renew_cookie)
blueprint.register_error_handler(SignInOver, recorded_as(Action.PATIENT_SEARCH))

HITS_SECONDS = 900.0
_hits = msgspec.json.Decoder(dict[str, Hit])


class Search(Struct, frozen=True):
    """What the page shows of one search: the question, and its hits, its mistakes, or why there is no answer."""

    criteria: Criteria
    mistakes: Mapping[str, str] = field(default_factory=dict)
    found: Found | None = None
    hits: tuple[tuple[str, Hit], ...] = ()
    failure: SourceError | None = None
    reference: str = ""

    @property
    def namesakes(self) -> bool:
        """Whether two hits have one name, so that only birth date and number tell them apart."""
        names = [(hit.patient.family.casefold(), hit.patient.given.casefold()) for _, hit in self.hits]
        return len(set(names)) < len(names)


@blueprint.get("/u/<sign_in_id>/")
def form(sign_in_id: str) -> str:
    """The empty form."""
    return _page(signed_in.current(sign_in_id), Search(Criteria()))


@blueprint.get("/u/<sign_in_id>")
def without_slash(sign_in_id: str) -> Response:
    """The same address with its slash; Flask's own redirect would take the host from the request."""
    return make_response(redirect(url_for("patients.form", sign_in_id=sign_in_id), 303))


@blueprint.post("/u/<sign_in_id>/")
def search(sign_in_id: str) -> tuple[str, int]:
    """Reads the criteria, asks the register, shows who fits."""
    opened, criteria = signed_in.current(sign_in_id), _criteria()
    if found := mistakes(criteria, datetime.now(parts().settings.time_zone).date()):
        return _page(opened, Search(criteria, found)), 400
    result = _looked_up(opened, criteria)
    return _page(opened, result), result.failure.status if result.failure else 200


@blueprint.post("/u/<sign_in_id>/chart")
def choose(sign_in_id: str) -> Response:
    """Opens the chart of a patient who was shown."""
    opened = signed_in.current(sign_in_id)
    return with_chart(opened, request.form.get("patient", ""), lambda _: LaunchContext(), "studies.page")


def with_chart(opened: SignedIn, key: str, context_for: Callable[[Patient], LaunchContext], landing: str) -> Response:
    """Opens the chart of the hit of this key, whose context its own record gives, and leads to a page of it.

    Raises HitGone, PatientReplaced, SourceError, and what `context_for` raises; the refusal is on the trail then.
    """
    facts = opened.audit_facts
    try:
        hit = _shown(opened, key)
        facts |= {"patient": hit.successor or hit.patient.id}
        client = speaking(client_of(opened))
        patient = _still_the_same(client, hit)
        context = context_for(patient)
    except SightlineError as refusal:
        parts().trail.write(Action.LIST, facts, refusal)
        raise
    chart_id = secrets.token_urlsafe(16)
    response = make_response(redirect(url_for(landing, chart_id=chart_id), 303))
    charts.open_chart(
        response,
        chart_id,
        opened.ehr,
        patient,
        client.version.name,
        opened.user,
        context,
        None,
        sign_in=opened.id,
        closes_at=opened.row.closes_at,
    )
    return response


def _criteria() -> Criteria:
    return Criteria(_words("family"), _words("given"), whole_date(_words("birth_date")), _words("identifier"))


def _words(name: str) -> str:
    return " ".join("".join(filter(str.isprintable, request.form.get(name, ""))).split())[:LONGEST]


def _looked_up(opened: SignedIn, criteria: Criteria) -> Search:
    """Asks the register; on the trail is who was shown, before anybody is."""
    pace.kept(Action.PATIENT_SEARCH, opened)
    facts = {**opened.audit_facts, "criteria": " ".join(criteria.kinds)}
    try:
        found = client_of(opened).patients(criteria)
    except SourceError as failure:
        parts().trail.write(Action.PATIENT_SEARCH, facts, failure)
        return Search(criteria, failure=failure, reference=noted(f"patient search: {failure.detail}"))
    for patient_id in [hit.patient.id for hit in found.hits] or [""]:
        parts().trail.write(Action.PATIENT_SEARCH, {**facts, "patient": patient_id})
    return Search(criteria, found=found, hits=tuple(remembered(opened, found.hits).items()))


def remembered(opened: SignedIn, found: list[Hit]) -> dict[str, Hit]:
    """Keeps who is shown, so that they alone may be chosen; gives each under the key to choose by."""
    hits = {_key(opened, hit): hit for hit in found}
    opened.remember("hits", msgspec.json.encode(hits), HITS_SECONDS)
    return hits


def _key(opened: SignedIn, hit: Hit) -> str:
    """An opaque name, which means nothing in another sign-in."""
    return hashlib.blake2b(hit.patient.id.encode(), key=opened.row.salt, digest_size=12).hexdigest()


def _shown(opened: SignedIn, key: str) -> Hit:
    """The hit of this key, if it was shown and may be chosen. Raises HitGone."""
    try:
        hit = _hits.decode(opened.recall("hits") or b"{}").get(key)
    except msgspec.DecodeError:  # what another build of Sightline wrote
        hit = None
    if hit is None or not hit.may_be_chosen:
        raise HitGone("no hit of the last search that may be chosen has this key")
    return hit


def _still_the_same(client: FhirClient, hit: Hit) -> Patient:
    """The patient's own record. Raises PatientReplaced, HitGone where it is not who was shown, SourceError."""
    now = client.record(hit.successor or hit.patient.id)
    if now.replaced:
        raise PatientReplaced("the record is replaced by another")
    if hit.successor and not _may_follow(now, hit.patient):
        raise PatientReplaced("the record that replaces it does not say the same birth date, or not who it is of")
    if not hit.successor and _marks(now.patient) != _marks(hit.patient):
        raise HitGone("the record does not say any more what was shown")
    return now.patient


def _may_follow(now: Hit, shown: Patient) -> bool:
    """Whether a record that nobody was shown is of the same person: another name or number may be why it was made."""
    return now.can_be_told_apart and bool(shown.birth_date) and now.patient.birth_date == shown.birth_date


def _marks(patient: Patient) -> tuple[str, ...]:
    """What a person on the screen is known by."""
    return patient.formal_name, patient.birth_date, patient.sex, patient.identifier


def client_of(opened: SignedIn) -> FhirClient:
    """The EHR's FHIR server, asked with Sightline's own permission."""
    it = parts()
    authorization = MODES[opened.ehr.authorization](it.servers, opened.ehr, NoGrant())
    return FhirClient(opened.ehr, it.settings.limits, it.door, authorization, request_id=reference())


def _page(opened: SignedIn, search: Search) -> str:
    return templates.render(
        "patients/search.html",
        signed_in=opened,
        search=search,
        token=csrf.token(opened.key),
        idle_seconds=parts().settings.chart.idle_seconds,
    )
