"""`python -m sightline`: checks the settings, then serves Sightline with granian.

The check comes first and in this one process, so that a file with mistakes prints each of them once and ends with exit
code 2, where every worker of the server would print them all.
"""

import argparse
import os
import sys
from pathlib import Path

from sightline.auth import client_keys
from sightline.settings import Settings, SettingsError, load
from sightline.settings.addresses import on_loopback

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Exits with 2 for settings with mistakes; else the server takes the process over."""
    parser = argparse.ArgumentParser("python -m sightline", description=__doc__.split("\n\n")[0])
    parser.add_argument("--config", type=Path, default=os.environ.get("SIGHTLINE_CONFIG", "config.toml"))
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", default="8000", help="the port to listen on (8000)")
    parser.add_argument("--workers", default="2", help="processes (2)")
    parser.add_argument("--threads", default="64", help="requests in flight in each process (64)")
    parser.add_argument("--certificate", help="serve https with this certificate (PEM), where no proxy stands in front")
    parser.add_argument("--key", help="the certificate's private key (PKCS #8, PEM)")
    parser.add_argument("--check", action="store_true", help="check the settings and stop")
    parser.add_argument(
        "--new-client-key",
        choices=client_keys.ALGORITHMS,
        help="print a new key for private_key_jwt and stop; no settings are needed",
    )
    asked = parser.parse_args()
    if bool(asked.certificate) != bool(asked.key):
        parser.error("--certificate and --key belong together")
    if asked.new_client_key:
        print(client_keys.jwks_with_new_key(asked.new_client_key))
        return
    try:
        settings = load(asked.config, os.environ)
        client_keys.ClientKeys(settings.client_keys)
    except SettingsError as mistakes:
        print(mistakes, file=sys.stderr)
        raise SystemExit(2) from None
    _refuse_strangers(settings, asked.host)
    if asked.check:
        print(f"{asked.config} is in order.")
        return
    https = _https(asked.certificate, asked.key) if asked.certificate else []
    os.environ["SIGHTLINE_CONFIG"] = str(asked.config.resolve())
    os.chdir(ROOT)
    listening = ["--host", asked.host, "--port", asked.port, "--workers", asked.workers]
    serving = ["--blocking-threads", asked.threads, "--backpressure", "2048", "--no-ws", "--log-level", "error"]
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "app:application"]
    os.execv(sys.executable, [*granian, *listening, *serving, *https])  # noqa: S606 - our own command line


def _https(certificate: str, key: str) -> list[str]:
    """Granian's own floor is TLS 1.3, which browsers embedded in older EHR clients do not speak."""
    files = ["--ssl-certificate", str(Path(certificate).resolve()), "--ssl-keyfile", str(Path(key).resolve())]
    return [*files, "--ssl-protocol-min", "tls1.2"]


def _refuse_strangers(settings: Settings, host: str) -> None:
    """Where nobody has to sign in, only this very machine may ask."""
    open_to_all = [ehr.name for ehr in settings.ehrs if ehr.sign_in == "none"]
    if open_to_all and not on_loopback(host):
        print(
            f'sign_in is "none" for {", ".join(open_to_all)}: Sightline does not listen on {host}, where others could '
            "read patients' data without a sign-in. Use --host 127.0.0.1, or another sign_in.",
            file=sys.stderr,
        )
        raise SystemExit(2)


if __name__ == "__main__":
    main()
