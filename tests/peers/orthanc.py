"""A real Orthanc with DICOMweb and its own web viewer (Debian's packages), which holds the sandbox's pictures."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from sandbox import pictures
from tests.conftest import PICTURES, ROOT, free_ports

START_SECONDS = 60
PLUGINS = ("libOrthancDicomWeb.so", "libOrthancWebViewer.so")


@dataclass(frozen=True)
class Orthanc:
    """A running Orthanc. `url` is its origin."""

    url: str

    @property
    def dicomweb(self) -> str:
        """Its DICOMweb base."""
        return f"{self.url}/dicom-web"

    def store(self, pictures: Path) -> int:
        """Stores every file of the sandbox's archive by its REST API; how many it took."""
        with requests.Session() as asking:
            asking.trust_env = False
            answers = [
                asking.post(f"{self.url}/instances", file.read_bytes(), timeout=60).status_code
                for file in sorted(pictures.glob("*/*/*.dcm"))
            ]
        assert set(answers) == {200}
        return len(answers)

    def viewer_of(self, study_uid: str) -> str:
        """The address at which its own viewer shows the study's first series; that viewer knows Orthanc's ids only."""
        level = {"Level": "Series", "Query": {"StudyInstanceUID": study_uid}, "Expand": True}
        answer = requests.post(f"{self.url}/tools/find", json=level, timeout=30)
        first = min(answer.json(), key=lambda series: int(series["MainDicomTags"].get("SeriesNumber", "0")))
        return f"{self.url}/web-viewer/app/viewer.html?series={first['ID']}"


@contextmanager
def started(folder: Path) -> Iterator[Orthanc]:
    """Orthanc with all pictures of the sandbox in it; skips the test, with the reason, where there is none."""
    found = subprocess.run([ROOT / "scripts" / "find-orthanc"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"NOT TESTED WITH ORTHANC: {found.stderr.strip()}")
    program, plugins = found.stdout.split("\n")[:2]
    (port,) = free_ports(1)
    orthanc = Orthanc(f"http://127.0.0.1:{port}")
    settings = folder / "orthanc.json"
    settings.write_text(json.dumps(_settings(folder, port, Path(plugins))))
    with (folder / "orthanc.log").open("wb") as output:
        process = subprocess.Popen([program, settings], stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, orthanc, folder / "orthanc.log")
        pictures.ensure(PICTURES)
        orthanc.store(PICTURES)
        yield orthanc
    finally:
        process.terminate()
        process.wait(30)


def _settings(folder: Path, port: int, plugins: Path) -> dict[str, object]:
    """It listens on every interface (1.10 cannot do otherwise) and refuses whoever is not on this machine."""
    return {
        "Name": "Fjordview",
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": False,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "Plugins": [str(plugins / name) for name in PLUGINS],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "WebViewer": {"CachePath": str(folder / "cache")},
    }


def _wait(process: "subprocess.Popen[bytes]", orthanc: Orthanc, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if requests.get(f"{orthanc.url}/system", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"Orthanc did not start:\n{log.read_text()[-3000:]}")
