"""The EHR's pages: patients, a chart with its tabs, two charts side by side; and the EHR launch (SMART 2.2)."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.ehr.facts import FACTS, NOBODY
from sandbox.page_headers import guard
from sandbox.records import PatientRecord, StudyRecord
from sandbox.sightline_settings import (
    AUTHORITY,
    AUTHORITY_OID,
    FAULTY,
    HEALTHY,
    INVOKING,
    OTHER_SETUPS,
    REGISTERED,
    WHEREABOUTS,
    WITH_A_BAD_ARCHIVE,
    WITHOUT_LAUNCH,
    Ehr,
)
from sandbox.smart.grants import FhirContext
from sandbox.words import age, day, full_name

TABS = {"summary": "Summary", "results": "Results", "imaging": "Imaging", "notes": "Notes"}
DEFAULT_EHR = "r4"
CONTEXTS: dict[str, Callable[[StudyRecord], FhirContext]] = {
    "reference": lambda study: {"reference": f"ImagingStudy/{study.id}"},
    "uid": lambda study: _identified("urn:dicom:uid", f"urn:oid:{study.uid}"),
    "accession": lambda study: _identified("https://fjordview.example/accession", study.accession),
}
"""How a launch may name the study that it is about."""
_NEWEST_CT = {"requestType": "PATIENT", "modalitiesInStudy": "CT", "mostRecentResults": "1"}


def _identified(system: str, value: str) -> FhirContext:
    return {"identifier": {"system": system, "value": value}, "type": "ImagingStudy"}


blueprint = Blueprint("ehr", __name__)
blueprint.after_request(guard)
blueprint.add_app_template_filter(full_name)
blueprint.add_app_template_filter(day)


@blueprint.app_template_filter()
def age_today(patient: PatientRecord) -> str:
    """The patient's age now."""
    return age(patient, datetime.now(UTC).date())


@blueprint.get("/")
def patients() -> str:
    """The patient list."""
    hospital = current_app.extensions["hospital"]
    return render_template("ehr/patients.html", patients=hospital.patients.values(), hospital=hospital)


@blueprint.get("/chart/<patient_id>")
@blueprint.get("/chart/<patient_id>/<tab>")
def chart(patient_id: str, tab: str = "summary") -> str:
    """One tab of a patient's chart."""
    patient = _patient(patient_id)
    if tab not in TABS:
        abort(404)
    about = {"patient": patient, "tab": tab, "tabs": TABS, "facts": FACTS.get(patient.id, NOBODY)}
    if tab == "imaging":
        about |= _imaging(patient)
    return render_template(
        f"ehr/{tab}.html", **about, reports=current_app.extensions["hospital"].reports_of(patient.id)[:5]
    )


@blueprint.get("/side-by-side")
def side_by_side() -> str:
    """Two patients' imaging in two frames, each launched on its own."""
    ehr = _chosen_ehr()
    sides = [_patient(request.args.get(side, otherwise)) for side, otherwise in (("left", "ada"), ("right", "cleo"))]
    frames = [(patient, _launch_url(patient, ehr, need_patient_banner=False)) for patient in sides]
    everybody = current_app.extensions["hospital"].patients.values()
    return render_template("ehr/side_by_side.html", frames=frames, ehr=ehr, patients=everybody)


@blueprint.get("/chart-without-launch/<patient_id>")
def chart_without_launch(patient_id: str) -> str:
    """The chart of an EHR that cannot launch: links by IHE Invoke Image Display (RAD-106), and a frame for images."""
    patient, ehr, hospital = _patient(patient_id), _chosen_invoker(), current_app.extensions["hospital"]
    studies = [study for study in hospital.studies_of(patient.id) if study.has_pictures]
    mrn = f"{patient.mrn}^^^{AUTHORITY}&{AUTHORITY_OID}&ISO"
    links = [
        ("All images of the patient", _invocation(ehr, requestType="PATIENT", patientID=mrn)),
        ("The newest CT", _invocation(ehr, **_NEWEST_CT, patientID=mrn)),
    ]
    by_study = [
        (
            study,
            _invocation(ehr, requestType="STUDY", studyUID=study.uid, viewerType="IHE_BIR")
            if study.uid_in_fhir
            else "",
            _invocation(ehr, requestType="STUDY", accessionNumber=study.accession) if study.accession else "",
        )
        for study in studies
    ]
    everybody = hospital.patients.values()
    shown = {"patient": patient, "patients": everybody, "ehr": ehr, "ehrs": INVOKING}
    return render_template("ehr/without_launch.html", links=links, by_study=by_study, **shown)


