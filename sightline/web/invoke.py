"""`/IHEInvokeImageDisplay`: an EHR that cannot launch asks for images, and its user signs in here (IHE RAD-106).

Anybody can write such an address. So it is read strictly and laid aside, sealed, under a ticket; the user is signed in;
the register and the archive's index are asked who is meant, exactly one or nobody; and unless the address came from one
of the EHR's own pages, the user sees whose images these are before they open.
"""

from flask import Blueprint, Response, g, make_response, request, url_for

from sightline import whose_images
from sightline.audit_record import Action
from sightline.auth.launch_context import LaunchContext
from sightline.errors import (
    InvocationMalformed,
    InvocationNotTaken,
    InvocationUsedUp,
    LaunchInterrupted,
    LaunchNotOurs,
    SightlineError,
    SignInOver,
    SourceError,
)
from sightline.fhir.patient_search import Hit
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of
from sightline.viewers.iid_request import StudyInvocation
from sightline.web import (
    cookie_check,
    csrf,
    error_pages,
    invocations,
    launch,
    pace,
    patients,
    sign_in,
    signed_in,
    templates,
)
from sightline.web.cookie_check import WaitingLaunch
from sightline.web.invocations import WaitingInvocation
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.refusals import recorded_as
from sightline.web.signed_in import SignedIn

blueprint = Blueprint("invoke", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(signed_in.renew_cookie)
blueprint.register_error_handler(SignInOver, recorded_as(Action.PATIENT_SEARCH))


@blueprint.get("/IHEInvokeImageDisplay")
def without_name() -> Response:
    """The request of the only EHR that may make one; with several it has to be said which."""
    taking = [ehr for ehr in parts().settings.ehrs if ehr.invoke_image_display]
    if len(taking) != 1:
        raise InvocationNotTaken(f"{len(taking)} EHRs may ask here", _WHICH_EHR if taking else "")
    return _laid_aside(_known(taking[0].name))


@blueprint.get("/invoke/<ehr_name>/IHEInvokeImageDisplay")
def by_name(ehr_name: str) -> Response:
    """The request of this EHR."""
    return _laid_aside(_known(ehr_name))


@blueprint.get("/invoke/begin/<ticket>")
def begin(ticket: str) -> Response:
    """What waited for the cookie check: the sign-in begins. In a frame the person is asked first, as at any."""
    if not cookie_check.passed():
        return cookie_check.not_passed(ticket, "invoke.window")
    ehr = _known(cookie_check.waiting(ticket, WaitingInvocation).ehr)
    if sign_in.asks_first(ehr):
        here = url_for("invoke.begin", ticket=ticket, here=1)
        elsewhere = url_for("invoke.window", ticket=ticket)
        return make_response(
            templates.render("sign_in/framed.html", ehr=ehr, here=here, elsewhere=elsewhere, invoked=True)
        )
    waiting = cookie_check.taken(ticket, WaitingInvocation)
    waiting.read(ehr)
    if ehr.sign_in == "smart":
        return launch.sent_to_sign_in(WaitingLaunch(ehr.name, ehr.identity, ""), waiting.text)
    return sign_in.begun(ehr, waiting.text)


@blueprint.get("/invoke/window/<ticket>")
def window(ticket: str) -> Response:
    """The same in a window of its own: the mark is set once more, as a cookie of that window."""
    return cookie_check.marked(ticket, "invoke.begin")


@blueprint.get("/u/<sign_in_id>/asked-for")
def asked_for(sign_in_id: str) -> Response:
    """Finds out who is meant; opens the chart, or shows first whose it is."""
    opened = signed_in.current(sign_in_id)
    key, hit, vouched_for = _looked_up(opened)
    if vouched_for:
        return _with_chart(opened, key)
    shown = {"signed_in": opened, "hit": hit, "key": key, "token": csrf.token(opened.key)}
    idle_seconds = parts().settings.chart.idle_seconds
    return make_response(templates.render("invoke/confirm.html", **shown, idle_seconds=idle_seconds))


@blueprint.post("/u/<sign_in_id>/asked-for")
def confirmed(sign_in_id: str) -> Response:
    """Opens the chart of the patient who was shown."""
    return _with_chart(signed_in.current(sign_in_id), request.form.get("patient", ""))


@blueprint.errorhandler(SightlineError)
def refused(refusal: SightlineError) -> Response:
    """What came to nothing before anybody was signed in is on the trail too; afterwards the look-up has recorded it."""
    if isinstance(refusal, LaunchNotOurs):
        refusal = InvocationUsedUp(refusal.detail)
    if "signed_in" not in g:
        parts().trail.write(Action.SIGN_IN, g.get("sign_in", {}), refusal)
        if isinstance(refusal, SourceError):
            refusal = LaunchInterrupted.by(refusal, refusal.sentence)
    return make_response(error_pages.shown(refusal))


def _known(ehr_name: str) -> EhrSettings:
    """The EHR, if it may ask; it then stands in the audit record. Raises InvocationNotTaken."""
    ehr = parts().settings.ehr(ehr_name)
    if ehr is None or not ehr.invoke_image_display:
        raise InvocationNotTaken("no such EHR is configured, or invoke_image_display is not true for it")
    g.sign_in = {"ehr": ehr.iss}
    return ehr


def _laid_aside(ehr: EhrSettings) -> Response:
    """Always by way of a ticket, also where cookies are known to be kept: the address names somebody."""
    try:
        query = request.query_string.decode()
    except UnicodeDecodeError as cause:
        raise InvocationMalformed("the query string is not UTF-8") from cause
    waiting = WaitingInvocation(ehr.name, ehr.identity, query, _is_from(ehr))
    waiting.read(ehr)
    return cookie_check.bounced(waiting, "invoke.begin")


def _is_from(ehr: EhrSettings) -> bool:
    """Whether one of the EHR's own pages led here. A foreign page can keep its Referer back, and cannot forge one."""
    return origin_of(request.headers.get("Referer", "")) in ehr.frame_ancestors


def _looked_up(opened: SignedIn) -> tuple[str, Hit, bool]:
    """Who is meant, the key to open the chart by, and whether the EHR vouches for it. Raises SightlineError.

    Who it is is on the trail before anybody is shown; so is that nobody was found.
    """
    pace.kept(Action.PATIENT_SEARCH, opened)
    facts = opened.audit_facts
    try:
        waiting = invocations.recalled(opened)
        invocation, client = waiting.read(opened.ehr), patients.client_of(opened)
        facts["criteria"] = "study" if isinstance(invocation, StudyInvocation) else "identifier"
        if isinstance(invocation, StudyInvocation):
            client = launch.speaking(client)  # by what a study is looked for, versions differ
        hit = whose_images.meant(invocation, client)
        invocations.context(invocation, hit.patient)
    except SightlineError as refusal:
        parts().trail.write(Action.PATIENT_SEARCH, facts, refusal)
        raise
    parts().trail.write(Action.PATIENT_SEARCH, {**facts, "patient": hit.patient.id})
    ((key, shown),) = patients.remembered(opened, [hit]).items()
    return key, shown, waiting.vouched_for


def _with_chart(opened: SignedIn, key: str) -> Response:
    def context_for(patient: Patient) -> LaunchContext:
        return invocations.context(invocations.recalled(opened).read(opened.ehr), patient)

    return patients.with_chart(opened, key, context_for, "asked_for.page")


_WHICH_EHR = Phrase(
    "Several EHRs may ask for images here, so the address has to name one: /invoke/<name>/IHEInvokeImageDisplay."
)
