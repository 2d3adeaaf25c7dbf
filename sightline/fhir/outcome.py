"""OperationOutcome: what a FHIR server says about a question. Its words are for people, its codes for the log.

Servers write patient data into the words ("Patient DOE, Jane not permitted"), so they never go into the log.
"""

from typing import Any

from sightline import json_text
from sightline.fhir.elements import concept_text, objects
from sightline.outside_text import text

_LONGEST = 300
_HARMLESS = ("information", "warning", "success")
_NOT_ALL = ("incomplete", "timeout", "too-costly", "throttled", "not-supported")


def sentence(issue: Any) -> str:
    """The issues' own words, joined and cut to one short line; empty where they say nothing."""
    said = []
    for item in objects(issue):
        words = concept_text(item.get("details")) or text(item.get("diagnostics")) or text(item.get("code"))
        if words:
            said.append(" ".join(words.split()))
    return "; ".join(said)[:_LONGEST]


def is_error(issue: Any) -> bool:
    """Whether it speaks of an error, or of an answer that is not all, and not only of something worth knowing.

    An unknown severity is one (R4 IssueSeverity); so is, whatever the severity, a code that says "not all" (IssueType).
    """
    return any(item.get("severity") not in _HARMLESS or item.get("code") in _NOT_ALL for item in objects(issue))


def codes(issue: Any) -> str:
    """`error/not-found`, for each issue: FHIR's own codes, nothing else."""
    pairs = ((_code(item.get("severity")), _code(item.get("code"))) for item in objects(issue)[:5])
    return ", ".join("/".join(pair) for pair in pairs)


def codes_in(body: bytes) -> str:
    """As `codes`, for a whole OperationOutcome; empty for anything else."""
    try:
        found = json_text.value(body)
    except json_text.NotReadable:
        return ""
    is_outcome = type(found) is dict and found.get("resourceType") == "OperationOutcome"
    return codes(found.get("issue")) if is_outcome else ""


def _code(value: Any) -> str:
    found = text(value) or ""
    return (
        found if found.isascii() and found.islower() and found.replace("-", "").isalpha() and len(found) < 40 else "?"
    )
