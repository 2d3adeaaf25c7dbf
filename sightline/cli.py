"""Commands of `flask --app app …`."""

import json
from pathlib import Path

import click
import msgspec
from flask import Flask

from sightline.audit_record import Record
from sightline.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Adds them to the application."""

    @app.cli.command("audit-events")
    @click.option("--file", type=click.Path(exists=True, path_type=Path), help="The trail; else the data folder's own.")
    def audit_events(file: Path | None) -> None:
        """Print the audit trail as R4 AuditEvents, one a line."""
        from sightline.fhir.audit_event import audit_event  # its models are only needed here

        trail = file or settings.data_folder / "audit.ndjson"
        for line in trail.read_bytes().splitlines():
            record = msgspec.json.decode(line, type=Record)
            click.echo(json.dumps(audit_event(record, settings.public_url)))
