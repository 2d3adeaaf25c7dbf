"""The pair on https, the EHR on another site than Sightline, and what browsers may be told to do with cookies."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox import certificates
from sandbox.certificates import Certificates
from tests.browser import other_sites
from tests.conftest import Pair, free_ports, served, started

# What README, docs/embedding.md and our own page ask of an EHR that sandboxes its frames.
DOCUMENTED_SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"
OTHER_HOSTS = ("other-ehr.localhost", "stranger.localhost")


@dataclass(frozen=True)
class TwoSites:
    """The pair; the origin of another EHR that may frame what `r4` launches, and of a stranger that may not."""

    pair: Pair
    certificates: Certificates
    other_ehr: str
    stranger: str

    def launch_address(self, patient: str, ehr: str = "r4") -> str:
        """A fresh launch, as the EHR hands it to a frame."""
        address = f"{self.pair.hospital_url}/launch-only/{patient}?{urlencode({'ehr': ehr})}"
        with requests.Session() as asking:
            asking.trust_env, asking.verify = False, str(self.certificates.authority)
            return asking.get(address, allow_redirects=False, timeout=10).headers["Location"]

    @staticmethod
    def framing(site: str, *sources: str, sandbox: str | None = None) -> str:
        """The address of a page of this site that frames these addresses."""
        asked = [("src", source) for source in sources] + ([] if sandbox is None else [("sandbox", sandbox)])
        return f"{site}/frames?{urlencode(asked)}"

    def preferences(self, cookies: str) -> dict[str, Any]:
        """Chromium's profile for one way of keeping cookies.

        "third-party blocked" leaves partitioned ones; "none in frames" blocks every cookie below the EHRs' pages.
        """
        in_frames = {f"*,{site}": {"setting": 2} for site in (self.pair.hospital_url, self.other_ehr)}
        return {
            "profile": {
                "third-party blocked": {"cookie_controls_mode": 1},
                "allowed": {"cookie_controls_mode": 0},
                "none in frames": {"content_settings": {"exceptions": {"cookies": in_frames}}},
                "none": {"default_content_setting_values": {"cookies": 2}},
            }[cookies]
        }


@contextmanager
def started_on_two_sites(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoSites]:
    """All of them running; Sightline's own requests trust the throw-away authority."""
    made = certificates.ensure(folder / "https", *OTHER_HOSTS)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    (port,) = free_ports(1)
    other_ehr, stranger = (f"https://{host}:{port}" for host in OTHER_HOSTS)
    with started(folder, lambda toml: framed_by(toml, "r4", other_ehr), made) as pair:
        pair.hospital.config["FRAME_ANCESTORS"].append(other_ehr)
        with served(other_sites.create_app(), other_ehr, made):
            yield TwoSites(pair, made, other_ehr, stranger)


def framed_by(toml: str, name: str, origin: str) -> str:
    """The settings, in which one more site may frame what this EHR launches."""
    return re.sub(rf'(name = "{name}"\n(?:.+\n)*?frame_ancestors = \[)', rf'\g<1>"{origin}", ', toml, count=1)


def public_key_hash(made: Certificates) -> str:
    """The hash of the server's key, as Chromium wants to hear which one to trust."""
    key = x509.load_pem_x509_certificate(made.certificate.read_bytes()).public_key()
    plain = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(plain).digest()).decode()
