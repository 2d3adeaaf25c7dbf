"""Commands of `flask --app app …`."""

import json
from pathlib import Path

import click
import msgspec
from flask import Flask

from sightline.audit_record import Record
from sightline.auth import client_keys
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
