"""A real HAPI FHIR JPA server, which holds the sandbox's records: one base for each version that HAPI speaks."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from sandbox import hospital, pictures
from sandbox.archive import index
from sandbox.fhir import VERSIONS
from sandbox.fhir.entries import Entries, Entry
from sandbox.hospital import Hospital
from sandbox.patients import MAX
from tests.conftest import PICTURES, ROOT, free_ports

SPOKEN = ("dstu2", "stu3", "r4", "r5")
START_SECONDS = 900
KINDS = ("Patient", "Endpoint", "ImagingStudy", "DiagnosticReport")
# More than the largest page that HAPI gives (200), so that Sightline's large pages have a next one too.
STUDIES_OF_MAX = 230
JVM = ("-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True)
class Hapi:
    """A running HAPI. `held` is what the sandbox had to give it."""

    url: str
    held: Hospital

    def base(self, version: str) -> str:
        """Its FHIR base for a version, without a slash at the end."""
        return f"{self.url}/fhir/{version}"

    def load(self, version: str) -> None:
        """Puts the records of everybody whose resources are valid, as a hospital's interface would."""
        entries = Entries(self.held)
        for kind in KINDS:
            patients = [patient for patient in self.held.patients if patient != "mina"]
            found = {entry.id: entry for patient in patients for entry in entries.of(kind, VERSIONS[version], patient)}
            self._put_together(version, list(found.values()))

    def put(self, version: str, entry: Entry) -> requests.Response:
        """Puts one resource under its own id."""
        headers = {"Content-Type": VERSIONS[version].media_type}
        address = f"{self.base(version)}/{entry.kind}/{entry.id}"
        return requests.put(address, json.dumps(entry.resource), headers=headers, timeout=60)

    def _put_together(self, version: str, entries: list[Entry]) -> None:
        sent = [
            {"resource": entry.resource, "request": {"method": "PUT", "url": f"{entry.kind}/{entry.id}"}}
            for entry in entries
        ]
        transaction = {"resourceType": "Bundle", "type": "transaction", "entry": sent}
        headers = {"Content-Type": VERSIONS[version].media_type}
        answer = requests.post(self.base(version), json.dumps(transaction), headers=headers, timeout=300)
        assert answer.status_code == 200, answer.text[:2000]


@contextmanager
def started(folder: Path) -> Iterator[Hapi]:
    """HAPI with the sandbox's records in it; skips the test, with the reason, where it cannot be had."""
    found = subprocess.run([ROOT / "scripts" / "find-hapi"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"NOT TESTED WITH HAPI FHIR: {found.stderr.strip()}")
    (port,) = free_ports(1)
    log = folder / "hapi.log"
    command = ["java", *JVM, "-cp", found.stdout.strip(), "HapiServer", str(port), *SPOKEN]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    hapi = Hapi(f"http://127.0.0.1:{port}", records(f"http://127.0.0.1:{port}"))
    try:
        _wait(process, log)
        for version in SPOKEN:
            hapi.load(version)
        yield hapi
    finally:
        process.terminate()
        process.wait(30)


def records(url: str) -> Hospital:
    """The sandbox's hospital with a shorter list of Max's studies."""
    pictures.ensure(PICTURES)
    whole = hospital.join(url, index.read(PICTURES).studies)
    studies = {**whole.studies, MAX.id: whole.studies[MAX.id][:STUDIES_OF_MAX]}
    return replace(whole, studies=studies, reports={**whole.reports, MAX.id: ()})


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        if b"\nready" in log.read_bytes():
            return
        time.sleep(0.5)
    process.kill()
    pytest.fail(f"HAPI did not start:\n{log.read_text()[-3000:]}")
