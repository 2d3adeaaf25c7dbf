"""Secrets come from the environment, or from a file that the environment names; never from the settings file."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sightline.settings.mistakes import Wrong

SECRET_KEY = "SIGHTLINE_SECRET_KEY"  # noqa: S105 (the variable's name)
SECRET_KEY_SIGNS = 32
NEW_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105 (a command)
AUDIT_FHIR_TOKEN = "SIGHTLINE_AUDIT_FHIR_TOKEN"  # noqa: S105 (the variable's name)
REDIS_URL = "SIGHTLINE_REDIS_URL"
REDIS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}  # never one that switches the check of TLS off
BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, 2.1
CLIENT_SECRET = re.compile(r"[\x20-\x7e]+")  # RFC 6749, A.2
# What opens a FHIR server or an archive: the `authorization` that needs it, the signs it may have (RFC 6750 2.1,
# RFC 7617 2).
ACCESS = {
    "bearer_token": ("bearer", BEARER_TOKEN),
    "basic_user": ("basic", re.compile(r"[^:\x00-\x1f\x7f]+")),
    "basic_password": ("basic", re.compile(r"[^\x00-\x1f\x7f]+")),
}


def variable_of(name: str, key: str, table: str = "ehr") -> str:
    """The variable with a server's secret: for `client_secret` of `north-wing` SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET.

    `table` is whose block it is for, an EHR's or an archive's.
    """
    return f"SIGHTLINE_{table.upper()}_{name.upper().replace('-', '_')}_{key.upper()}"


def secret_key(environment: Mapping[str, str]) -> bytes:
    """The key that seals charts, at least 32 characters. `Wrong` if the environment has none, or a shorter one."""
    key = _secret(SECRET_KEY, environment)
    if len(key) < SECRET_KEY_SIGNS:
        raise Wrong(f"{SECRET_KEY} is shorter than {SECRET_KEY_SIGNS} characters", f"what this prints: {NEW_SECRET}")
    return key.encode("utf-8", "surrogateescape")


def client_secret(ehr_name: str, environment: Mapping[str, str]) -> str:
    """The secret that an EHR gave to Sightline. `Wrong` if the environment has none, or one that OAuth forbids."""
    variable = variable_of(ehr_name, "client_secret")
    secret = _secret(variable, environment)
    if not CLIENT_SECRET.fullmatch(secret):
        raise Wrong(f"{variable} has signs that OAuth forbids", "one line of ASCII letters, digits and signs")
    return secret


def access_secret(name: str, key: str, environment: Mapping[str, str], table: str = "ehr") -> str:
    """One of `ACCESS` for this server. `Wrong` if the environment has none, or one that HTTP forbids in its place."""
    variable = variable_of(name, key, table)
    secret = _secret(variable, environment)
    if not ACCESS[key][1].fullmatch(secret):
        raise Wrong(f"{variable} has signs that HTTP forbids there", "one line, as the server's people gave it")
    return secret


def redis_url(environment: Mapping[str, str]) -> str:
    """The address of the Redis that keeps charts. `Wrong`, without the address, which may hold a password, if unfit."""
    url = _secret(REDIS_URL, environment)
    instead = "rediss://[user]:[password]@host:port/number, or redis://… where nobody else can listen"
    try:
        parts = urlsplit(url)
        host, _, options = parts.hostname, parts.port, dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        raise Wrong(f"{REDIS_URL} is not a URL", instead) from None
    if parts.scheme not in ("redis", "rediss") or not host or parts.fragment or not url.isprintable():
        raise Wrong(f"{REDIS_URL} is not the address of a Redis", instead)
    if not re.fullmatch(r"(/[0-9]*)?", parts.path):
        raise Wrong(f"{REDIS_URL} names no database by its number", instead)
    if not options.keys() <= (REDIS_OPTIONS if parts.scheme == "rediss" else set()):
        raise Wrong(f"{REDIS_URL} has an option that Sightline does not take", "of " + ", ".join(sorted(REDIS_OPTIONS)))
    return url


def audit_fhir_token(environment: Mapping[str, str]) -> str:
    """The bearer token for the audit repository. `Wrong` if the environment has none, or one with other signs."""
    token = _secret(AUDIT_FHIR_TOKEN, environment)
    if not BEARER_TOKEN.fullmatch(token):
        raise Wrong(
            f"{AUDIT_FHIR_TOKEN} has signs that no bearer token has", "the token alone, without the word Bearer"
        )
    return token


def secret_or_empty(variable: str, environment: Mapping[str, str]) -> str:
    """A secret of the environment, or of the file that `<variable>_FILE` names; empty where there is neither.

    An empty variable counts as absent: container tools set variables that nobody filled in to the empty text. `Wrong`
    if both are there, or the file cannot be read.
    """
    file_variable = f"{variable}_FILE"
    value, file = environment.get(variable, ""), environment.get(file_variable, "")
    if value and file:
        raise Wrong(f"both {variable} and {file_variable} are set", "one of the two")
    return value or (_content(file_variable, Path(file)) if file else "")


def _secret(variable: str, environment: Mapping[str, str]) -> str:
    value = secret_or_empty(variable, environment)
    if not value:
        file_variable = f"{variable}_FILE"
        raise Wrong(f"{variable} is not set", f"{variable} in the environment, or {file_variable} with a file's path")
    return value


def _content(file_variable: str, file: Path) -> str:
    try:
        content = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a null character in the name
        instead = "the path of a text file that Sightline may read"
        raise Wrong(f"{file_variable} names a file that cannot be read: {type(error).__name__}", instead) from None
    if not content:
        raise Wrong(f"{file_variable} names an empty file", "a file with the secret in it")
    return content
