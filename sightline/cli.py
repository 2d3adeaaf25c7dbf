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
from sightline.auth import client_keys
from sightline.doctor import Finding, Grade, findings
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

    @app.cli.command("new-client-key")
    @click.argument("algorithm", type=click.Choice(client_keys.ALGORITHMS))
    @click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Add it to the JWK Set in this file.")
    def new_client_key(algorithm: str, file: Path | None) -> None:
        """Make a private key for private_key_jwt: printed as a JWK Set, or added as the last to one in a file."""
        if file is None:
            click.echo(client_keys.jwks_with_new_key(algorithm))
            return
        jwks = client_keys.jwks_with_new_key(algorithm, file.read_text() if file.exists() else "")
        beside = file.with_name(f"{file.name}.new")
        beside.touch(mode=0o600, exist_ok=False)
        beside.write_text(jwks)
        beside.replace(file)

    @app.cli.command("doctor")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
    def doctor(as_json: bool) -> None:
        """Ask each viewer whether it answers and may stand in the EHR's frame. Exit code 1: a check fails."""
        found = list(findings(settings, app.extensions["sightline"].door))
        for finding in found:
            click.echo(msgspec.json.encode(finding) if as_json else _in_words(finding))
        if any(finding.grade is Grade.FAIL for finding in found):
            raise SystemExit(1)


def _in_words(finding: Finding) -> str:
    line = f"{finding.grade:<5} {finding.viewer}, {finding.check}: {finding.what}"
    return f"{line}\n      Instead: {finding.fix}" if finding.fix else line


def _trail(folder: Path) -> Iterator[bytes]:
    return (line for line, _ in lines_after(folder, Position()))
