"""DICOM unique identifiers (PS3.5 section 9.1), as they come out of FHIR.

A prefix proves nothing: real data carries `urn:oid:` twice, in capitals, or before what is no UID at all
(`urn:oid:ORD-307`). So the prefix is taken off as often as it stands there, and then the grammar decides.
"""

import re

MAX_LENGTH = 64
_UID = re.compile(r"[\s\0]*(?:urn:oid:\s*)*([0-9]+(?:\.[0-9]+)+)[\s\0]*", re.IGNORECASE)
_STRICT = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){3,}")
_STUDY_IN_PATH = re.compile(r"/studies/([0-9.]+)(?:[/?#]|$)")


def uid(text: object) -> str | None:
    """The bare UID in `text`, or None where there is none by the grammar. Leading zeros in a component are let pass."""
    if type(text) is not str:
        return None
    bare = text.removeprefix("urn:oid:")
    plain = bare.isascii() and "." in bare and ".." not in f".{bare}." and bare.replace(".", "0").encode().isdigit()
    if plain and len(bare) <= MAX_LENGTH:  # as nearly all of them come, in two thirds of a regular expression's time
        return bare
    found = _UID.fullmatch(text)
    return found[1] if found and len(found[1]) <= MAX_LENGTH else None


def long_uid(text: object) -> str | None:
    """As `uid`, for a number that nothing labels: the grammar to the letter, and four components at least.

    Accession numbers such as `2017.092` and `2024.01.05.003` pass the looser grammar too.
    """
    found = uid(text)
    return found if found and _STRICT.fullmatch(found) else None


def uid_in_wado_url(url: object) -> str | None:
    """The Study Instance UID in a WADO-RS address `…/studies/<uid>` (PS3.18 section 10.4), or None."""
    found = _STUDY_IN_PATH.search(url) if isinstance(url, str) else None
    return uid(found[1]) if found else None
