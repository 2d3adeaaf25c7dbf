"""An EHR that keeps SMART's rules until a test makes it hostile: it may answer any of its addresses otherwise.

`Clinician` is a person whose browser this EHR sends to Sightline.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from app import create_app
from sightline.settings import load
from tests.conftest import free_ports, served
from tests.far_side import Asked, FarSide, Reply, as_json
from tests.searchset import imaging_study, searchset

KEY = RSAKey.generate_key(2048, {"kid": "ehr", "use": "sig"})
TOKEN = "t0ken-of-the-ehr"
ENVIRONMENT = {"SIGHTLINE_SECRET_KEY": "only-for-tests-" * 3, "SIGHTLINE_EHR_NORTH_CLIENT_SECRET": "client-s3cret"}

Answer = Reply | Callable[[Asked], Reply]


class HostileEhr:
    """`answers` holds, by path, what is said instead of the honest answer; `asked` what Sightline sent."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.nonce = ""
        self.far_side = FarSide(self._answer)

    @property
    def url(self) -> str:
        return self.far_side.url

    @property
    def asked(self) -> list[Asked]:
        return self.far_side.asked

    def asked_for(self, path: str) -> list[Asked]:
        """The requests to this path so far."""
        return [asked for asked in self.asked if asked.path == path]

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """smart-configuration, with changes."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "capabilities": ["launch-ehr", "sso-openid-connect"],
            **changes,
        }

    def token(self, *, claims: dict[str, Any] | None = None, key: RSAKey = KEY, **changes: Any) -> dict[str, Any]:
        """The token response, with changes to it and to the claims of its id_token."""
        now = int(time.time())
        about = {"iss": self.url, "aud": "sightline", "sub": "dr-7", "iat": now, "exp": now + 60, "nonce": self.nonce}
        return {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 600,
            "scope": "launch openid patient/Patient.read patient/ImagingStudy.read",
            "patient": "ada",
            "id_token": jwt.encode({"alg": "RS256", "kid": "ehr"}, about | (claims or {}), key),
            **changes,
        }

    def _answer(self, asked: Asked) -> Reply:
        told = self.answers.get(asked.path)
        if told is not None:
            return told(asked) if callable(told) else told
        return as_json(self._honest(asked))

    def _honest(self, asked: Asked) -> Any:
        match asked.path:
            case "/fhir/.well-known/smart-configuration":
                return self.configuration()
            case "/keys":
                return {"keys": [KEY.as_dict(private=False)]}
            case "/token":
                return self.token()
            case "/fhir/metadata":
                return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
            case "/fhir/Patient/ada":
                return {"resourceType": "Patient", "id": "ada", "name": [{"family": "Lindqvist", "given": ["Ada"]}]}
        return searchset(imaging_study("1.2.840.1", description="CT chest"))


class Clinician:
    """One person's browser, in which this EHR opens Sightline."""

    def __init__(self, ehr: HostileEhr, sightline_url: str) -> None:
        self.ehr, self.sightline_url = ehr, sightline_url
        self.browser = requests.Session()
        self.browser.trust_env = False

    def goes_to(self, address: str) -> requests.Response:
        """One request, to a path of Sightline or a whole address; no redirect is followed."""
        url = self.sightline_url + address if address.startswith("/") else address
        return self.browser.get(url, allow_redirects=False, timeout=30)

    def lands(self, address: str) -> requests.Response:
        """Where redirects within Sightline end: at a page, or at the way out of it."""
        answer = self.goes_to(address)
        while answer.is_redirect and self.stays_here(answer):
            answer = self.goes_to(urljoin(answer.url, answer.headers["Location"]))
        return answer

    def stays_here(self, answer: requests.Response) -> bool:
        """Whether this redirect leads to Sightline."""
        return urljoin(answer.url, answer.headers["Location"]).startswith(self.sightline_url + "/")

    def is_launched(self, iss: str = "") -> requests.Response:
        """The EHR opens Sightline: the redirect to the authorization server, or the page that says why not."""
        return self.lands(f"/launch?{urlencode({'iss': iss or f'{self.ehr.url}/fhir', 'launch': 'launch-t0ken'})}")

    def signs_in(self, **answer: str) -> str:
        """Is launched, and gives the address that the authorization server sends the browser back to."""
        there = urlsplit(self.is_launched().headers["Location"])
        asked = {name: values[0] for name, values in parse_qs(there.query).items()}
        self.ehr.nonce = asked["nonce"]
        return f"{asked['redirect_uri']}?{urlencode({'code': 'c0de', 'state': asked['state'], **answer})}"

    def opens_chart(self) -> requests.Response:
        """The whole way from the EHR to the list, or to the page that says why not."""
        return self.lands(self.signs_in())


@contextmanager
def trusting_sightline(ehr: HostileEhr, folder: Path, more: str = "") -> Iterator[str]:
    """The address of a running Sightline whose settings know this EHR and one viewer, and hold `more`."""
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    file = folder / "sightline.toml"
    file.write_text(
        f"""
public_url = "{url}"
site_name = "Fjordview"
time_zone = "Europe/Berlin"
data_folder = "{folder}"
[limits]
answer_seconds = 2
page_seconds = 20
list_seconds = 4
answer_megabytes = 1
[[ehr]]
name = "north"
title = "North Wing EHR"
iss = "{ehr.url}/fhir"
client_id = "sightline"
client_authentication = "client_secret_basic"
scopes = ["launch", "openid", "patient/Patient.read", "patient/ImagingStudy.read"]
frame_ancestors = ["https://ehr.example"]
[[viewer]]
name = "display"
title = "Display"
kind = "iid"
address = "https://viewer.example/IHEInvokeImageDisplay"
{more}
"""
    )
    with served(create_app(load(file, ENVIRONMENT)), url):
        yield url
