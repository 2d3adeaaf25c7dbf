"""The proof that a viewer may ask for: whom, which studies, for how long, and nothing besides."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from sightline.auth.client_keys import ClientKey, ClientKeys, jwks_with_new_key
from sightline.auth.id_token import User
from sightline.errors import CannotOpen
from sightline.patient import Patient, PatientNumber
from sightline.proof import number_of_patient, signed, statement
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.viewers.contract import Wanted
from sightline.viewing import opening
from tests.configured import block, configured

PRIVATE_KEYS = jwks_with_new_key("ES256")
KEYS = ClientKeys(PRIVATE_KEYS)
OTHERS = ClientKeys(jwks_with_new_key("ES256"))
SYSTEM = "urn:oid:1.2.3"
ADA = Patient("ada", numbers=(PatientNumber("urn:oid:9", "7"), PatientNumber(SYSTEM, "SB-1001")))
DOCTOR = User("https://ehr.hospital.example/auth", "nordahl", "Practitioner/7", "Dr Nordahl")
CT, BY_NUMBER = Study("North", uid="1.2.840.1"), Study("North", accession="A 1")


def viewer(**keys: Any) -> ViewerSettings[Any]:
    asked = block("ohif", address="https://ohif.example/app", proof="token", **keys)
    return configured(asked, client_keys=PRIVATE_KEYS).viewers[0]


def key(keys: ClientKeys = KEYS) -> ClientKey:
    assert keys.proving
    return keys.proving


def claims(proof: str, keys: ClientKeys = KEYS) -> dict[str, Any]:
    """Read as a viewer reads it: by the published keys, with ES256 alone."""
    published: Any = json.loads(json.dumps(keys.public_set()))
    return dict(jwt.decode(proof, KeySet.import_key_set(published), ["ES256"]).claims)


def proof_of(wanted: Wanted, asked: ViewerSettings[Any]) -> str:
    said = statement(wanted, asked, DOCTOR)
    return signed(said, asked.proof_audience, "https://sightline.hospital.example", key())


def test_proof_says_who_opens_which_studies_of_whom_and_nothing_else() -> None:
    found = claims(proof_of(Wanted((CT, BY_NUMBER), ADA), viewer(proof_patient_system=SYSTEM)))

    assert {name: found[name] for name in found if name not in ("iat", "exp", "jti")} == {
        "iss": "https://sightline.hospital.example",
        "aud": "https://ohif.example",
        "sub": "https://ehr.hospital.example/auth#nordahl",
        "study_uids": ["1.2.840.1"],
        "accession_numbers": ["A 1"],
        "patient_id": "SB-1001",
        "patient_id_system": SYSTEM,
    }


def test_proof_without_a_system_of_numbers_names_no_patient() -> None:
    found = claims(proof_of(Wanted((CT,), ADA), viewer()))

    assert found.keys() == {"iss", "aud", "sub", "study_uids", "iat", "exp", "jti"}


def test_audience_is_what_the_settings_say() -> None:
    found = claims(proof_of(Wanted((CT,)), viewer(proof_audience="ohif-of-the-hospital")))

    assert found["aud"] == "ohif-of-the-hospital"


def test_proof_lives_for_two_minutes_from_its_signing_and_is_never_the_same_twice() -> None:
    before = int(time.time())
    one, other = (claims(proof_of(Wanted((CT,)), viewer())) for _ in range(2))

    assert before <= one["iat"] <= time.time()
    assert one["exp"] - one["iat"] == 120
    assert one["jti"] != other["jti"]
    assert len(one["jti"]) >= 22


def test_key_and_algorithm_are_named_and_no_other_key_makes_the_same_proof() -> None:
    proof = proof_of(Wanted((CT,)), viewer())

    assert jwt.decode(proof, key().key, ["ES256"]).header == {"alg": "ES256", "typ": "JWT", "kid": key().kid}
    with pytest.raises(BadSignatureError):
        jwt.decode(proof, key(OTHERS).key, ["ES256"])


def test_user_whom_nobody_signed_in_is_not_named() -> None:
    said = statement(Wanted((CT,)), viewer(), User("", ""))

    assert "sub" not in claims(signed(said, "https://ohif.example", "https://sightline.example", key()))


@pytest.mark.parametrize(
    ("asked", "patient", "words"),
    [
        (lambda: viewer(proof_patient_system="urn:oid:other"), ADA, "holds no number that The viewer knows"),
        (lambda: viewer(proof_patient_system=SYSTEM), None, "holds no number that The viewer knows"),
    ],
)
def test_study_of_a_patient_whom_the_proof_could_not_name_is_not_opened(
    asked: Callable[[], ViewerSettings[Any]], patient: Patient | None, words: str
) -> None:
    with pytest.raises(CannotOpen) as refused:
        opening(Wanted((CT,), patient), asked())

    assert words in refused.value.sentence


def test_all_images_of_a_patient_need_a_proof_that_names_the_patient() -> None:
    with pytest.raises(CannotOpen, match="no proof_patient_system"):
        number_of_patient(Wanted((), ADA), viewer())

    assert number_of_patient(Wanted((), ADA), viewer(proof_patient_system=SYSTEM)) == "SB-1001"
