"""The obvious build of the same page: Flask with its session, fhirclient's server and models, an ordinary template.

It shows the same facts of each study as Sightline's list does, and has none of its safety: no sealed chart, no check of
whose study it is, no audit record, no strict headers, no tolerance of odd data.
"""

import os
from typing import Any

from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.imagingstudy import ImagingStudy
from flask import Flask, render_template, session

application = Flask(__name__, template_folder="templates")
application.secret_key = "for measuring only"


@application.get("/")
def page() -> str:
    session["patient"] = "ada"
    settings = {"app_id": "bench", "api_base": os.environ.get("UPSTREAM", "http://127.0.0.1:1")}
    server = FHIRClient(settings=settings).server
    search = ImagingStudy.where({"patient": session["patient"], "_count": "50"})
    return render_template("naive.html", studies=[facts(study) for study in search.perform_resources(server)])


@application.get("/open/<uid>")
def opened(uid: str) -> str:
    return uid


def read(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts of every study in a Bundle."""
    return [facts(entry.resource) for entry in Bundle(found).entry or []]


def facts(study: ImagingStudy) -> dict[str, Any]:
    """What a row of the list shows."""
    return {
        "uid": next((i.value for i in study.identifier if i.system == "urn:dicom:uid"), "").removeprefix("urn:oid:"),
        "accession": next((i.value for i in study.identifier if i.type and i.type.coding[0].code == "ACSN"), None),
        "subject": study.subject.reference,
        "status": study.status,
        "started": study.started.date if study.started else None,
        "modality": ", ".join(m.code for m in study.modality or []),
        "description": study.description,
        "series": study.numberOfSeries,
        "instances": study.numberOfInstances,
        "sites": ", ".join({one.bodySite.display for one in study.series or [] if one.bodySite}),
    }
