"""Launches, codes and tokens, in memory: each opaque, each with its end, single use where SMART and RFC 9700 say so.

All that comes from one authorization is one family: a code or refresh token used twice revokes the family's tokens.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sandbox.smart.audiences import ACCESS_SECONDS

LAUNCH_SECONDS = 300
CODE_SECONDS = 60
SYSTEM_ACCESS_SECONDS = 300
REFRESH_SECONDS = 8 * 3600
PENDING_SECONDS = 600

FhirContext = dict[str, Any]
"""One item of SMART 2.2 `fhirContext`: a resource that the launch is about, beside the patient."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What an EHR launch stands for: this patient, at this FHIR base, with or without a banner of the EHR's own."""

    patient: str
    audience: str
    need_patient_banner: bool
    expires: float
    fhir_context: tuple[FhirContext, ...] = ()


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a client was allowed: the content of a code and of every token of its family."""

    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    audience: str
    state: str
    nonce: str = ""
    patient: str = ""
    need_patient_banner: bool = True
    fhir_context: tuple[FhirContext, ...] = ()
    access_seconds: int = ACCESS_SECONDS


@dataclass(frozen=True, slots=True)
class Held:
    """An authorization behind a code, a refresh token or a patient picker, until a moment, once."""

    authorization: Authorization
    family: str
    expires: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a bearer token opens."""

    value: str
    client_id: str
    scopes: tuple[str, ...]
    patient: str
    audience: str
    family: str
    expires: float


class Refused(Exception):
    """The code or refresh token is not good (any more); the text says why."""


Ends = TypeVar("Ends", Launch, Held, AccessToken)


class Grants:
    """The server's memory. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._launches: dict[str, Launch] = {}
        self._pending: dict[str, Held] = {}
        self._codes: dict[str, Held] = {}
        self._refresh: dict[str, Held] = {}
        self._access: dict[str, AccessToken] = {}
        # Families are ended, not their tokens deleted: one may be issued at the moment of a second use of its code.
        self._ended: set[str] = set()

    def launch(
        self, patient: str, audience: str, need_patient_banner: bool, fhir_context: tuple[FhirContext, ...] = ()
    ) -> str:
        """A new `launch` value for this patient at this FHIR base; good once, for five minutes."""
        ends = self.clock() + LAUNCH_SECONDS
        return self._keep(self._launches, Launch(patient, audience, need_patient_banner, ends, fhir_context))

    def take_launch(self, value: str) -> Launch | None:
        """The launch behind this value, which is spent by that; None if unknown, spent or too old."""
        with self._lock:
            launch = self._launches.pop(value, None)
        return launch if launch and launch.expires > self.clock() else None

    def ask_patient(self, authorization: Authorization) -> str:
        """Put an authorization aside until a patient was picked; gives the key to it."""
        return self._keep(self._pending, Held(authorization, "", self.clock() + PENDING_SECONDS))

    def take_asked(self, value: str) -> Authorization | None:
        """The authorization put aside under this key, once; None if unknown or too old."""
        with self._lock:
            held = self._pending.pop(value, None)
        return held.authorization if held and held.expires > self.clock() else None

    def code(self, authorization: Authorization) -> str:
        """A new authorization code; good once, for one minute."""
        held = Held(authorization, secrets.token_urlsafe(16), self.clock() + CODE_SECONDS)
        return self._keep(self._codes, held)

    def take_code(self, value: str) -> Held:
        """What this code was given for. Refused if unknown, too old, or used before, which ends the family."""
        return self._take(self._codes, value, "code")

    def take_refresh(self, value: str, client_id: str) -> Held:
        """What this refresh token was given for. Refused as a code is, and for a client it was not given to."""
        with self._lock:
            held = self._refresh.get(value)
        if held is not None and held.authorization.client_id != client_id:
            raise Refused("The refresh token was given to another client.")
        return self._take(self._refresh, value, "refresh token")

    def issue(self, held: Held, scopes: tuple[str, ...]) -> tuple[AccessToken, str]:
        """A new access token of this family with these scopes, and the next refresh token, if granted."""
        about = held.authorization
        now = self.clock()
        value = secrets.token_urlsafe(32)
        token = AccessToken(
            value, about.client_id, scopes, about.patient, about.audience, held.family, now + about.access_seconds
        )
        with self._lock:
            self._access[value] = token
        if not {"online_access", "offline_access"} & set(about.scopes):
            return token, ""
        return token, self._keep(self._refresh, Held(about, held.family, now + REFRESH_SECONDS))

    def issue_to_system(self, client_id: str, scopes: tuple[str, ...], audience: str) -> AccessToken:
        """A token for a client that acts for itself; no refresh token, since it can ask again."""
        value = secrets.token_urlsafe(32)
        family, ends = secrets.token_urlsafe(16), self.clock() + SYSTEM_ACCESS_SECONDS
        token = AccessToken(value, client_id, scopes, "", audience, family, ends)
        with self._lock:
            self._access[value] = token
        return token

    def access_token(self, value: str) -> AccessToken | None:
        """What this bearer token opens now; None if unknown, revoked or expired."""
        token = self._access.get(value)
        good = token and token.expires > self.clock() and token.family not in self._ended
        return token if good else None

    def revoke(self, value: str, client_id: str) -> None:
        """RFC 7009: end this token if it is this client's; a refresh token takes its family along."""
        with self._lock:
            refresh, access = self._refresh.get(value), self._access.get(value)
            if refresh is not None and refresh.authorization.client_id == client_id:
                self._ended.add(refresh.family)
            elif access is not None and access.client_id == client_id:
                del self._access[value]

    def _take(self, kept: dict[str, Held], value: str, what: str) -> Held:
        with self._lock:
            held = kept.get(value)
            if held is None:
                raise Refused(f"The {what} is not known.")
            if held.used:
                self._ended.add(held.family)
                raise Refused(f"The {what} was used before; all tokens that came from it are revoked.")
            if held.family in self._ended:
                raise Refused(f"The {what} is revoked.")
            if held.expires <= self.clock():
                raise Refused(f"The {what} has expired.")
            kept[value] = replace(held, used=True)
            return held

    def _keep(self, kept: dict[str, Ends], item: Ends) -> str:
        value = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_expired(kept)
            kept[value] = item
        return value

    def _forget_expired(self, kept: dict[str, Ends]) -> None:
        # A used code must be remembered while its tokens live, so that a second use is seen for what it is.
        now = self.clock() - ACCESS_SECONDS
        for value in [value for value, item in kept.items() if item.expires <= now]:
            del kept[value]
