"""Who is signed in: only an id_token signed by the EHR for this client and launch says so (OIDC Core 3.1.3.7)."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sightline.auth.id_token import User, checked_user
from sightline.auth.key_sets import KeySets
from sightline.auth.smart_configuration import SmartConfiguration
from sightline.errors import LaunchRefused, SourceError
from sightline.outbound import Door
from tests.any_json import read_in_two_ways
from tests.far_side import HTML, FarSide, Reply, as_json, ehr_at

ISSUER, NONCE, CLIENT = "https://login.hospital.example", "n" * 43, "sightline"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
FORGED = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
ELLIPTIC = ECKey.generate_key("P-384", {"kid": "curve"})

Check = Callable[..., User]


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims; a change to None leaves the claim out; whole numbers are times in seconds from now."""
    good = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "dr-7",
        "exp": 300,
        "iat": 0,
        "nonce": NONCE,
        "fhirUser": "Practitioner/7",
        "name": "Dr Grace Hopper",
    }
    now = int(time.time())
    wanted = {name: value for name, value in (good | changes).items() if value is not None}
    return {name: now + value if isinstance(value, int) else value for name, value in wanted.items()}


def signed(key: Any = KEY, alg: str = "RS256", kid: str | None = "one", **changes: Any) -> str:
    header = {"alg": alg, **({"kid": kid} if kid else {})}
    return jwt.encode(header, claims(**changes), key, algorithms=[alg])


@pytest.fixture(scope="module")
def jwks() -> Iterator[FarSide]:
    keys = [KEY.as_dict(private=False), ELLIPTIC.as_dict(private=False)]
    with FarSide(lambda _: as_json({"keys": keys})) as server:
        yield server


def check(server: FarSide, id_token: object, issuer: str = ISSUER, **settings: Any) -> User:
    configuration = SmartConfiguration(f"{ISSUER}/authorize", f"{ISSUER}/token", issuer, f"{server.url}/keys")
    ehr = ehr_at(f"{server.url}/fhir", **settings)
    key_sets = KeySets(Door(1, 100_000))
    return checked_user(key_sets, configuration, ehr, id_token, NONCE, nonce_required=ehr.nonce_required)


def test_user_is_who_the_ehr_says(jwks: FarSide) -> None:
    assert check(jwks, signed()) == User(ISSUER, "dr-7", "Practitioner/7", "Dr Grace Hopper")
    assert jwks.asked[-1].path == "/keys"


def test_user_of_whom_only_the_subject_is_known_is_still_somebody(jwks: FarSide) -> None:
    assert check(jwks, signed(fhirUser=None, name=None)) == User(ISSUER, "dr-7")


def test_key_on_an_elliptic_curve_is_as_good(jwks: FarSide) -> None:
    assert check(jwks, signed(ELLIPTIC, "ES384", "curve")).subject == "dr-7"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"aud": []},
        {"aud": None},
        {"aud": "another-app", "azp": CLIENT},
        {"azp": "another-app"},
        {"aud": [CLIENT, "another-app"]},
        {"aud": [CLIENT, "another-app"], "azp": "another-app"},
        {"nonce": "m" * 43},
        {"nonce": ""},
        {"nonce": None},
        {"exp": -120},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": 600},
        {"iat": None},
        {"nbf": 600},
        {"sub": None},
    ],
    ids=str,
)
def test_token_for_another_time_place_or_person_is_refused(jwks: FarSide, changes: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused):
        check(jwks, signed(**changes))


@pytest.mark.parametrize(
    "changes", [{"aud": [CLIENT]}, {"aud": [CLIENT, "other"], "azp": CLIENT}, {"azp": CLIENT}], ids=str
)
def test_token_for_this_client_among_others_is_taken(jwks: FarSide, changes: dict[str, Any]) -> None:
    assert check(jwks, signed(**changes)).subject == "dr-7"


def test_clock_that_is_a_little_wrong_is_forgiven(jwks: FarSide) -> None:
    assert check(jwks, signed(exp=-30)).subject == "dr-7"
    assert check(jwks, signed(iat=30)).subject == "dr-7"


def test_missing_nonce_is_tolerated_only_where_the_settings_say_so_and_a_wrong_one_never(jwks: FarSide) -> None:
    assert check(jwks, signed(nonce=None), nonce_required=False).subject == "dr-7"
    with pytest.raises(LaunchRefused):
        check(jwks, signed(nonce="m" * 43), nonce_required=False)


def unsigned() -> str:
    return f"eyJhbGciOiJub25lIn0.{signed().split('.')[1]}."


