"""Endpoint resources of STU3 to R6 -> the addresses of a study's images.

The connection's code decides, whatever its system: `ihe-iid` is deprecated in HL7's own code system and lives on in
others (HL7 Europe Imaging), `web-viewer` is IHE MADO's. STU3 to R4B have one Coding, R5 a list of CodeableConcepts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sightline.endpoint import Endpoint, Leads
from sightline.fhir.elements import codings, objects
from sightline.outside_text import text
from sightline.patient import is_fhir_id

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


def contained(resources: Any) -> dict[str, Endpoint | None]:
    """The addresses among a record's own resources, by the references that the record itself has for them (`#id`)."""
    return {f"#{item.get('id')}": endpoint(item) for item in objects(resources)}


def answered(
    references: Iterable[str], known: Mapping[str, Endpoint | None], base: str = ""
) -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    """What references to endpoints lead to, and the references that nothing here answers.

    `known` are resources by `#id` or, as the FHIR server at `base` names them, by `Endpoint/<id>`; None for one that is
    no address of images.
    """
    found, missing = [], []
    for reference in dict.fromkeys(references):
        name = reference if reference in known else own(reference, base)
        if name not in known:
            missing.append(reference)
        elif address := known[name]:
            found.append(address)
    return tuple(found), tuple(missing)


def own(reference: str, base: str) -> str:
    """`Endpoint/<id>` of a reference on the FHIR server at `base`, without a version; empty for any other."""
    name = reference.split("/_history/")[0].removeprefix(f"{base.rstrip('/')}/")
    kind, _, id_ = name.partition("/")
    return name if kind == "Endpoint" and is_fhir_id(id_) else ""


def _organisation(value: Any) -> tuple[str, ...]:
    """Its name, its number, and its reference, as far as they stand in the Reference itself."""
    if type(value) is not dict:
        return ()
    number = value.get("identifier")
    stated = (value.get("display"), number.get("value") if type(number) is dict else None, value.get("reference"))
    return tuple(words for words in map(text, stated) if words)
