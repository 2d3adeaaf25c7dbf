"""Endpoint resources of STU3 to R6 -> the addresses of a study's images.

The connection's code decides, whatever its system: `ihe-iid` is deprecated in HL7's own code system and lives on in
others (HL7 Europe Imaging), `web-viewer` is IHE MADO's. STU3 to R4B have one Coding, R5 a list of CodeableConcepts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sightline.endpoint import Endpoint, Leads
from sightline.fhir.elements import codings, objects, text

_CODES = {
    "ihe-iid": Leads.TO_A_VIEWER,
    "web-viewer": Leads.TO_A_VIEWER,
    "dicom-wado-rs": Leads.TO_AN_ARCHIVE,
    "dicom-qido-rs": Leads.TO_AN_ARCHIVE,
    "dicom-wado-uri": Leads.TO_AN_ARCHIVE,
}
# R4's endpoint-status and what R5 added; `suspended`, `error`, `off` and `entered-in-error` are out of use.
_IN_USE = (None, "active", "test", "limited")


def endpoint(resource: Any) -> Endpoint | None:
    """The address in one Endpoint resource; None for one that is out of use, or leads to no images."""
    if type(resource) is not dict or resource.get("resourceType") != "Endpoint":
        return None
    address = text(resource.get("address"))
    leads = [_CODES[code] for _, code in codings(resource.get("connectionType")) if code in _CODES]
    if not address or not leads or text(resource.get("status")) not in _IN_USE:
        return None
    return Endpoint(address, leads[0], _organisation(resource.get("managingOrganization")))


def endpoints(
    references: Iterable[str], contained: Any, included: Mapping[str, Any], base: str
) -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    """What a study's references to endpoints lead to, and the references that nothing here answers.

    `contained` are the study's own resources (`#id`), `included` those that came with it, by `Endpoint/<id>` as the
    FHIR server at `base` names them. A reference to another server stays unanswered.
    """
    own = {f"#{item.get('id')}": item for item in objects(contained)}
    found, missing = [], []
    for reference in dict.fromkeys(references):
        resource = own.get(reference) or included.get(_relative(reference, base))
        if resource is None:
            missing.append(reference)
        elif read := endpoint(resource):
            found.append(read)
    return tuple(found), tuple(missing)


def _relative(reference: str, base: str) -> str:
    """`Endpoint/<id>` of a reference on this server, without a version at its end."""
    return reference.split("/_history/")[0].removeprefix(f"{base.rstrip('/')}/")


def _organisation(value: Any) -> tuple[str, ...]:
    """Its name, its number, and its reference, as far as they stand in the Reference itself."""
    if type(value) is not dict:
        return ()
    number = value.get("identifier")
    stated = (value.get("display"), number.get("value") if type(number) is dict else None, value.get("reference"))
    return tuple(words for words in map(text, stated) if words)