def with_changed_claims() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{signed(sub='dr-8').split('.')[1]}.{signature}"


def by_the_public_key_as_a_password() -> str:
    body = signed().split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=").decode()
    seal = hmac.digest(KEY.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def sealed(claims_text: bytes, head: bytes = b'{"alg":"RS256","kid":"one"}') -> str:
    """A token of exactly these texts, signed with the EHR's own key."""
    body = b".".join(base64.urlsafe_b64encode(text).rstrip(b"=") for text in (head, claims_text))
    signature = KEY.private_key.sign(body, PKCS1v15(), SHA256())
    return (body + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_signature_over_a_text_of_our_own_making_is_right(jwks: FarSide) -> None:
    assert check(jwks, sealed(json.dumps(claims()).encode())).subject == "dr-7"


@pytest.mark.parametrize("number", range(6))
def test_claims_that_could_be_read_in_two_ways_are_not_believed_even_signed(jwks: FarSide, number: int) -> None:
    with pytest.raises(LaunchRefused, match="NotReadable"):
        check(jwks, sealed(read_in_two_ways(claims(), "sub", "dr-8")[number]))


@pytest.mark.parametrize("head", [b'{"alg":"RS256","alg":"none"}', b'{"alg":"none","alg":"RS256","kid":"one"}'])
def test_head_that_could_be_read_in_two_ways_is_not_believed(jwks: FarSide, head: bytes) -> None:
    with pytest.raises(LaunchRefused, match="NotReadable"):
        check(jwks, sealed(json.dumps(claims()).encode(), head))


def test_half_a_character_in_the_users_name_can_be_written_on_a_page(jwks: FarSide) -> None:
    user = check(jwks, sealed(json.dumps(claims(name="Dr \ud83d")).encode()))

    assert user.name.encode() == "Dr \ufffd".encode()


def padded(size: int) -> str:
    return signed(vendor="x" * size)


def by(alg: str) -> str:
    return jwt.encode({"alg": alg, "kid": "one"}, claims(), KEY, algorithms=[alg])


FORGERIES: dict[str, Callable[[], object]] = {
    "signed by nobody": unsigned,
    "claims changed after signing": with_changed_claims,
    "signed by another key of the same name": lambda: signed(FORGED),
    "signed by a key that the EHR does not know": lambda: signed(FORGED, kid="two"),
    "signed with the public key as a password": by_the_public_key_as_a_password,
    "signed by a key of another kind": lambda: signed(kid="curve"),
    "signed with an algorithm that is not ours to take": lambda: by("PS256"),
    "signed with another of the same family": lambda: by("RS512"),
    "longer than any id_token": lambda: padded(20_000),
    "cut off": lambda: signed()[:-20],
    "not a token": lambda: "x.y.z",
    "words": lambda: "not a token",
    "five parts": lambda: "a.b.c.d.e",
    "with characters beyond ASCII": lambda: "é.ü.ß",
    "empty": lambda: "",
    "missing": lambda: None,
    "an object": lambda: {"sub": "dr-7"},
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_forged_token_is_refused(jwks: FarSide, forgery: Callable[[], object]) -> None:
    with pytest.raises(LaunchRefused):
        check(jwks, forgery())


@pytest.mark.parametrize("alg", ["RS256", "RS384"])
def test_algorithms_of_rsa_that_are_taken(jwks: FarSide, alg: str) -> None:
    assert check(jwks, by(alg)).subject == "dr-7"


@pytest.mark.parametrize(("curve", "alg"), [("P-256", "ES256"), ("P-384", "ES384")])
def test_algorithms_of_elliptic_curves_that_are_taken(curve: str, alg: str) -> None:
    key = ECKey.generate_key(curve, {"kid": "curve"})
    with FarSide(lambda _: as_json({"keys": [key.as_dict(private=False)]})) as server:
        assert check(server, signed(key, alg, "curve")).subject == "dr-7"


def test_second_key_of_the_same_name_is_tried_too() -> None:
    keys = [FORGED.as_dict(private=False), KEY.as_dict(private=False)]
    with FarSide(lambda _: as_json({"keys": keys})) as server:
        assert check(server, signed()).subject == "dr-7"


def test_token_of_an_algorithm_that_is_not_taken_asks_for_no_keys(jwks: FarSide) -> None:
    before = len(jwks.asked)
    for forgery in (unsigned(), by_the_public_key_as_a_password(), by("PS256")):
        with pytest.raises(LaunchRefused):
            check(jwks, forgery)

    assert len(jwks.asked) == before


@pytest.mark.parametrize(
    "said",
    [
        "Practitioner/7",
        "PractitionerRole/7",
        "Patient/7",
        "RelatedPerson/7",
        "Person/7",
        "https://ehr.example/fhir/Practitioner/7",
    ],
)
def test_record_of_the_user_is_relative_or_absolute_and_of_a_person(jwks: FarSide, said: str) -> None:
    assert check(jwks, signed(fhirUser=said)).fhir_user == said


@pytest.mark.parametrize(
    "said",
    [
        ["Practitioner/7"],
        "Practitioner/",
        "Device/7",
        "Practitioner/7/../8",
        "javascript:alert(1)/Practitioner/7",
        "a b/Practitioner/7",
        "x" * 5000,
        "",
    ],
)
def test_record_of_the_user_that_is_none_is_not_said_and_no_reason_to_refuse(jwks: FarSide, said: Any) -> None:
    user = check(jwks, signed(fhirUser=said))

    assert (user.subject, user.fhir_user) == ("dr-7", "")


@pytest.mark.parametrize("name", [{"given": "x"}, ["x"], True, None])
def test_name_that_is_no_text_is_not_said(jwks: FarSide, name: Any) -> None:
    assert check(jwks, signed(name=name)).name == ""


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        ("de", "de"),
        ("de-CH", "de-CH"),
        ("en_US", "en-US"),
        ("", ""),
        ("de-", ""),
        ("../de", ""),
        ("d" * 36, ""),
        (["de"], ""),
        (None, ""),
    ],
)
def test_language_of_the_users_account_is_a_tag_or_not_said(jwks: FarSide, said: Any, locale: str) -> None:
    assert check(jwks, signed(locale=said)).locale == locale


def test_token_cannot_bring_its_own_key(jwks: FarSide) -> None:
    header = {"alg": "RS256", "kid": "two", "jwk": FORGED.as_dict(private=False), "jku": f"{jwks.url}/other-keys"}

    with pytest.raises(LaunchRefused):
        check(jwks, jwt.encode(header, claims(), FORGED))

    assert all(asked.path == "/keys" for asked in jwks.asked)


def test_without_an_issuer_to_hold_it_against_no_token_is_taken(jwks: FarSide) -> None:
    with pytest.raises(LaunchRefused, match="issuer"):
        check(jwks, signed(), issuer="")


def test_refusal_names_the_check_and_nothing_of_the_token(jwks: FarSide) -> None:
    with pytest.raises(LaunchRefused) as refusal:
        check(jwks, signed(iss="https://evil.example"))

    assert "Grace" not in refusal.value.detail
    assert "evil" not in refusal.value.detail


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(500),
        HTML,
        as_json([]),
        as_json({}),
        as_json({"keys": 7}),
        Reply(body=b"[" * 50_000),
        Reply(body=b'{"keys":"\xff"}'),
        Reply(body=b'{"keys":[],"keys":[]}'),
        Reply(body=b'{"keys":[{"kty":"RSA","kty":"oct"}]}'),
        Reply(body=b'{"keys":[NaN]}'),
        Reply(302, b"", {"Location": "https://evil.example"}),
    ],
)
def test_keys_that_cannot_be_read_are_the_sources_failure(reply: Reply) -> None:
    with FarSide(lambda _: reply) as server, pytest.raises(SourceError):
        check(server, signed())


