"""The hospital's parts put together; wiring only. Nobody but the runner and the tests imports this."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Flask

from sandbox import hospital, sightline_settings
from sandbox.audit.repository import Repository
from sandbox.audit.web import blueprint as audit_repository
from sandbox.ehr.web import blueprint as ehr_pages
from sandbox.fhir.bases import audiences
from sandbox.fhir.entries import Entries
from sandbox.fhir.faults import SLOW_SECONDS
from sandbox.fhir.web import PREFIXES, blueprint as fhir_server
from sandbox.records import StudyRecord
from sandbox.smart.assertions import Assertions
from sandbox.smart.authorize import blueprint as authorization_pages
from sandbox.smart.grants import Grants
from sandbox.smart.keys import SigningKey
from sandbox.smart.oidc import SignIns, blueprint as staff_sign_in
from sandbox.smart.token import blueprint as token_endpoint


def create_app(hospital_url: str, sightline_url: str, pictures: Path) -> Flask:
    """The whole hospital at `hospital_url`; the folder of its pictures is filled if need be.

    Both addresses are origins as browsers write them, without a slash at the end.
    """
    # Reading DICOM costs a third of a second to import; tests of the record system alone need not pay it.
    from sandbox.archive import index
    from sandbox.archive.faults import blueprint as archive_on_a_bad_day
    from sandbox.archive.web import blueprint as archive_server
    from sandbox.display.proofs import Proofs
    from sandbox.display.web import blueprint as image_display
    from sandbox.pictures import PHOTO_FOLDER, ensure

    ensure(pictures)
    archive, photos = index.read(pictures), index.read(pictures / PHOTO_FOLDER)
    app = record_system(hospital_url, sightline_url, archive.studies)
    app.extensions["archive"] = index.together(archive, photos)  # the image display shows what either has
    app.extensions["archives"] = {"archive": archive, "photos": photos, "archive_fault": photos}
    app.extensions["proofs"] = Proofs(sightline_url, hospital_url, time.time)
    app.register_blueprint(archive_server)
    app.register_blueprint(archive_server, name="photos", url_prefix="/photos/dicom-web")
    app.register_blueprint(archive_on_a_bad_day)
    app.register_blueprint(image_display)
    return app


def record_system(
    hospital_url: str, sightline_url: str, studies: Iterable[StudyRecord], clock: Callable[[], float] = time.time
) -> Flask:
    """The hospital without its archive and image display: EHR pages, FHIR server, authorization server."""
    app = Flask("sandbox")
    app.config.update(
        HOSPITAL_URL=hospital_url,
        SIGHTLINE_URL=sightline_url,
        AUTH_URL=f"{hospital_url}/auth",
        FRAME_ANCESTORS=[hospital_url, sightline_url],
        SLOW_SECONDS=SLOW_SECONDS,
        BEARER_TOKEN=sightline_settings.BEARER_TOKEN,
        BASIC_USER=sightline_settings.BASIC_USER,
        AUDIT_TOKEN=sightline_settings.AUDIT_TOKEN,
    )
    whole = hospital.join(hospital_url, studies)
    app.extensions["hospital"] = whole
    app.extensions["fhir"] = Entries(whole)
    app.extensions["grants"] = Grants(clock)
    app.extensions["audit"] = Repository()
    app.extensions["audiences"] = audiences(hospital_url)
    systems = sightline_settings.system_clients(hospital_url, sightline_url)
    app.extensions["clients"] = sightline_settings.clients(sightline_url) | systems
    app.extensions["staff_clients"] = sightline_settings.staff_clients(sightline_url)
    app.extensions["staff_sign_ins"] = SignIns(clock)
    app.extensions["assertions"] = Assertions(f"{hospital_url}/auth/token", clock)
    app.extensions["signing_key"] = SigningKey()
    for name, prefix in PREFIXES.items():
        app.register_blueprint(fhir_server, name=name, url_prefix=prefix)
    for blueprint in (authorization_pages, token_endpoint, staff_sign_in, ehr_pages, audit_repository):
        app.register_blueprint(blueprint)
    return app
