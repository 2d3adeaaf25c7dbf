"""The least page that these libraries can make: one call through the same door, the same reader, a table of rows.

It has no chart, cookie, audit record, header, kept list, patient line or filter, and does not check whose studies they
are: what Sightline costs above it is what those cost. What naive costs above it is what is to be won at all.
"""

import os

from flask import Flask, render_template

from sightline.fhir import bundle, imaging_study
from sightline.outbound import Door

application = Flask(__name__, template_folder="templates")
_UPSTREAM = os.environ.get("UPSTREAM", "http://127.0.0.1:1")
_QUESTION = f"{_UPSTREAM}/ImagingStudy?patient=ada&_count=50"
_door = Door(20, 64 * 1024 * 1024)


@application.get("/")
def page() -> str:
    found = bundle.page(_door.send("GET", _QUESTION, origins=(_UPSTREAM,)).body)
    return render_template(
        "floor.html", studies=[imaging_study.study(element, "bench", id_) for element, id_ in found.studies]
    )
