"""What an EHR's block must say for its way of signing in: two axes, which ways go together, what each of them needs.

`sign_in` says who the user is, `authorization` how requests to the FHIR server are permitted. A SMART launch is both at
once: its token is the user's own.
"""

from typing import Any
from urllib.parse import urlsplit

from sightline.settings.addresses import on_loopback
from sightline.settings.keys import EHR
from sightline.settings.toml_tables import TomlFile

OIDC_SCOPES = ("openid", "profile")
"""Asked of an OpenID provider where the file names no scopes: the launch's would mean nothing to it."""

# The key that a way needs, which way that is, and what to write.
_NEEDED = (
    ("sign_in", "smart", "client_id", "the client id that the EHR gave to Sightline"),
    ("sign_in", "oidc", "client_id", "the client id that the OpenID provider gave to Sightline"),
    ("sign_in", "oidc", "issuer", "the OpenID provider's issuer, such as https://login.hospital.example/realms/staff"),
    ("authorization", "backend", "backend_client_id", "the client id for the FHIR server's own token endpoint"),
)


def settle_sign_ins(file: TomlFile, ehrs: list[dict[str, Any]], public_url: str) -> None:
    """Notes what does not go together or is missing; gives OpenID sign-ins that name no scopes theirs."""
    written = [block for _, block in file.blocks(EHR)]
    for nth, (ehr, block) in enumerate(zip(ehrs, written, strict=False)):
        if {"sign_in", "authorization"} <= ehr.keys():
            _refuse_odd_pairs(file, nth, ehr)
        _refuse_missing(file, nth, ehr, block)
        _refuse_half_conditions(file, nth, ehr)
        if ehr.get("sign_in") == "none" and public_url and not on_loopback(urlsplit(public_url).hostname or ""):
            what = 'sign_in is "none", but public_url is not on the loopback: anybody could read patients\' data'
            file.mistake(("ehr", nth, "sign_in"), what, '"oidc", or a public_url such as http://127.0.0.1:8000')
        if ehr.get("sign_in") == "oidc" and "scopes" not in block:
            ehr["scopes"] = OIDC_SCOPES


def _refuse_odd_pairs(file: TomlFile, nth: int, ehr: dict[str, Any]) -> None:
    launched, by_launch = ehr["sign_in"] == "smart", ehr["authorization"] == "smart"
    if launched and not by_launch:
        what = f'authorization is "{ehr["authorization"]}", but sign_in is "smart": a launch brings its own token'
        file.mistake(("ehr", nth, "authorization"), what, 'authorization = "smart", or sign_in = "oidc"')
    if by_launch and not launched:
        what = f'sign_in is "{ehr["sign_in"]}", so no launch brings a token, and authorization is "smart"'
        file.mistake(("ehr", nth, "sign_in"), what, 'authorization = "backend", "bearer", "basic" or "none"')


def _refuse_missing(file: TomlFile, nth: int, ehr: dict[str, Any], block: dict[str, Any]) -> None:
    for axis, way, key, instead in _NEEDED:
        if ehr.get(axis) == way and ehr.get(key) == "":
            if key in block:
                file.mistake(("ehr", nth, key), f"{key} is empty", instead)
            else:
                file.mistake(("ehr", nth), f"{key} is missing in [[ehr]]", f"a line {key} = …, {instead}")


def _refuse_half_conditions(file: TomlFile, nth: int, ehr: dict[str, Any]) -> None:
    """A claim without its value would let everybody in whom the provider knows."""
    claim, value = ehr.get("required_claim"), ehr.get("required_value")
    if claim is None or value is None or not (claim or value):
        return
    named = "required_claim" if claim else "required_value"
    if not (claim and value):
        file.mistake(("ehr", nth, named), f"{named} stands alone", "both required_claim and required_value, or neither")
    elif ehr.get("sign_in", "oidc") != "oidc":
        file.mistake(("ehr", nth, named), f'{named} asks for a claim, but sign_in is not "oidc"', 'sign_in = "oidc"')
