"""The proof that the guarded display asks for: a JSON Web Token of Sightline's, held against its published keys.

It must be made out to this hospital, be new, run for two minutes at most, and name each study and the patient shown.
"""

import threading
from collections.abc import Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.display.parameters import Refused
from sandbox.display.selection import Selection
from sandbox.smart.assertions import fetched

LONGEST_SECONDS = 120
CLOCK_SKEW = 10


class Proofs:
    """Checks proofs of `issuer` for `audience`; remembers every `jti` to its end."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        clock: Callable[[], float],
        fetch: Callable[[str], dict[str, Any]] = fetched,
    ) -> None:
        self._issuer, self._audience, self._clock, self._fetch = issuer, audience, clock, fetch
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def check(self, proof: str, selection: Selection) -> None:
        """Return if the proof lets this be shown. Refused(403, …) with the reason otherwise."""
        claims = self._claims(proof)
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise Refused(403, "The proof is not of this hospital's imaging list, or not for this display.")
        self._check_times(claims)
        named = {*claims.get("study_uids", ()), *claims.get("accession_numbers", ())}
        if not all({study.uid, study.accession} & named for study in selection.studies):
            raise Refused(403, "The proof does not name all studies that were asked for.")
        if claims.get("patient_id") != selection.patient.mrn:
            raise Refused(403, "The proof names another patient.")

    def _claims(self, proof: str) -> dict[str, Any]:
        try:
            kid = jws.extract_compact(proof.encode()).headers()["kid"]
            published = self._fetch(f"{self._issuer}/.well-known/jwks.json")["keys"]
            keys = KeySet.import_key_set({"keys": [key for key in published if key["kid"] == kid]})
            return dict(jwt.decode(proof, keys, ["ES256"]).claims)
        except (JoseError, ValueError, TypeError, KeyError, OSError) as cause:
            raise Refused(403, "This display shows images with a proof only, and none that counts came.") from cause

    def _check_times(self, claims: dict[str, Any]) -> None:
        now, ends, jti = self._clock(), claims.get("exp"), claims.get("jti")
        if not isinstance(ends, int) or not now - CLOCK_SKEW < ends <= now + LONGEST_SECONDS + CLOCK_SKEW:
            raise Refused(403, "The proof has ended, or runs for too long.")
        if not isinstance(jti, str) or not jti:
            raise Refused(403, "The proof has no number of its own.")
        with self._lock:
            self._used = {used: end for used, end in self._used.items() if end > now - CLOCK_SKEW}
            if jti in self._used:
                raise Refused(403, "The proof was used before.")
            self._used[jti] = ends
