"""Secrets come from the environment, or from a file that the environment names; never from the settings file."""

import re
from collections.abc import Mapping
from pathlib import Path

from sightline.settings.mistakes import Wrong

SECRET_KEY = "SIGHTLINE_SECRET_KEY"  # noqa: S105 (the variable's name)
SECRET_KEY_SIGNS = 32
NEW_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105 (a command)
AUDIT_FHIR_TOKEN = "SIGHTLINE_AUDIT_FHIR_TOKEN"  # noqa: S105 (the variable's name)
CLIENT_SECRET = re.compile(r"[\x20-\x7e]+")  # RFC 6749, A.2
BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750, 2.1


def client_secret_variable(ehr_name: str) -> str:
    """The variable with an EHR's client secret: for `north-wing`, SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET."""
    return f"SIGHTLINE_EHR_{ehr_name.upper().replace('-', '_')}_CLIENT_SECRET"


def secret_key(environment: Mapping[str, str]) -> bytes:
    """The key that seals charts, at least 32 characters. `Wrong` if the environment has none, or a shorter one."""
    key = _secret(SECRET_KEY, environment)
    if len(key) < SECRET_KEY_SIGNS:
        raise Wrong(f"{SECRET_KEY} is shorter than {SECRET_KEY_SIGNS} characters", f"what this prints: {NEW_SECRET}")
    return key.encode("utf-8", "surrogateescape")


def client_secret(ehr_name: str, environment: Mapping[str, str]) -> str:
    """The secret that an EHR gave to Sightline. `Wrong` if the environment has none, or one that OAuth forbids."""
    variable = client_secret_variable(ehr_name)
    secret = _secret(variable, environment)
    if not CLIENT_SECRET.fullmatch(secret):
        raise Wrong(f"{variable} has signs that OAuth forbids", "one line of ASCII letters, digits and signs")
    return secret


def audit_fhir_token(environment: Mapping[str, str]) -> str:
    """The bearer token for the audit repository. `Wrong` if the environment has none, or one with other signs."""
    token = _secret(AUDIT_FHIR_TOKEN, environment)
    if not BEARER_TOKEN.fullmatch(token):
        raise Wrong(
            f"{AUDIT_FHIR_TOKEN} has signs that no bearer token has", "the token alone, without the word Bearer"
        )
    return token


def _secret(variable: str, environment: Mapping[str, str]) -> str:
    """An empty variable counts as absent: container tools set variables that nobody filled in to the empty text."""
    file_variable = f"{variable}_FILE"
    value, file = environment.get(variable, ""), environment.get(file_variable, "")
    if value and file:
        raise Wrong(f"both {variable} and {file_variable} are set", "one of the two")
    if not (value or file):
        raise Wrong(f"{variable} is not set", f"{variable} in the environment, or {file_variable} with a file's path")
    return value or _content(file_variable, Path(file))


def _content(file_variable: str, file: Path) -> str:
    try:
        content = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a null character in the name
        instead = "the path of a text file that Sightline may read"
        raise Wrong(f"{file_variable} names a file that cannot be read: {type(error).__name__}", instead) from None
    if not content:
        raise Wrong(f"{file_variable} names an empty file", "a file with the secret in it")
    return content
