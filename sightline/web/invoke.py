"""`/IHEInvokeImageDisplay`: an EHR that cannot launch asks for images, and its user signs in here (IHE RAD-106).

Anybody can write such an address. So it is read strictly and laid aside, sealed, under a ticket; the user is signed in;
the register and the archive's index are asked who is meant, exactly one or nobody; and unless the address came from one
of the EHR's own pages, the user sees whose images these are before they open.
"""

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from sightline import invoking
from sightline.audit_record import Action
from sightline.errors import (
    InvocationMalformed,
    InvocationNotTaken,
    InvocationUsedUp,
    LaunchInterrupted,
    LaunchNotOurs,
    MatchUncertain,
    NothingMatches,
    SightlineError,
    SignInOver,
    SourceError,
    SourceFailed,
)
from sightline.fhir.client import FhirClient
from sightline.fhir.patient_search import Hit
from sightline.fhir.subject import patient_of
from sightline.settings import EhrSettings
from sightline.settings.addresses import origin_of
from sightline.viewers.iid_request import Invocation, PatientInvocation, StudyInvocation
from sightline.web import cookie_check, csrf, error_pages, invocations, launch, pace, patients, sign_in, signed_in
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
            render_template("sign_in/framed.html", ehr=ehr, here=here, elsewhere=elsewhere, invoked=True)
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
    waiting = invocations.recalled(opened)
    key, hit = _looked_up(opened, waiting.read(opened.ehr))
    if waiting.vouched_for:
        return _with_chart(opened, key)
    shown = {"signed_in": opened, "hit": hit, "key": key, "token": csrf.token(opened.key)}
    idle_seconds = parts().settings.chart.idle_seconds
    return make_response(render_template("invoke/confirm.html", **shown, idle_seconds=idle_seconds))


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


def _looked_up(opened: SignedIn, invocation: Invocation) -> tuple[str, Hit]:
    """Who is meant, with the key to open the chart by; on the trail before anybody is shown. Raises SightlineError."""
    pace.kept(Action.PATIENT_SEARCH, opened)
    is_patient = isinstance(invocation, PatientInvocation)
    facts = {**opened.audit_facts, "criteria": "identifier" if is_patient else "study"}
    client = launch.speaking(patients.client_of(opened))
    try:
        hit = (
            _patient(client, invocation) if isinstance(invocation, PatientInvocation) else _of_study(client, invocation)
        )
        if not hit.may_be_chosen:
            raise MatchUncertain("a record that is replaced, or that does not say who it is of", _NOT_TOLD_APART)
        invocations.context(invocation, hit.patient)
    except SightlineError as refusal:
        parts().trail.write(Action.PATIENT_SEARCH, facts, refusal)
        raise
    parts().trail.write(Action.PATIENT_SEARCH, {**facts, "patient": hit.patient.id})
    return next(iter(patients.remembered(opened, [hit]).items()))


def _patient(client: FhirClient, invocation: PatientInvocation) -> Hit:
    """The one who has this number. Raises NothingMatches, MatchUncertain, SourceError."""
    found = client.patients_with(invoking.number(invocation.patient, client.ehr))
    if len(found.hits) > 1:
        raise MatchUncertain(f"{len(found.hits)} records have this number", _SEVERAL_PATIENTS)
    if found.unreadable or found.more or found.troubled:
        raise SourceFailed("the answer to a search for one number is not whole")
    if not found.hits:
        raise NothingMatches(f"no record with this number, {found.unfit} others", _NO_PATIENT)
    return found.hits[0]


def _of_study(client: FhirClient, invocation: StudyInvocation) -> Hit:
    """The patient whose all the studies are that were found. Raises NothingMatches, MatchUncertain, SourceError."""
    found = client.studies_named(invoking.references(invocation))
    if found.troubled:
        raise SourceFailed("the answer to a search for a study is not whole")
    if not found.studies:
        raise NothingMatches("no study of this number", _NO_STUDY)
    if not invoking.agree(invocation, found.studies):
        raise MatchUncertain("studyUID and accession number are two studies'", _TWO_STUDIES)
    owners = {patient_of(study.subject, client.ehr.iss) for study in found.studies}
    if "" in owners:
        raise MatchUncertain("a study that does not say clearly whose it is", _NOT_SAID_WHOSE)
    if len(owners) > 1:
        raise MatchUncertain(f"studies of {len(owners)} patients", _SEVERAL_OWNERS)
    return client.record(owners.pop())


def _with_chart(opened: SignedIn, key: str) -> Response:
    invocation = invocations.recalled(opened).read(opened.ehr)
    return patients.with_chart(opened, key, lambda patient: invocations.context(invocation, patient), "asked_for.page")


_WHICH_EHR = (
    "Several EHRs may ask for images here, so the address has to name one: /invoke/<name>/IHEInvokeImageDisplay."
)
_NO_PATIENT = "The hospital's system knows no patient of the number that the EHR asked for."
_NO_STUDY = "The hospital's system knows no study of the number that the EHR asked for."
_SEVERAL_PATIENTS = "The hospital's system knows several patients of the number that the EHR asked for."
_SEVERAL_OWNERS = "The studies that the EHR asked for are not of one patient."
_TWO_STUDIES = "The EHR named a study by two numbers, which are of two studies."
_NOT_SAID_WHOSE = "The study that the EHR asked for does not say clearly whose it is."
_NOT_TOLD_APART = (
    "The record of the patient whom the EHR asked for does not say clearly who this is, or is not used any more."
)
