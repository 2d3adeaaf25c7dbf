"""The check of an address with variables in braces: `https://host/viewer?study={study_uid}`."""

import re
from typing import Any

from sightline.settings.addresses import origin_of, web_address_or_query
from sightline.settings.checks import text
from sightline.settings.mistakes import Wrong, nearest

VARIABLES = {
    "study_uid": "the Study Instance UID",
    "study_uids": "the Study Instance UIDs, between commas",
    "accession": "the accession number",
    "patient_id": "the patient's number in the system that `patient_system` names",
    "patient_cx": "the same with its assigning authority, as HL7 v2 writes it",
}
"""What may stand in braces, with what it becomes."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PROGRAM_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,30}://[A-Za-z0-9\-._~:/?&=;,@!$'()*+%]*")
# What a browser itself understands is no program on the user's computer.
_BROWSERS_OWN = {
    "about", "blob", "chrome", "data", "file", "filesystem", "ftp", "http", "https", "javascript", "vbscript",
    "view-source", "ws", "wss",
}  # fmt: skip


def template_address(value: Any) -> str:
    """An address whose variables stand behind the host: https, http on the loopback, or a program's own scheme."""
    for name in variables(text(value)):
        if name not in VARIABLES:
            raise Wrong(f"has a variable that is not known: {{{name}}}", f"{{{nearest(name, list(VARIABLES))}}}")
    if not variables(value):
        raise Wrong("has no variable, so that every study would open the same", "for one, {study_uid}")
    filled = _BRACES.sub("x", value)
    if not is_of_a_program(value):
        web_address_or_query(filled)
        if origin_of(filled) != origin_of(_BRACES.sub("y", value)):
            raise Wrong("has a variable in its host", "variables behind the first / after the host only")
    elif not _PROGRAM_ADDRESS.fullmatch(filled):
        raise Wrong("is no address of a program", "scheme://…, with signs that every URL may have")
    return str(value)


def variables(address: str) -> tuple[str, ...]:
    """The names in braces, in their order."""
    return tuple(_BRACES.findall(address))


def is_of_a_program(address: str) -> bool:
    """Whether its scheme belongs to a program on the user's own computer and not to the web."""
    scheme = _SCHEME.match(address)
    return scheme is not None and scheme[1].lower() not in _BROWSERS_OWN
