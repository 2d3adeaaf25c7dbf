"""What seals a row: AES-256-GCM, bound to its place, under a key that needs the server's secret *and* the cookie.

So neither the database with the server's secret nor a cookie alone opens anything, and a row that is copied to another
place does not open there.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


def new_key() -> str:
    """A browser's half of a key: 256 random bits, fit for a cookie."""
    return secrets.token_urlsafe(_KEY_BYTES)


def place_of(secret_id: str) -> str:
    """The row's key in the store for an id that only the browser should know (a `state`, a ticket): its digest."""
    return hashlib.sha256(secret_id.encode()).hexdigest()


def seal(plain: bytes, server_secret: bytes, cookie_key: str, place: str) -> bytes:
    """`plain`, sealed for the row `place`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(server_secret, cookie_key, place).encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes, server_secret: bytes, cookie_key: str, place: str) -> bytes | None:
    """What was sealed, or None for another secret, another cookie, another place or a changed row."""
    try:
        cipher = _cipher(server_secret, cookie_key, place)
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
        return None


def _cipher(server_secret: bytes, cookie_key: str, place: str) -> AESGCM:
    derived = HKDF(SHA256(), _KEY_BYTES, salt=server_secret, info=f"sightline row {place}".encode())
    return AESGCM(derived.derive(cookie_key.encode()))
