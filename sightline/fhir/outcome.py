"""OperationOutcome: what a FHIR server says about a question, in one line of text."""

from typing import Any

import msgspec

from sightline.fhir.elements import NOT_READABLE, concept_text, objects, text

_LONGEST = 300


def sentence(issue: Any) -> str:
    """The issues' own words, joined and cut to one short line; empty where they say nothing."""
    said = []
    for item in objects(issue):
        words = concept_text(item.get("details")) or text(item.get("diagnostics")) or text(item.get("code"))
        if words:
            said.append(" ".join(words.split()))
    return "; ".join(said)[:_LONGEST]


def sentence_in(body: bytes | msgspec.Raw) -> str:
    """As `sentence`, for a whole OperationOutcome; empty for anything else."""
    try:
        found = msgspec.json.decode(body)
    except NOT_READABLE:
        return ""
    is_outcome = type(found) is dict and found.get("resourceType") == "OperationOutcome"
    return sentence(found["issue"]) if is_outcome and "issue" in found else ""
