"""Weasis, a program on the user's own computer (Weasis documentation, "Weasis Protocol").

    weasis://?$dicom:close --all $dicom:rs --url "<dicomweb>" -r "studyUID=1.2.3&studyUID=1.2.4"
    weasis://?$dicom:close --all $dicom:get -w "<manifest>?studyUID=1.2.3"

Everything behind the question mark is encoded as a whole; `weasis://` without a question mark is known to be broken
(dcm4chee-arc issues 4592, 4678). What stands in `-r` is split at & and = and never decoded, and the whole is a command
line: so a number goes in only if no sign of it means anything there. `close --all` keeps another patient's images from
standing beside these.
"""

from urllib.parse import quote_plus

from sightline.settings import ViewerSettings
from sightline.settings.viewer_options import WeasisOptions
from sightline.viewers.contract import Takes, Wanted, patient_number, plain


def takes(viewer: ViewerSettings[WeasisOptions]) -> frozenset[Takes]:
    """Studies by UID or accession number, and a patient where it is known whose numbers the archive has."""
    patient = {Takes.PATIENT} if viewer.options.patient_system else set()
    return frozenset({Takes.STUDY, Takes.STUDIES, Takes.ACCESSION} | patient)


def url(wanted: Wanted, viewer: ViewerSettings[WeasisOptions]) -> str:
    """The address that shows what is wanted. Raises CannotOpen."""
    options, asked = viewer.options, "&".join(_asked(wanted, viewer))
    close = "$dicom:close --all " if options.close_others else ""
    if options.manifest:
        command = f'$dicom:get -w "{options.manifest}?{asked}"'
    else:
        command = f'$dicom:rs --url "{options.dicomweb}" -r "{asked}"'
    return f"weasis://?{quote_plus(close + command)}"


def _asked(wanted: Wanted, viewer: ViewerSettings[WeasisOptions]) -> list[str]:
    if not wanted.studies:
        return [f"patientID={plain(patient_number(wanted, viewer, viewer.options.patient_system).value, viewer)}"]
    return [
        f"studyUID={study.uid}" if study.uid else f"accessionNumber={plain(study.accession or '', viewer)}"
        for study in wanted.studies
    ]
