"""A throw-away certificate authority and one server certificate of it, for the hospital and Sightline on https.

Good for the loopback only. Browsers take `localhost` and 127.0.0.1 for two sites, as an EHR and Sightline are.
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EHR_HOST, SIGHTLINE_HOST = "localhost", "127.0.0.1"
_DAYS = 30
_CERTIFIES = x509.KeyUsage(
    key_cert_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Three PEM files: what a browser or a client has to trust, and what a server needs."""

    authority: Path
    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server speaks TLS with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """What a client trusts this authority with, and no other."""
        return ssl.create_default_context(cafile=str(self.authority))


def ensure(folder: Path, *more_hosts: str) -> Certificates:
    """The certificates in `folder`, made new where there are none or they end within a day.

    They are good for `localhost`, for 127.0.0.1 and for `more_hosts`, each by its whole name: Firefox takes no
    `*.localhost`.
    The authority's own key is never written: nobody can make another certificate that a browser trusts through it.
    """
    files = Certificates(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    if not (files.certificate.exists() and _ends(files.certificate) > datetime.now(UTC) + timedelta(days=1)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(files, more_hosts)
    return files


def _ends(certificate: Path) -> datetime:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _make(files: Certificates, more_hosts: tuple[str, ...]) -> None:
    address = x509.IPAddress(ipaddress.ip_address(SIGHTLINE_HOST))
    names = [address, *(x509.DNSName(host) for host in (EHR_HOST, *more_hosts))]
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sightline sandbox, throw-away authority")])
    authority = (
        _begun(authority_name, authority_name, authority_key, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_CERTIFIES, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, EHR_HOST)]), authority_name, key, authority_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files.key.unlink(missing_ok=True)
    with os.fdopen(os.open(files.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(private)
    files.authority.write_bytes(authority.public_bytes(pem))
    files.certificate.write_bytes(certificate.public_bytes(pem))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    """What both have in common, with the key identifiers that strict clients ask for (RFC 5280 section 4.2.1)."""
    now = datetime.now(UTC)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
