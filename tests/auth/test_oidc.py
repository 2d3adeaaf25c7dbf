"""OpenID Connect: where the browser is sent, and what its return is worth."""

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec import structs

from sightline.auth import oidc
from sightline.auth.id_token import User
from sightline.auth.oidc import PendingSignIn
from sightline.auth.servers import AuthorizationServers, authorization_servers
from sightline.errors import LaunchRefused, SightlineError, SignInRefused, SourceError
from sightline.outbound import Door
from sightline.settings import EhrSettings
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at

RETURN = "https://sightline.hospital.example/sign-in/north-wing/return"
PENDING = PendingSignIn("north-wing", "1d", "", "", "s" * 43, "v" * 64, "n" * 43)
KEY, STRANGE_KEY = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("one", "two"))


class Provider:
    """A provider on the loopback: its id_token has these claims besides good ones, None leaves one out."""

    def __init__(self, reply: Reply | None = None, key: RSAKey = KEY, **claims: Any) -> None:
        self._reply, self._key, self._claims = reply, key, claims
        self.stated: dict[str, Any] = {}
        self.keys = [KEY]
        self.server = FarSide(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        url = self.server.url
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        document = {"issuer": url, **{name: f"{url}/{path}" for name, path in addresses.items()}}
        if asked.path.endswith("/openid-configuration"):
            return as_json(document | {"end_session_endpoint": f"{url}/logout?x=1"} | self.stated)
        if asked.path == "/keys":
            return as_json({"keys": [key.as_dict(private=False) for key in self.keys]})
        return self._reply or as_json({"access_token": "a", "token_type": "Bearer", "id_token": self._id_token()})

    def _id_token(self) -> str:
        now = int(time.time())
        good = {"iss": self.server.url, "aud": "sightline", "sub": "ing", "exp": now + 60, "iat": now}
        claims = good | {"nonce": PENDING.nonce, "name": "Dr Ingrid Nordahl"} | self._claims
        held = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, held, self._key)


def ehr_of(server: FarSide, **settings: Any) -> EhrSettings:
    of_oidc = {"sign_in": "oidc", "authorization": "none", "issuer": server.url, "scopes": ("openid", "profile")}
    return ehr_at(f"{server.url}/fhir", **{**of_oidc, **settings})


def servers() -> AuthorizationServers:
    return authorization_servers(Door(1, 50_000), "")


def pending_at(server: FarSide) -> PendingSignIn:
    """A sign-in whose browser was sent to this provider."""
    return structs.replace(PENDING, issuer=server.url, token_endpoint=f"{server.url}/token")


def signed_in(provider: Provider, **settings: Any) -> tuple[User, bool]:
    with provider.server as server:
        return oidc.signed_in(servers(), ehr_of(server, **settings), RETURN, "c0de", pending_at(server))


def test_browser_is_sent_to_the_provider_with_all_that_openid_connect_demands() -> None:
    with Provider().server as server:
        url, pending = oidc.authorization_request(servers(), ehr_of(server), RETURN)
        assert url.startswith(f"{server.url}/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    digest = hashlib.sha256(pending.verifier.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": "sightline",
        "redirect_uri": RETURN,
        "scope": "openid profile",
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    assert min(len(pending.state), len(pending.nonce), len(pending.verifier)) >= 43


def test_no_two_sign_ins_share_anything() -> None:
    with Provider().server as server:
        one, two = (oidc.authorization_request(servers(), ehr_of(server), RETURN)[1] for _ in range(2))

    assert not {one.state, one.nonce, one.verifier} & {two.state, two.nonce, two.verifier}


@pytest.mark.parametrize("was", ["issuer", "token_endpoint"])
def test_code_goes_to_no_other_provider_than_the_one_that_the_browser_was_sent_to(was: str) -> None:
    provider = Provider()
    with provider.server as server:
        pending = structs.replace(pending_at(server), **{was: "https://elsewhere.example/token"})
        with pytest.raises(SignInRefused, match="another token endpoint"):
            oidc.signed_in(servers(), ehr_of(server), RETURN, "c0de", pending)
    assert [asked for asked in provider.server.asked if asked.path == "/token"] == []


def test_code_is_exchanged_with_verifier_and_secret_and_says_who_it_is() -> None:
    provider = Provider()
    user, entitled = signed_in(provider)

    (asked,) = [asked for asked in provider.server.asked if asked.path == "/token"]
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": RETURN,
        "code_verifier": PENDING.verifier,
    }
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"sightline:s3cret"
    assert user == User(provider.server.url, "ing", "", "Dr Ingrid Nordahl")
    assert entitled


