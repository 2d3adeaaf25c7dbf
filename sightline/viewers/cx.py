"""A patient's number with its assigning authority, as HL7 v2 writes it: the data type CX (HL7 v2.5, 2.A.14).

    123^^^Hospital        a namespace that both sides know
    123^^^&1.2.3&ISO      an OID; or a URI: 123^^^&http://hospital.example/mrn&URI

FHIR's `Identifier.value` is the first component, its `system` the fourth. CX has an escape syntax, but receivers split
before they unescape: a number with one of HL7's own signs in it is refused.
"""

import re

from msgspec import Struct

from sightline.patient import PatientNumber
from sightline.uid import uid

_HL7_SIGNS = re.compile(r"[\^&~|\\]")
_TYPE = re.compile(r"[A-Za-z0-9]{1,6}")
_OID, _WEB = re.compile(r"urn:oid:", re.IGNORECASE), re.compile(r"https?://", re.IGNORECASE)


class NotCx(ValueError):
    """It cannot be written or read as a CX; the text says why, without the number itself."""


class Cx(Struct, frozen=True, gc=False):
    """`123^^^namespace&universal_id&universal_type`; parts that are not known are empty. Raises NotCx."""

    number: str
    namespace: str = ""
    universal_id: str = ""
    universal_type: str = ""

    def __post_init__(self) -> None:
        parts = (self.number, self.namespace, self.universal_id, self.universal_type)
        if not self.number or any(_HL7_SIGNS.search(part) or part != part.strip() for part in parts):
            raise NotCx("the patient's number or its authority is empty, or has a sign of HL7's own in it")
        if not all(part.isprintable() for part in parts):
            raise NotCx("the patient's number or its authority has a control character in it")
        if bool(self.universal_id) != bool(self.universal_type) or not _TYPE.fullmatch(self.universal_type or "ISO"):
            raise NotCx("the authority's universal id and its type go together")

    @property
    def has_authority(self) -> bool:
        return bool(self.namespace or self.universal_id)

    @property
    def text(self) -> str:
        """As it is sent, before it is percent-encoded."""
        if not self.has_authority:
            return self.number
        universal = f"&{self.universal_id}&{self.universal_type}" if self.universal_id else ""
        return f"{self.number}^^^{self.namespace}{universal}"


def parse(text: str) -> Cx:
    """Reads a CX; what stands behind the authority (type, facility) is passed over. Raises NotCx."""
    number, *rest = text.split("^")
    if len(rest) < 3 or rest[0] or rest[1]:
        raise NotCx("the patient's number does not say who assigned it")
    authority = (*rest[2].split("&"), "", "")
    if any(authority[3:]):
        raise NotCx("the authority has more than three parts")
    found = Cx(number, *authority[:3])
    if not found.has_authority:
        raise NotCx("the patient's number does not say who assigned it")
    return found


def of(number: PatientNumber, form: str, namespaces: dict[str, str]) -> Cx:
    """The CX of a FHIR identifier, in the form that a viewer wants: `cx-universal`, `cx-namespace` or `plain`.

    A system that has no universal form is written by its namespace, where the viewer's settings name one. Raises NotCx.
    """
    namespace = namespaces.get(number.system, "")
    if form == "plain":
        return Cx(number.value)
    if form == "cx-universal":
        oid = uid(number.system) if _OID.match(number.system) else None
        if oid:
            return Cx(number.value, universal_id=oid, universal_type="ISO")
        if _WEB.match(number.system) and not _HL7_SIGNS.search(number.system):
            return Cx(number.value, universal_id=number.system, universal_type="URI")
    if not namespace:
        raise NotCx("no assigning authority can be made of the number's system; `namespaces` could name one")
    return Cx(number.value, namespace)
