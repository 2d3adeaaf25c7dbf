"""Imaging studies as fhirclient's server and models read them: what `naive` and `bare` both stand on.

One client a request, as fhirclient's own Flask example has it, since a client holds one user's token.
"""

import os
from typing import Any

from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.imagingstudy import ImagingStudy


def ask(patient: str) -> list[dict[str, Any]]:
    """The facts of every study of this patient that the FHIR server has, page after page."""
    settings = {"app_id": "bench", "api_base": os.environ.get("UPSTREAM", "http://127.0.0.1:1")}
    search = ImagingStudy.where({"patient": patient, "_count": "50"})
    server = FHIRClient(settings=settings).server
    with server.session:
        return [facts(study) for study in search.perform_resources_iter(server)]


def read(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts of every study in a Bundle."""
    return [facts(entry.resource) for entry in Bundle(found).entry or []]


def facts(study: ImagingStudy) -> dict[str, Any]:
    """What a row of the list shows."""
    series = study.series or []
    return {
        "id": study.id,
        "uid": next((i.value for i in study.identifier if i.system == "urn:dicom:uid"), "").removeprefix("urn:oid:"),
        "accession": next((i.value for i in study.identifier if i.type and i.type.coding[0].code == "ACSN"), None),
        "subject": study.subject.reference,
        "status": study.status,
        "started": study.started.date if study.started else None,
        "modalities": [m.code for m in study.modality or []],
        "description": study.description,
        "series": study.numberOfSeries,
        "instances": study.numberOfInstances,
        "sites": list(dict.fromkeys(one.bodySite.display for one in series if one.bodySite)),
        "sides": list(dict.fromkeys(one.laterality.code for one in series if one.laterality)),
    }