def test_public_client_names_itself_and_proves_nothing() -> None:
    provider = Provider()
    signed_in(provider, client_authentication="none", client_secret="")

    (asked,) = [asked for asked in provider.server.asked if asked.path == "/token"]
    assert asked.form["client_id"] == "sightline"
    assert asked.headers["Authorization"] is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "somebody-else"},
        {"aud": ["sightline", "other"]},
        {"azp": "other"},
        {"nonce": None},
        {"nonce": "another"},
        {"exp": 1},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_id_token_that_fails_a_check_signs_in_nobody(claims: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused):
        signed_in(Provider(**claims))


def test_id_token_of_a_strange_key_signs_in_nobody() -> None:
    with pytest.raises(LaunchRefused):
        signed_in(Provider(key=STRANGE_KEY))


def test_key_that_the_provider_has_changed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: right() + ahead[0])
    provider, these = Provider(), servers()
    with provider.server as server:
        oidc.signed_in(these, ehr_of(server), RETURN, "c0de", pending_at(server))
        provider._key, provider.keys = STRANGE_KEY, [KEY, STRANGE_KEY]
        ahead[0] = 60

        assert oidc.signed_in(these, ehr_of(server), RETURN, "c0de", pending_at(server))[0].subject == "ing"


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"error": "invalid_grant"}, 400),
        as_json({"error": "invalid_client"}, 401),
        as_json({"access_token": "a", "token_type": "Bearer"}),
        as_json({"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"}),
        HTML,
    ],
)
def test_answer_without_a_good_id_token_signs_in_nobody(reply: Reply) -> None:
    with pytest.raises((SignInRefused, LaunchRefused)):
        signed_in(Provider(reply))


def test_provider_that_is_down_is_a_failure() -> None:
    with pytest.raises(SourceError):
        signed_in(Provider(Reply(500)))


@pytest.mark.parametrize(
    ("name", "claims", "entitled"),
    [
        ("roles", {"roles": ["staff", "imaging"]}, True),
        ("roles", {"roles": "imaging"}, True),
        ("roles", {"roles": ["imaging-admin"]}, False),
        ("roles", {"roles": "imaging staff"}, False),
        ("roles", {"roles": {"imaging": True}}, False),
        ("roles", {"roles": []}, False),
        ("roles", {}, False),
        ("realm_access.roles", {"realm_access": {"roles": ["imaging"]}}, True),
        ("realm_access.roles", {"realm_access": ["roles"]}, False),
        ("realm_access.roles", {"realm_access.roles": ["imaging"]}, True),
        ("https://hospital.example/roles", {"https://hospital.example/roles": ["imaging"]}, True),
        ("", {}, True),
    ],
)
def test_only_the_required_claim_lets_somebody_in(name: str, claims: dict[str, Any], entitled: bool) -> None:
    value = "imaging" if name else ""

    assert signed_in(Provider(**claims), required_claim=name, required_value=value)[1] is entitled


@pytest.mark.parametrize(
    ("names_itself", "stated", "taken"),
    [
        (False, [], True),
        (True, [], False),
        (False, ["https://other.example"], False),
        (True, ["{issuer}"], True),
        (False, ["{issuer}"], True),
        (True, ["{issuer}", "{issuer}"], False),
    ],
)
def test_answer_of_another_provider_is_refused(names_itself: bool, stated: list[str], taken: bool) -> None:
    """RFC 9207."""
    provider = Provider()
    provider.stated = {"authorization_response_iss_parameter_supported": names_itself}
    with provider.server as server:
        said = [each.format(issuer=server.url) for each in stated]
        if taken:
            oidc.checked_issuer(servers(), ehr_of(server), said)
        else:
            with pytest.raises(SignInRefused):
                oidc.checked_issuer(servers(), ehr_of(server), said)


def test_sign_out_at_the_provider_takes_no_token_along() -> None:
    with Provider().server as server:
        assert oidc.sign_out_address(servers(), ehr_of(server)) == f"{server.url}/logout?x=1&client_id=sightline"


@pytest.mark.parametrize("stated", [{"end_session_endpoint": None}, {"issuer": "https://other.example"}])
def test_provider_without_a_sign_out_of_its_own_is_not_sent_to(stated: dict[str, Any]) -> None:
    provider = Provider()
    provider.stated = stated
    with provider.server as server:
        assert oidc.sign_out_address(servers(), ehr_of(server)) == ""


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_basic"])
def test_provider_that_takes_no_proof_of_ours_is_not_sent_to(method: str) -> None:
    provider = Provider()
    provider.stated = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    with provider.server as server, pytest.raises(SightlineError):
        oidc.authorization_request(servers(), ehr_of(server, client_authentication=method), RETURN)
