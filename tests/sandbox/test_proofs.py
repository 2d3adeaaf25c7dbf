"""The guarded display: it shows what a proof names, to whom it was made out, once, for two minutes."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from sandbox.display.parameters import Refused
from sandbox.display.proofs import Proofs
from sandbox.display.selection import Selection
from sandbox.hospital import join
from sandbox.patients import PATIENTS

ISSUER, AUDIENCE = "http://sightline.test:8000", "http://hospital.test:9000"
KEY, STRANGER = (ECKey.generate_key("P-256", {"kid": "own"}) for _ in range(2))
ADA = next(patient for patient in PATIENTS if patient.id == "ada")
STUDIES = tuple(study for study in join(AUDIENCE, ()).studies_of("ada") if study.uid)[:2]


def proof(key: Any = KEY, **changes: Any) -> str:
    """A good one; a change to None leaves the claim out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 120,
        "jti": f"{time.monotonic_ns()}",
        "study_uids": [study.uid for study in STUDIES],
        "patient_id": ADA.mrn,
    }
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "own"}, claims, key, ["ES256"])


def proofs() -> Proofs:
    return Proofs(ISSUER, AUDIENCE, time.time, lambda _: {"keys": [KEY.as_dict(private=False)]})


def test_good_proof_lets_its_studies_be_shown_once():
    checking, good = proofs(), proof()
    checking.check(good, Selection(ADA, STUDIES))
    with pytest.raises(Refused, match="used before"):
        checking.check(good, Selection(ADA, STUDIES))


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (lambda: "", "with a proof only"),
        (lambda: "x.y.z", "with a proof only"),
        (lambda: proof(STRANGER), "with a proof only"),
        (lambda: proof(iss="http://another.test"), "not of this hospital's imaging list"),
        (lambda: proof(aud="http://another.test"), "not for this display"),
        (lambda: proof(exp=int(time.time()) - 60), "has ended"),
        (lambda: proof(exp=int(time.time()) + 3600), "runs for too long"),
        (lambda: proof(jti=None), "no number of its own"),
        (lambda: proof(study_uids=[STUDIES[0].uid]), "does not name all studies"),
        (lambda: proof(study_uids=None), "does not name all studies"),
        (lambda: proof(patient_id="SB-1002"), "names another patient"),
    ],
)
def test_proof_that_does_not_cover_what_is_asked_shows_nothing(shown: Callable[[], str], why: str):
    with pytest.raises(Refused, match=why) as refused:
        proofs().check(shown(), Selection(ADA, STUDIES))
    assert refused.value.status == 403
