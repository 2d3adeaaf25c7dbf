"""A real Keycloak from its official distribution, the hospital's realm imported from a file, and a Sightline beside.

The tests in this folder are left out of the ordinary run: `make peers` sets PEERS. What cannot be had there (Keycloak,
HAPI, Orthanc, OHIF) is skipped and says why; the summary shows it.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.sightline_settings import CLIENT_SECRET
from tests.browser.conftest import (
    browser_path as browser_path,
    chromium as chromium,
    open_window as open_window,
    playwright as playwright,
)
from tests.conftest import ROOT, Pair, free_ports, started

START_SECONDS = 240
ADMIN = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin-of-a-minute"}
DOCTOR, PORTER, PASSWORD = "ingrid", "tove", "fjord"


@dataclass(frozen=True)
class Keycloak:
    """A running Keycloak. `realm` is the address of the hospital's realm, its issuer."""

    url: str

    @property
    def realm(self) -> str:
        return f"{self.url}/realms/hospital"

    def new_signing_key(self) -> None:
        """Has the realm sign with another key from now on."""
        component = {
            "name": "rotated",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": ["1000"], "keySize": ["2048"], "algorithm": ["RS256"]},
        }
        answer = requests.post(
            f"{self.url}/admin/realms/hospital/components", json=component, headers=self._admin(), timeout=30
        )
        assert answer.status_code == 201, answer.text

    def _admin(self) -> dict[str, str]:
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": ADMIN["KC_BOOTSTRAP_ADMIN_USERNAME"],
            "password": ADMIN["KC_BOOTSTRAP_ADMIN_PASSWORD"],
        }
        answer = requests.post(f"{self.url}/realms/master/protocol/openid-connect/token", form, timeout=30)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        if not os.environ.get("PEERS"):
            item.add_marker(pytest.mark.skip(reason="a test against a foreign server: `make peers` runs it"))
        elif item.get_closest_marker("browser") and os.environ.get("SKIP_BROWSER"):
            item.add_marker(pytest.mark.skip(reason="NOT TESTED IN A REAL BROWSER: none could be had"))


@pytest.fixture(scope="session")
def keycloak_and_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Keycloak, Pair]]:
    found = subprocess.run([ROOT / "scripts" / "find-keycloak"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"NOT TESTED AGAINST KEYCLOAK: {found.stderr.strip()}")
    keycloak = Keycloak(f"http://127.0.0.1:{free_ports(1)[0]}")
    folder = tmp_path_factory.mktemp("keycloak")
    with started(folder, lambda toml: at_keycloak(toml, keycloak)) as pair:
        process = _started(Path(found.stdout.strip()), keycloak, pair, folder / "keycloak.log")
        try:
            yield keycloak, pair
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def keycloak(keycloak_and_pair: tuple[Keycloak, Pair]) -> Keycloak:
    return keycloak_and_pair[0]


@pytest.fixture
def pair(keycloak_and_pair: tuple[Keycloak, Pair]) -> Pair:
    return keycloak_and_pair[1]


def at_keycloak(toml: str, keycloak: Keycloak) -> str:
    """The settings with Keycloak in the place of the sandbox's staff sign-in; one EHR proves itself by a key there."""
    blocks = []
    for block in toml.split("[[ehr]]\n"):
        if 'sign_in = "oidc"' in block:
            lines = [line for line in block.splitlines() if not line.startswith("issuer = ")]
            block = "\n".join([*lines[:1], f'issuer = "{keycloak.realm}"', *lines[1:], ""])
        if 'name = "r4-basic"' in block:
            block = block.replace('client_id = "sightline-staff"', 'client_id = "sightline-signed"')
            block = block.replace('"client_secret_basic"', '"private_key_jwt"')
        blocks.append(block)
    return "[[ehr]]\n".join(blocks)


def realm(pair: Pair) -> dict[str, Any]:
    """The realm's file: two clients, two people, a role that only the doctor has, in the id_token as `roles`."""
    roles = {
        "name": "roles",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-realm-role-mapper",
        "config": {
            "claim.name": "roles",
            "multivalued": "true",
            "id.token.claim": "true",
            "jsonType.label": "String",
        },
    }

    def client(client_id: str, ehr: str, **proof: Any) -> dict[str, Any]:
        attributes = {"pkce.code.challenge.method": "S256", **proof.pop("attributes", {})}
        return {
            "clientId": client_id,
            "protocol": "openid-connect",
            "standardFlowEnabled": True,
            "redirectUris": [f"{pair.sightline_url}/sign-in/{ehr}/return"],
            "protocolMappers": [roles],
            "attributes": attributes,
            **proof,
        }

    def person(name: str, first: str, last: str, *granted: str) -> dict[str, Any]:
        return {
            "username": name,
            "enabled": True,
            "firstName": first,
            "lastName": last,
            "email": f"{name}@hospital.example",
            "emailVerified": True,
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            "realmRoles": list(granted),
        }

    keys = {
        "use.jwks.url": "true",
        "jwks.url": f"{pair.sightline_url}/.well-known/jwks.json",
        "token.endpoint.auth.signing.alg": "ES384",
    }
    return {
        "realm": "hospital",
        "enabled": True,
        "sslRequired": "none",
        "roles": {"realm": [{"name": "imaging"}]},
        "clients": [
            client("sightline-staff", "r4-bearer", secret=CLIENT_SECRET),
            client("sightline-signed", "r4-basic", clientAuthenticatorType="client-jwt", attributes=keys),
        ],
        "users": [person(DOCTOR, "Ingrid", "Nordahl", "imaging"), person(PORTER, "Tove", "Lien")],
    }


def _started(home: Path, keycloak: Keycloak, pair: Pair, log: Path) -> "subprocess.Popen[bytes]":
    """Keycloak's own process, answering; its memory is all that it keeps."""
    imported = home / "data" / "import"
    imported.mkdir(parents=True, exist_ok=True)
    (imported / "hospital.json").write_text(json.dumps(realm(pair)))
    port = keycloak.url.rsplit(":", 1)[1]
    listening = ["--http-host=127.0.0.1", f"--http-port={port}", "--db=dev-mem", "--import-realm"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [home / "bin" / "kc.sh", "start-dev", *listening],
            env={**os.environ, **ADMIN, "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx768m"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if requests.get(f"{keycloak.realm}/.well-known/openid-configuration", timeout=2).status_code == 200:
                return process
        except requests.RequestException:
            pass
        time.sleep(1)
    process.kill()
    pytest.fail(f"Keycloak did not start:\n{log.read_text()[-3000:]}")
