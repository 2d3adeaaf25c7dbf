"""Use case: the proof that a viewer may ask for. Who opens what of whom, signed, for two minutes (RFC 7519, ES256).

    iss, aud          Sightline's public address, whose /.well-known/jwks.json has the key; the viewer
    sub               the user, as `<issuer of the sign-in>#<subject>`: users of two EHRs are never one
    iat, exp, jti     seconds; the last is new each time, for a viewer that takes a proof once
    study_uids        the studies; `accession_numbers` those that are known by no UID
    patient_id, patient_id_system    where the viewer's settings say whose numbers it knows

It says what may be looked at, and opens nothing by itself: a viewer that asks for none is not protected by it.
"""

import secrets
import time

from joserfc import jwt
from msgspec import Struct

from sightline.auth.client_keys import ClientKey
from sightline.auth.id_token import User
from sightline.errors import CannotOpen
from sightline.phrase import Phrase
from sightline.settings import ViewerSettings
from sightline.viewers.contract import Wanted, patient_number

SECONDS = 120


class Statement(Struct, frozen=True, omit_defaults=True):
    """What a proof says of user, studies and patient, by the names of its claims; what is empty is left out."""

    sub: str
    study_uids: tuple[str, ...] = ()
    accession_numbers: tuple[str, ...] = ()
    patient_id: str = ""
    patient_id_system: str = ""


def number_of_patient(wanted: Wanted, viewer: ViewerSettings[object]) -> str:
    """The patient's number as this viewer's proof names it; empty where it names none. Raises CannotOpen."""
    if viewer.proof and viewer.proof_patient_system:
        return patient_number(wanted, viewer, viewer.proof_patient_system).value
    if viewer.proof and not wanted.studies:
        sentence = Phrase("%(viewer)s cannot be asked for all images of a patient.", viewer=viewer.title)
        raise CannotOpen("no proof_patient_system", sentence)
    return ""


def statement(wanted: Wanted, viewer: ViewerSettings[object], user: User) -> Statement:
    """What the proof for this viewer will say. Raises CannotOpen where the record has no number that it knows."""
    number = number_of_patient(wanted, viewer)
    nameless = [study.accession for study in wanted.studies if not study.uid]
    return Statement(
        sub=f"{user.issuer}#{user.subject}" if user.subject else "",
        study_uids=wanted.uids,
        accession_numbers=tuple([accession for accession in nameless if accession]),
        patient_id=number,
        patient_id_system=viewer.proof_patient_system if number else "",
    )


def signed(said: Statement, audience: str, issuer: str, key: ClientKey) -> str:
    """The proof, which begins to count now."""
    now = int(time.time())
    times = {"iat": now, "exp": now + SECONDS, "jti": secrets.token_urlsafe(16)}
    names = [name for name in Statement.__struct_fields__ if getattr(said, name)]
    about = {name: getattr(said, name) for name in names}
    header = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, {"iss": issuer, "aud": audience, **about, **times}, key.key, [key.algorithm])
