"""Sightline's wiring: settings -> parts -> pages. `flask run` and `granian app:application` find it unaided."""

import logging
import os
import sys
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from sightline import cli
from sightline.audit import Trail
from sightline.audit_trail import destinations
from sightline.audit_trail.deliverer import Deliverer
from sightline.audit_trail.files import TrailFiles
from sightline.audit_trail.keeping import remove_old
from sightline.auth.client_keys import ClientKeys
from sightline.auth.servers import authorization_servers
from sightline.outbound import Bulkhead, Door
from sightline.preflight import Preflight
from sightline.settings import Settings, SettingsError, load
from sightline.store import KINDS
from sightline.web import (
    asked_for,
    client_keys,
    compare,
    compression,
    cookie_check,
    csrf,
    details,
    ending,
    error_pages,
    headers,
    identity,
    invoke,
    languages,
    launch,
    new_tab,
    other_viewers,
    patients,
    provenance,
    rate_limits,
    report,
    sign_in,
    start,
    static_files,
    studies,
    templates,
    thumbnails,
    viewer,
)
from sightline.web.parts import Parts

ROOT = Path(__file__).parent


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings; without any, for those of the file that SIGHTLINE_CONFIG names (config.toml).

    A settings file with mistakes prints every one of them and ends the process with exit code 2. Given settings whose
    client keys are no keys raise SettingsError.
    """
    settings = settings or _settings_or_exit()
    app = Flask("sightline", root_path=str(ROOT))
    # Werkzeug's own redirects to an address with other slashes take host and scheme from the request.
    app.url_map.merge_slashes = app.url_map.strict_slashes = False
    templates.register(app)
    app.config["MAX_CONTENT_LENGTH"] = 8 * 1024  # the longest form, every letter of it escaped, is smaller
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.trusted_proxies, 0, 0, 0, 0)  # type: ignore[method-assign]
    door = Door(
        settings.limits.answer_seconds,
        settings.limits.answer_bytes,
        in_flight=settings.outbound.in_flight,
        proxy=settings.outbound.proxy,
        ca_file=settings.outbound.ca_file,
    )
    app.extensions["sightline"] = Parts(
        settings=settings,
        store=KINDS[settings.store.kind](settings),
        door=door,
        servers=authorization_servers(door, settings.client_keys),
        trail=_trail(app, settings, door),
        preflight=Preflight(settings, door),
        # With those that wait less than half of a process's threads, however slow an archive is.
        pictures=Bulkhead(8, patience=2.5, queue=16),
    )
    for page in (
        start,
        launch,
        cookie_check,
        sign_in,
        patients,
        invoke,
        client_keys,
        asked_for,
        studies,
        viewer,
        other_viewers,
        report,
        compare,
        details,
        thumbnails,
        new_tab,
        ending,
    ):
        app.register_blueprint(page.blueprint)
    for registers in (compression, languages, headers, error_pages, static_files, identity, csrf, ending, rate_limits):
        registers.register(app)
    cli.register(app, settings)
    _keep_quiet()
    return app


def _trail(app: Flask, settings: Settings, door: Door) -> Trail:
    """The trail's files, and a deliverer for each destination, which every record wakes."""
    folder, names = settings.data_folder, destinations.names(settings)
    deliverers = tuple(Deliverer(folder, each) for each in destinations.configured(settings, door))
    app.extensions["deliverers"] = deliverers
    files = TrailFiles(
        folder,
        sync=settings.audit.sync,
        file_bytes=settings.audit.file_bytes,
        after_rotation=lambda: remove_old(folder, settings.audit.keep_days, names),
    )

    def append(line: bytes) -> None:
        files.append(line)
        for deliverer in deliverers:
            deliverer.wake()

    return Trail(append, required=settings.audit.required, known=provenance.of_request)


def _settings_or_exit() -> Settings:
    try:
        settings = load(Path(os.environ.get("SIGHTLINE_CONFIG", ROOT / "config.toml")), os.environ)
        ClientKeys(settings.client_keys)
        return settings
    except SettingsError as mistakes:
        print(mistakes, file=sys.stderr)
        raise SystemExit(2) from None


def _keep_quiet() -> None:
    """Libraries that log addresses or verifiers (patient ids stand in query strings) stay below WARNING."""
    for name in ("urllib3", "authlib", "requests", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)


def __getattr__(name: str) -> Flask:
    """`application` for WSGI servers, made when it is asked for, so that importing this module reads no settings."""
    if name == "application":
        globals()["application"] = create_app()
        application: Flask = globals()["application"]
        for deliverer in application.extensions["deliverers"]:
            deliverer.wake()  # what an earlier process left must not wait until somebody comes
        application.extensions["sightline"].preflight.begin()
        templates.compile_ahead(application)
        return application
    raise AttributeError(name)