@blueprint.get("/audit")
def audit() -> str:
    """What the hospital's audit repository was sent."""
    repository = current_app.extensions["audit"]
    return render_template("ehr/audit.html", lines=repository.lines(), repeated=repository.repeated)


@blueprint.get("/launch-only/<patient_id>")
def launch_only(patient_id: str) -> Response:
    """A launch in a window of its own, where no banner of the EHR stands above Sightline."""
    url = _launch_url(_patient(patient_id), _chosen_ehr(), need_patient_banner=True, about=_studies_in_context())
    return redirect(url, 303)


def _patient(patient_id: str) -> PatientRecord:
    patient: PatientRecord | None = current_app.extensions["hospital"].patients.get(patient_id)
    return patient or abort(404)


def _chosen_ehr() -> Ehr:
    """The set-up that the query names: `ehr`, or the form's `condition` and `version`."""
    name = request.args.get("ehr") or request.args.get("condition") or request.args.get("version") or DEFAULT_EHR
    return REGISTERED.get(name) or abort(404)


def _chosen_invoker() -> Ehr:
    name = request.args.get("ehr", INVOKING[-1].name)
    return next((ehr for ehr in INVOKING if ehr.name == name), None) or abort(404)


def _invocation(ehr: Ehr, **parameters: str) -> str:
    """Sightline's address for a RAD-106 request of this EHR; each value is encoded on its own."""
    path = f"/invoke/{ehr.name}/IHEInvokeImageDisplay"
    return f"{current_app.config['SIGHTLINE_URL']}{path}?{urlencode(parameters, quote_via=quote, safe=',')}"


def _imaging(patient: PatientRecord) -> dict[str, object]:
    ehr = _chosen_ehr()
    studies = current_app.extensions["hospital"].studies_of(patient.id)
    return {
        "ehr": ehr,
        "without_pictures": bool(studies) and not any(study.has_pictures for study in studies),
        "healthy": HEALTHY,
        "other_setups": OTHER_SETUPS,
        "whereabouts": WHEREABOUTS,
        "without_launch": WITHOUT_LAUNCH,
        "faulty": FAULTY,
        "with_a_bad_archive": WITH_A_BAD_ARCHIVE,
        "launch_url": _launch_url(patient, ehr, need_patient_banner=False, about=_studies_in_context()),
    }


def _studies_in_context() -> tuple[FhirContext, ...]:
    """SMART 2.2 `fhirContext` of the studies that the query names by their UIDs, in the way that `by` says."""
    hospital = current_app.extensions["hospital"]
    try:
        studies = [hospital.study(uid) for uid in request.args.getlist("study")]
        return tuple(CONTEXTS[request.args.get("by", "reference")](study) for study in studies)
    except KeyError:
        abort(404)


def _launch_url(
    patient: PatientRecord, ehr: Ehr, need_patient_banner: bool, about: tuple[FhirContext, ...] = ()
) -> str:
    """Sightline's launch address for this patient: SMART 2.2 "Launch from EHR", `iss` and an opaque `launch`.

    Where nobody launches it is Sightline's own sign-in, which knows nothing of the patient.
    """
    if ehr.sign_in != "smart":
        return f"{current_app.config['SIGHTLINE_URL']}/sign-in/{ehr.name}"
    iss = current_app.config["HOSPITAL_URL"] + ehr.path
    launch = current_app.extensions["grants"].launch(patient.id, iss, need_patient_banner, about)
    return f"{current_app.config['SIGHTLINE_URL']}/launch?{urlencode({'iss': iss, 'launch': launch})}"
