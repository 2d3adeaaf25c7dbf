"""The sign-in of a request that has no patient yet: one EHR, one user, under `/u/<id>/`, for EHRs that do not launch.

It is kept as a chart is: a sealed row, a path-scoped cookie, nothing of it in any address. The charts that are opened
from it live no longer than it does.
"""

import secrets
import time

import msgspec
from flask import Response, g
from msgspec import Struct

from sightline.audit_record import chart_digest
from sightline.auth.id_token import User
from sightline.errors import SignInOver
from sightline.settings import EhrSettings
from sightline.store import sealing
from sightline.web import cookies
from sightline.web.parts import parts

_COOKIE = "sign-in"


class SealedSignIn(msgspec.Struct, frozen=True):
    """What is sealed in the store for a sign-in. `closes_at` is in seconds since the epoch.

    `ehr` is the EHR's name, `ehr_identity` what stood behind that name at the sign-in.
    """

    ehr: str
    ehr_identity: str
    user: User
    closes_at: float
    salt: bytes


_decoder = msgspec.json.Decoder(SealedSignIn)


class SignedIn(Struct, frozen=True):
    """An opened row, with the key that opened it. It ends at `ends_at` if nobody asks for anything until then."""

    id: str
    key: str
    row: SealedSignIn
    ehr: EhrSettings
    ends_at: float

    @property
    def path(self) -> str:
        """Where its pages stand; its cookie is sent there only."""
        return f"/u/{self.id}/"

    @property
    def user(self) -> User:
        return self.row.user

    @property
    def audit_facts(self) -> dict[str, str]:
        user = self.row.user
        return {
            "sign_in": chart_digest(self.id),
            "ehr": self.ehr.iss,
            "user_issuer": user.issuer,
            "user": user.subject,
            "fhir_user": user.fhir_user,
        }

    def remember(self, name: str, plain: bytes, seconds: float) -> None:
        """Keeps something of this sign-in in the store, sealed as it is itself."""
        place = f"{name}:{self.id}"
        sealed = sealing.seal(plain, parts().settings.secret_key, self.key, place)
        parts().store.put(place, sealed, time.time() + seconds)

    def recall(self, name: str) -> bytes | None:
        """What `remember` kept."""
        place = f"{name}:{self.id}"
        kept = parts().store.get(place)
        return sealing.unseal(kept[0], parts().settings.secret_key, self.key, place) if kept else None


def open_sign_in(response: Response, ehr: EhrSettings, user: User) -> SignedIn:
    """Seals a new sign-in into the store and gives its key to the browser."""
    limits = parts().settings.chart
    row = SealedSignIn(ehr.name, ehr.identity, user, time.time() + limits.absolute_seconds, secrets.token_bytes(16))
    ends_at = min(time.time() + limits.idle_seconds, row.closes_at)
    opened = SignedIn(secrets.token_urlsafe(16), sealing.new_key(), row, ehr, ends_at)
    opened.remember("sign-in", msgspec.json.encode(row), limits.idle_seconds)
    _give_cookie(response, opened)
    return opened


def key_of_request() -> str:
    """The key of a sign-in that came along; empty if none did."""
    return cookies.value(_COOKIE)


def key_to(sign_in_id: str) -> str:
    """The key that came along, once it has opened this sign-in's row; prolongs nothing. Raises SignInOver."""
    _row(sign_in_id)
    return key_of_request()


def current(sign_in_id: str, *, renews: bool = True) -> SignedIn:
    """The sign-in of this address and this browser. Raises SignInOver.

    A request that nobody made, such as a page's own question how long it still lives, does not renew it.
    """
    it, key, (row, ends_at) = parts(), key_of_request(), _row(sign_in_id)
    ehr = it.settings.ehr(row.ehr)
    if ehr is None or ehr.identity != row.ehr_identity or time.time() > row.closes_at:
        it.store.delete(f"sign-in:{sign_in_id}")
        raise SignInOver("its time is over, or its EHR is no longer configured so")
    if renews:
        ends_at = prolong(sign_in_id, row.closes_at)
    opened = g.signed_in = SignedIn(sign_in_id, key, row, ehr, min(ends_at, row.closes_at))
    return opened


def lasts(sign_in_id: str) -> bool:
    """Whether the sign-in is still there, for the charts that were opened from it; no key is needed to see that."""
    return parts().store.get(f"sign-in:{sign_in_id}") is not None


def prolong(sign_in_id: str, closes_at: float) -> float:
    """Lets it live for the whole idle time again, and says until when: who works in a chart is not idle."""
    it = parts()
    ends_at = min(time.time() + it.settings.chart.idle_seconds, closes_at)
    it.store.keep_until(f"sign-in:{sign_in_id}", ends_at)
    return ends_at


def close(response: Response, opened: SignedIn) -> None:
    """Ends it at once, and with it every chart that was opened from it."""
    end(opened.id)
    cookies.put(response, _COOKIE, "", opened.path, 0)
    g.pop("signed_in", None)


def end(sign_in_id: str) -> None:
    """Deletes what is kept of it."""
    for name in ("sign-in", "hits", "invoked"):
        parts().store.delete(f"{name}:{sign_in_id}")


def _row(sign_in_id: str) -> tuple[SealedSignIn, float]:
    """The row that the cookie of this request opens, and when it dies. Raises SignInOver."""
    it, key, place = parts(), key_of_request(), f"sign-in:{sign_in_id}"
    sealed, ends_at = (it.store.get(place) if key else None) or (b"", 0.0)
    plain = sealing.unseal(sealed, it.settings.secret_key, key, place) if sealed else None
    try:
        return _decoder.decode(plain or b""), ends_at
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise SignInOver("no row, or no cookie that opens it") from cause


def renew_cookie(response: Response) -> Response:
    """After each request of an open sign-in its cookie lives for the whole idle time again."""
    if opened := g.get("signed_in"):
        _give_cookie(response, opened)
    return response


def _give_cookie(response: Response, opened: SignedIn) -> None:
    cookies.put(response, _COOKIE, opened.key, opened.path, parts().settings.chart.idle_seconds)
