"""Any other viewer that opens by an address: the settings give it whole, with variables in braces.

    https://viewer.hospital.example/open?mpi={patient_id}&study={study_uid}
    slicer://viewer/?studyUID={study_uid}&dicomweb_endpoint=https%3A%2F%2Fpacs.hospital.example%2Fdicom-web

Each variable is percent-encoded on its own. In the address of a program the values are part of a command line, so that
only plain signs are let in. What the template takes follows from its variables.
"""

from collections.abc import Callable

from sightline.errors import CannotOpen
from sightline.phrase import Phrase
from sightline.settings import ViewerSettings
from sightline.settings.template_address import variables
from sightline.settings.viewer_options import TemplateOptions
from sightline.viewers import cx
from sightline.viewers.contract import Takes, Wanted, alone, listed, patient_number, plain

Value = Callable[[Wanted, ViewerSettings[TemplateOptions]], tuple[str, ...]]


def takes(viewer: ViewerSettings[TemplateOptions]) -> frozenset[Takes]:
    """What the variables in its address can name."""
    named = set(variables(viewer.address))
    if named & {"study_uid", "study_uids"}:
        several = set() if named & {"study_uid", "accession"} else {Takes.STUDIES}
        return frozenset({Takes.STUDY} | several)
    return frozenset({Takes.STUDY, Takes.ACCESSION} if "accession" in named else {Takes.PATIENT})


def url(wanted: Wanted, viewer: ViewerSettings[TemplateOptions]) -> str:
    """The template with its variables filled in. Raises CannotOpen where the record holds no value for one of them."""
    address = viewer.address
    for name in variables(viewer.address):
        values = VALUES[name](wanted, viewer)
        safe = plain if viewer.open == "program" else _no_step_up
        values = tuple(safe(value, viewer) for value in values)
        address = address.replace(f"{{{name}}}", listed(values))
    return address


def _no_step_up(value: str, viewer: ViewerSettings[TemplateOptions]) -> str:
    """Dots alone would lead to another page of the viewer: browsers take them for a step in a path, encoded or not."""
    if not value.strip("."):
        sentence = Phrase("%(viewer)s cannot be given a number with such signs.", viewer=viewer.title)
        raise CannotOpen("dots alone", sentence)
    return value


def _accession(wanted: Wanted, viewer: ViewerSettings[TemplateOptions]) -> tuple[str, ...]:
    number = wanted.studies[0].accession
    if not number:
        sentence = Phrase("Its record holds no accession number, which %(viewer)s needs.", viewer=viewer.title)
        raise CannotOpen("no accession number", sentence)
    return (alone(number, viewer),)


def _patient_id(wanted: Wanted, viewer: ViewerSettings[TemplateOptions]) -> tuple[str, ...]:
    return (patient_number(wanted, viewer, viewer.options.patient_system).value,)


def _patient_cx(wanted: Wanted, viewer: ViewerSettings[TemplateOptions]) -> tuple[str, ...]:
    number = patient_number(wanted, viewer, viewer.options.patient_system)
    try:
        return (cx.of(number, "cx-universal", {}).text,)
    except cx.NotCx as cause:
        sentence = Phrase("%(viewer)s cannot be asked for it: %(cause)s.", viewer=viewer.title, cause=str(cause))
        raise CannotOpen(str(cause), sentence) from cause


VALUES: dict[str, Value] = {
    "study_uid": lambda wanted, viewer: wanted.uids,
    "study_uids": lambda wanted, viewer: wanted.uids,
    "accession": _accession,
    "patient_id": _patient_id,
    "patient_cx": _patient_cx,
}