@pytest.mark.parametrize(
    "odd",
    [{"kty": "XYZ", "kid": "x"}, {"kty": "OKP", "crv": "new", "x": "AA", "kid": "x"}, {"kid": "x"}, {"kty": "RSA"}, 7],
)
def test_key_that_nobody_understands_does_not_spoil_the_others(odd: Any) -> None:
    with FarSide(lambda _: as_json({"keys": [odd, KEY.as_dict(private=False)]})) as server:
        assert check(server, signed()).subject == "dr-7"


def test_only_key_needs_no_name() -> None:
    nameless = {name: value for name, value in KEY.as_dict(private=False).items() if name != "kid"}
    with FarSide(lambda _: as_json({"keys": [nameless]})) as server:
        assert check(server, signed(kid=None)).subject == "dr-7"


def test_keys_on_an_origin_that_the_settings_do_not_list_are_not_asked_for(jwks: FarSide) -> None:
    configuration = SmartConfiguration(ISSUER, ISSUER, ISSUER, f"{jwks.url}/keys")
    before = len(jwks.asked)

    with pytest.raises(SourceError):
        ehr = ehr_at("https://ehr.example/fhir")
        checked_user(KeySets(Door(1, 1000)), configuration, ehr, signed(), NONCE, nonce_required=True)

    assert len(jwks.asked) == before
