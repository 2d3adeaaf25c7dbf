"""Commands of `flask --app app …`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from flask import Flask

from sightline.audit_record import Record
from sightline.audit_trail import destinations
from sightline.audit_trail.reading import Position, lines_after
from sightline.audit_trail.status import waiting
from sightline.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Adds them to the application."""

    @app.cli.command("audit-events")
    @click.option("--file", type=click.Path(exists=True, path_type=Path), help="One file; else the whole trail.")
    def audit_events(file: Path | None) -> None:
        """Print the audit trail as R4 AuditEvents, one a line; a damaged line is said and left out."""
        from sightline.fhir.audit_event import audit_event  # its models are only needed here

        damaged = 0
        for line in file.read_bytes().splitlines() if file else _trail(settings.data_folder):
            try:
                record = msgspec.json.decode(line, type=Record)
            except msgspec.DecodeError:
                damaged += 1
                continue
            click.echo(json.dumps(audit_event(record, settings.public_url, settings.site_name)))
        if damaged:
            click.echo(f"{damaged} damaged lines left out.", err=True)

    @app.cli.command("audit-status")
    def audit_status() -> None:
        """Print what waits for each destination; exit 1 where something waits for an hour, or was refused."""
        found = [waiting(settings.data_folder, name) for name in destinations.names(settings)]
        for each in found:
            click.echo(each)
        if not found:
            click.echo("The settings name no destination; the trail stays in its files.")
        if not all(each.is_in_order(datetime.now(UTC)) for each in found):
            raise SystemExit(1)


def _trail(folder: Path) -> Iterator[bytes]:
    return (line for line, _ in lines_after(folder, Position()))
