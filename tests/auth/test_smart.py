"""SMART App Launch 2.2: where the browser is sent, and what its return is worth."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec import structs

from sightline.auth.grant import Grant
from sightline.auth.launch_context import LaunchContext
from sightline.auth.servers import AuthorizationServers, authorization_servers
from sightline.auth.smart import PendingLaunch, authorization_request, checked_issuer, exchange
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused, SightlineError, SourceError, SourceFailed, SourceSlow, SourceTooLarge
from sightline.outbound import Door
from sightline.settings import EhrSettings
from tests.far_side import HTML, Asked, FarSide, Reply, as_json, ehr_at, zipped

CALLBACK = "https://sightline.hospital.example/callback/north-wing"
PENDING = PendingLaunch("north-wing", "1d", "", "", "s" * 43, "v" * 64, "n" * 43)
KEY = RSAKey.generate_key(2048, {"kid": "one"})


def configured(base: str = "https://login.hospital.example") -> SmartConfiguration:
    return SmartConfiguration(f"{base}/authorize", f"{base}/token", base, f"{base}/keys")


def pending_at(base: str) -> PendingLaunch:
    """A launch whose browser was sent to this server."""
    return structs.replace(PENDING, issuer=base, token_endpoint=f"{base}/token")


class Configured:
    """Configurations that were asked for already."""

    def __init__(self, configuration: SmartConfiguration) -> None:
        self._configuration = configuration

    def of(self, ehr: EhrSettings, seconds: float | None = None) -> SmartConfiguration:
        return self._configuration


def servers(configuration: SmartConfiguration) -> AuthorizationServers:
    made = authorization_servers(Door(1, 50_000), "")
    return structs.replace(made, configurations=Configured(configuration))


def sent(
    launch: str = "xyz", endpoint: str = "/authorize", stated: dict[str, Any] | None = None, **settings: Any
) -> tuple[str, dict[str, str], PendingLaunch]:
    base = configured()
    asked = structs.replace(base, authorization_endpoint=f"https://login.hospital.example{endpoint}", **(stated or {}))
    url, pending = authorization_request(
        servers(asked), ehr_at("https://ehr.example/fhir", **settings), CALLBACK, launch
    )
    return url, {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}, pending


def test_browser_is_sent_to_the_authorization_server_with_all_that_smart_demands() -> None:
    url, query, pending = sent()

    assert url.startswith("https://login.hospital.example/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": "sightline",
        "redirect_uri": CALLBACK,
        "scope": "launch openid fhirUser patient/ImagingStudy.read",
        "state": pending.state,
        "nonce": pending.nonce,
        "aud": "https://ehr.example/fhir",
        "launch": "xyz",
        "code_challenge": query["code_challenge"],
        "code_challenge_method": "S256",
    }


def test_challenge_is_that_of_the_verifier_and_the_verifier_stays_here() -> None:
    url, query, pending = sent()

    digest = hashlib.sha256(pending.verifier.encode()).digest()
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert 43 <= len(pending.verifier) <= 128  # RFC 7636 4.1
    assert pending.verifier not in url
    assert "s3cret" not in url


def test_every_launch_has_secrets_of_its_own() -> None:
    launches = [sent()[2] for _ in range(20)]

    secrets = {text for pending in launches for text in (pending.state, pending.verifier, pending.nonce)}
    assert len(secrets) == 60
    assert min(map(len, secrets)) >= 43


def test_launch_from_outside_an_ehr_asks_the_user_for_a_patient() -> None:
    _, query, _ = sent(launch="")

    assert "launch" not in query
    assert query["scope"].split()[0] == "launch/patient"


@pytest.mark.parametrize("launch", ["a&b=c#d%26 e+f", "é" * 10, "x" * 3000])
def test_launch_value_goes_back_to_the_ehr_as_it_came(launch: str) -> None:
    assert sent(launch=launch)[1]["launch"] == launch


def test_query_that_the_endpoint_has_already_stays() -> None:
    _, query, pending = sent(endpoint="/authorize?tenant=7")

    assert (query["tenant"], query["state"]) == ("7", pending.state)


@pytest.mark.parametrize(("version_2", "scope"), [(True, "rs"), (False, "read")])
@pytest.mark.parametrize("configured", ["patient/ImagingStudy.read", "patient/ImagingStudy.rs"])
def test_scopes_are_asked_for_in_the_syntax_that_the_server_offers(
    configured: str, version_2: bool, scope: str
) -> None:
    _, query, _ = sent(stated={"scopes_version_2": version_2}, scopes=("launch", "openid", configured))

    assert query["scope"] == f"launch openid patient/ImagingStudy.{scope}"


@pytest.mark.parametrize("scopes", [("launch", "openid"), ("openid", "online_access"), ("openid", "offline_access")])
def test_access_beyond_the_first_token_is_asked_for_only_where_the_settings_say_so(scopes: tuple[str, ...]) -> None:
    assert sent(scopes=scopes)[1]["scope"] == " ".join(scopes)


@pytest.mark.parametrize("iss", ["https://ehr.example/fhir", "https://ehr.example/fhir/"])
def test_audience_is_the_base_exactly_as_the_settings_have_it(iss: str) -> None:
    url, _ = authorization_request(servers(configured()), ehr_at(iss), CALLBACK, "xyz")

    assert parse_qs(urlsplit(url).query)["aud"] == [iss]


def test_long_scopes_go_by_get_whole() -> None:
    scopes = ("openid", *(f"patient/Type{letter * nth}.read" for letter in "ABCDEFGH" for nth in range(1, 30)))

    assert tuple(sent(scopes=scopes)[1]["scope"].split()) == scopes


def test_no_browser_is_sent_to_a_server_that_would_not_take_our_proof() -> None:
    with pytest.raises(LaunchRefused, match="client_authentication is client_secret_basic"):
        sent(stated={"authentication_methods": ("private_key_jwt",)})


ISSUER = "https://login.hospital.example"


@pytest.mark.parametrize(("stated", "names_itself"), [([ISSUER], True), ([ISSUER], False), ([], False)], ids=str)
def test_answer_may_come_from_the_server_that_was_asked(stated: list[str], names_itself: bool) -> None:
    made = servers(structs.replace(configured(), names_itself=names_itself))

    checked_issuer(made, ehr_at("https://ehr.example/fhir"), stated)


@pytest.mark.parametrize(
    ("stated", "names_itself"),
    [
        ([], True),
        ([""], False),
        (["https://evil.example"], False),
        ([f"{ISSUER}/"], False),
        ([ISSUER, ISSUER], False),
        ([ISSUER, "https://evil.example"], True),
    ],
    ids=str,
)
def test_answer_of_another_server_or_of_one_that_hides_its_name_is_refused(
    stated: list[str], names_itself: bool
) -> None:
    made = servers(structs.replace(configured(), names_itself=names_itself))
    with pytest.raises(LaunchRefused, match="RFC 9207"):
        checked_issuer(made, ehr_at("https://ehr.example/fhir"), stated)


class Login:
    """An authorization server that answers the token request as told, and gives out its keys."""

    def __init__(self, token: Callable[[str], Reply]) -> None:
        self._token = token
        self.url = ""

    def __call__(self, asked: Asked) -> Reply:
        return self._token(self.url) if asked.path == "/token" else as_json({"keys": [KEY.as_dict(private=False)]})


def granted(**changes: Any) -> Callable[[str], Reply]:
    """A good token response; a change to None leaves the member out."""

    def token(issuer: str) -> Reply:
        now = int(time.time())
        claims = {"iss": issuer, "aud": "sightline", "sub": "dr-7", "exp": now + 60, "iat": now, "nonce": PENDING.nonce}
        good = {
            "access_token": "t0ken",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "launch openid patient/ImagingStudy.rs",
            "patient": "ada",
            "id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY),
        }
        return as_json({name: value for name, value in (good | changes).items() if value is not None})

    return token


def exchanged(token: Callable[[str], Reply], **settings: Any) -> tuple[Grant, list[Asked]]:
    login = Login(token)
    with FarSide(login) as server:
        login.url = server.url
        ehr = ehr_at(f"{server.url}/fhir", **settings)
        grant, _ = exchange(servers(configured(server.url)), ehr, CALLBACK, "c0de&x", pending_at(server.url))
        return grant, server.asked


def context_of(**said: Any) -> LaunchContext:
    login = Login(granted(**said))
    with FarSide(login) as server:
        login.url = server.url
        ehr = ehr_at(f"{server.url}/fhir")
        _, context = exchange(servers(configured(server.url)), ehr, CALLBACK, "c", pending_at(server.url))
        return context


def test_what_the_ehr_says_beside_the_token_comes_along() -> None:
    context = context_of(need_patient_banner=False, encounter="e-1", fhirContext=[{"reference": "ImagingStudy/7"}])

    assert (context.needs_banner, context.encounter) == (False, "e-1")
    assert [study.resource_id for study in context.studies] == ["7"]


@pytest.mark.parametrize("said", [7, "x", None, [], {}, [[]], {"reference": 7}])
def test_context_that_is_malformed_breaks_no_launch(said: Any) -> None:
    names = ["need_patient_banner", "encounter", "intent", "fhirContext", "tenant", "smart_style_url", "vendor"]
    context = context_of(**dict.fromkeys(names, said))

    assert (context.studies, context.needs_banner) == ((), True)


def test_refresh_token_is_kept_and_its_absence_is_no_reason_to_refuse() -> None:
    assert exchanged(granted(refresh_token="refre5h"))[0].refresh_token == "refre5h"
    assert exchanged(granted(refresh_token=None))[0].refresh_token == ""


@pytest.mark.parametrize("token", [7, "a\r\nb", ["x"]])
def test_refresh_token_that_is_none_is_refused(token: Any) -> None:
    with pytest.raises(LaunchRefused, match="refresh_token"):
        exchanged(granted(refresh_token=token))


def test_code_becomes_a_grant_for_one_patient() -> None:
    grant, _ = exchanged(granted())

    assert (grant.access_token, grant.patient_id, grant.user.subject) == ("t0ken", "ada", "dr-7")
    assert grant.scopes == ("launch", "openid", "patient/ImagingStudy.rs")
    assert grant.may_search("ImagingStudy")
    assert 3500 < grant.expires_at - time.time() <= 3600


@pytest.mark.parametrize(
    "changes", [{"patient": None}, {"patient": "../cleo"}, {"id_token": None}, {"id_token": "x.y.z"}], ids=str
)
def test_tokens_of_an_answer_that_fails_a_check_go_back(changes: dict[str, Any]) -> None:
    login = Login(granted(refresh_token="refre5h", **changes))
    with FarSide(login) as server:
        login.url = server.url
        configuration = structs.replace(configured(server.url), revocation_endpoint=f"{server.url}/revoke")
        with pytest.raises(LaunchRefused):
            exchange(servers(configuration), ehr_at(f"{server.url}/fhir"), CALLBACK, "c", pending_at(server.url))
        assert [asked.form["token"] for asked in server.asked if asked.path == "/revoke"] == ["refre5h", "t0ken"]


@pytest.mark.parametrize("was", ["issuer", "token_endpoint"])
def test_code_goes_to_no_other_server_than_the_one_that_the_browser_was_sent_to(was: str) -> None:
    """RFC 9700 4.4: what an EHR says of its authorization server may change while a launch is under way."""
    login = Login(granted())
    with FarSide(login) as server:
        login.url = server.url
        pending = structs.replace(pending_at(server.url), **{was: "https://elsewhere.example/token"})
        with pytest.raises(LaunchRefused, match="another authorization server"):
            exchange(servers(configured(server.url)), ehr_at(f"{server.url}/fhir"), CALLBACK, "c0de", pending)
        assert server.asked == []


def test_confidential_client_proves_itself_in_the_header_and_not_in_the_body() -> None:
    _, asked = exchanged(granted())

    assert asked[0].method == "POST"
    assert asked[0].form == {
        "grant_type": "authorization_code",
        "code": "c0de&x",
        "redirect_uri": CALLBACK,
        "code_verifier": PENDING.verifier,
    }
    assert asked[0].headers["Authorization"] == "Basic " + base64.b64encode(b"sightline:s3cret").decode()


def test_public_client_names_itself_in_the_body_and_proves_nothing() -> None:
    _, asked = exchanged(granted(), client_authentication="none", client_secret="")

    assert asked[0].form["client_id"] == "sightline"
    assert asked[0].headers["Authorization"] is None


@pytest.mark.parametrize("patient", [None, "", " ", "../cleo", "ada/x", "ada?x", ["ada"], {"id": "ada"}, 7, "a" * 65])
def test_token_without_a_readable_patient_opens_no_chart(patient: Any) -> None:
    with pytest.raises(LaunchRefused) as refusal:
        exchanged(granted(patient=patient))

    assert refusal.value.sentence == "The EHR did not say whose chart is open."


@pytest.mark.parametrize(
    "changes",
    [
        {"token_type": "mac"},
        {"token_type": None},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": " "},
        {"access_token": 7},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "tökén"},
        {"access_token": "日本"},
        {"id_token": None},
        {"id_token": "x.y.z"},
        {"id_token": 7},
    ],
    ids=str,
)
def test_token_response_that_fails_a_check_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused):
        exchanged(granted(**changes))


def test_token_type_is_read_in_any_case() -> None:
    assert exchanged(granted(token_type="bearer"))[0].access_token == "t0ken"


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(60, 60), ("60", 60), (None, 3600), (-5, 0), (10**9, 86_400), (1e308, 86_400), (True, 3600), ([], 3600)],
)
def test_token_lives_as_long_as_the_ehr_says_and_an_hour_where_it_does_not(expires_in: Any, seconds: float) -> None:
    grant, _ = exchanged(granted(expires_in=expires_in))

    assert seconds - 5 < grant.expires_at - time.time() <= seconds
    assert grant.renew_at <= grant.expires_at


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("patient/ImagingStudy.read", True),
        ("launch patient/Patient.read patient/*.read", True),
        ("user/ImagingStudy.*", True),
        ("patient/ImagingStudy.rs", True),
        ("patient/ImagingStudy.s", True),
        ("patient/ImagingStudy.cruds", True),
        ("patient/*.rs?_security=x", True),
        (["launch", "patient/ImagingStudy.rs"], True),
        (None, True),
        ("", False),
        (" ", False),
        ([], False),
        (["openid"], False),
        ("launch openid", False),
        ("patient/Patient.read", False),
        ("patient/ImagingStudy.write", False),
        ("patient/ImagingStudy.r", False),
        ("patient/ImagingStudy.crud", False),
        ("patient/ImagingStudyX.read", False),
        ("patient/DiagnosticReport.rs", False),
    ],
)
def test_studies_may_be_listed_where_a_scope_of_either_version_says_search_or_none_is_named(
    scope: Any, allowed: bool
) -> None:
    assert exchanged(granted(scope=scope))[0].may_search("ImagingStudy") is allowed


def test_answer_that_names_no_scope_allows_what_was_asked_for_and_no_more() -> None:
    narrowed, _ = exchanged(granted(scope=None), scopes=("launch", "openid", "patient/ImagingStudy.rs?modality=CT"))
    without, _ = exchanged(granted(scope=None), scopes=("launch", "openid", "patient/Patient.rs"))

    assert narrowed.may_search("ImagingStudy")
    assert not without.may_search("ImagingStudy")


REFUSALS: dict[str, tuple[Reply, type[SightlineError]]] = {
    "invalid_grant": (as_json({"error": "invalid_grant", "error_description": "used"}, 400), LaunchRefused),
    "invalid_client": (as_json({"error": "invalid_client"}, 401), LaunchRefused),
    "an error with status 200": (as_json({"error": "invalid_grant"}), LaunchRefused),
    "an error of a wrong kind": (as_json({"error": {"code": 7}}, 400), LaunchRefused),
    "HTML": (HTML, LaunchRefused),
    "HTML with status 400": (Reply(400, HTML.body), SourceError),
    "an unreadable lifetime": (as_json({"access_token": "t", "expires_in": "soon"}), LaunchRefused),
    "nothing": (Reply(), LaunchRefused),
    "a list": (as_json([]), LaunchRefused),
    "a word": (as_json("t0ken"), LaunchRefused),
    "null": (as_json(None), LaunchRefused),
    "half of it": (Reply(body=b'{"access_token":'), LaunchRefused),
    "another patient under the same name": (
        Reply(body=b'{"access_token":"t","patient":"ada","patient":"b"}'),
        LaunchRefused,
    ),
    "a number that is none": (Reply(body=b'{"access_token":"t","patient":"ada","expires_in":NaN}'), LaunchRefused),
    "not UTF-8": (Reply(body=b'{"access_token":"\xff"}'), LaunchRefused),
    "deep JSON": (Reply(body=b"[" * 40_000), LaunchRefused),
    "status 500": (Reply(500), SourceError),
    "status 503": (Reply(503, HTML.body), SourceError),
    "a redirect": (Reply(307, b"", {"Location": "https://evil.example/token"}), SourceFailed),
    "too late": (Reply(wait=9), SourceSlow),
    "too much": (zipped(b" " * 100_000), SourceTooLarge),
    "hangs up": (Reply(silent=True), SourceError),
}


@pytest.mark.parametrize(("reply", "error"), REFUSALS.values(), ids=REFUSALS)
def test_token_endpoint_that_does_not_grant_opens_no_chart(reply: Reply, error: type[SightlineError]) -> None:
    with pytest.raises(error):
        exchanged(lambda _: reply)


@pytest.mark.parametrize("status", [302, 307, 308])
def test_code_and_secret_are_not_sent_on_to_where_a_redirect_leads(status: int) -> None:
    with FarSide(lambda _: HTML) as foreign:
        with pytest.raises(SourceFailed):
            exchanged(lambda _: Reply(status, b"", {"Location": f"{foreign.url}/token"}))

        assert foreign.asked == []


def test_refusal_tells_the_log_the_word_and_not_the_secrets() -> None:
    with pytest.raises(LaunchRefused) as refusal:
        exchanged(lambda _: as_json({"error": "invalid_grant", "error_description": "code c0de was used"}, 400))

    assert "invalid_grant" in refusal.value.detail
    assert not [secret for secret in ("c0de", PENDING.verifier, "s3cret") if secret in refusal.value.detail]


def test_words_in_the_place_of_an_error_code_do_not_reach_the_log() -> None:
    with pytest.raises(LaunchRefused) as refusal:
        exchanged(lambda _: as_json({"error": "DOE, Jane may not", "error_description": "Jane"}, 400))

    assert refusal.value.detail == "token endpoint: unknown"


def test_environment_cannot_send_the_code_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with FarSide(lambda _: HTML) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)

        assert exchanged(granted())[0].patient_id == "ada"
        assert proxy.asked == []
