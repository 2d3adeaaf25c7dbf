"""SMART scopes in both syntaxes: version 1 `patient/ImagingStudy.read`, version 2 `patient/ImagingStudy.rs?…`.

SMART 2.2 "Scopes for requesting FHIR Resources". What is configured may be written in either; what is granted comes in
either, whichever was asked for.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

_RESOURCE = re.compile(r"((?:patient|user|system)/(?:[A-Za-z]+|\*))\.(read|write|\*|(?=.)c?r?u?d?s?)(\?.*)?")
_MEANING = {"read": "rs", "write": "cud", "*": "cruds"}


class ResourceScope(Struct, frozen=True):
    """A scope on resources: `kind` such as `patient/ImagingStudy`, `letters` of "cruds", the query that narrows it."""

    kind: str
    letters: str
    query: str


@lru_cache(256)
def read(scope: str) -> ResourceScope | None:
    """The scope on resources in either syntax; None for any other (`openid`, `launch`, a vendor's own)."""
    found = _RESOURCE.fullmatch(scope)
    return ResourceScope(found[1], _MEANING.get(found[2], found[2]), found[3] or "") if found else None


def to_ask_for(configured: Iterable[str], *, version_2: bool) -> tuple[str, ...]:
    """The configured scopes in the syntax that the server offers, each once; those not on resources as they are.

    Version 1 knows neither single interactions nor queries: there the smallest scope that holds the configured one is
    asked for.
    """
    translated = (_version_2(scope) if version_2 else _version_1(scope) for scope in configured)
    return tuple(dict.fromkeys(word for words in translated for word in words))


def may_read(granted: Iterable[str], resource_type: str) -> bool:
    """Whether a granted scope allows the reading of single resources of this type."""
    return any(
        scope is not None and "r" in scope.letters and scope.kind.split("/")[1] in (resource_type, "*")
        for scope in map(read, granted)
    )


def may_search(granted: Iterable[str], resource_type: str, *, whole: bool = False) -> bool:
    """Whether a granted scope allows a search for this type; with `whole`, one that no query narrows."""
    return any(
        scope is not None
        and "s" in scope.letters
        and scope.kind.split("/")[1] in (resource_type, "*")
        and not (whole and scope.query)
        for scope in map(read, granted)
    )


def _version_2(scope: str) -> list[str]:
    found = read(scope)
    return [f"{found.kind}.{found.letters}{found.query}"] if found else [scope]


def _version_1(scope: str) -> list[str]:
    found = read(scope)
    if not found:
        return [scope]
    if found.letters == "cruds":
        return [f"{found.kind}.*"]
    return [f"{found.kind}.{word}" for word in ("read", "write") if set(_MEANING[word]) & set(found.letters)]
