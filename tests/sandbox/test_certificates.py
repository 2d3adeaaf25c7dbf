"""The throw-away certificates: trusted through their authority only, made anew before they end, the key nobody's."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from sandbox import certificates
from sandbox.certificates import Certificates


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return certificates.ensure(tmp_path / "https")


def test_client_that_trusts_the_authority_takes_both_sites_and_another_client_neither(made: Certificates) -> None:
    server = make_server("127.0.0.1", 0, Flask("site"), ssl_context=made.server_context())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        for host in (certificates.EHR_HOST, certificates.SIGHTLINE_HOST):
            address = f"https://{host}:{server.server_port}/"
            assert requests.get(address, verify=str(made.authority), timeout=5).status_code == 404
            with pytest.raises(requests.exceptions.SSLError):
                requests.get(address, timeout=5)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_strict_client_has_nothing_to_complain_of(made: Certificates) -> None:
    """Python checks as strictly as RFC 5280 from 3.13 on."""
    context = made.client_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    server, client = made.server_context(), ssl.MemoryBIO()
    to_client, to_server = ssl.MemoryBIO(), client
    ends = (
        server.wrap_bio(to_server, to_client, server_side=True),
        context.wrap_bio(to_client, to_server, server_hostname="localhost"),
    )
    for _ in range(3):
        for end in reversed(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[1].getpeercert()


def test_same_certificates_stay_while_they_are_good(made: Certificates) -> None:
    before = made.certificate.read_bytes()
    assert certificates.ensure(made.certificate.parent).certificate.read_bytes() == before


def test_certificates_that_end_within_a_day_are_made_anew(made: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime.now(UTC) + timedelta(days=29, hours=12)

    before = made.certificate.read_bytes()
    monkeypatch.setattr(certificates, "datetime", Later)
    assert certificates.ensure(made.certificate.parent).certificate.read_bytes() != before


def test_key_is_for_its_owner_only_and_the_authoritys_is_nowhere(made: Certificates) -> None:
    assert made.key.stat().st_mode & 0o077 == 0
    keys = [file for file in made.key.parent.iterdir() if "PRIVATE KEY" in file.read_text()]
    assert keys == [made.key]
