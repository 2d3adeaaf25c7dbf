"""A search for patients: criteria -> the parameters of the question, a Bundle of any FHIR version -> the hits.

`family`, `given`, `name`, `birthdate` and `identifier` are search parameters of Patient from DSTU1 to R5; a search by
them means the same in all (R4 "Patient", 8.1.15).
"""

import re
from typing import Any
from unicodedata import combining, normalize

from msgspec import Struct

from sightline.fhir import outcome, patient as patient_reader, searchset
from sightline.fhir.elements import objects
from sightline.outside_text import text
from sightline.patient import Patient, PatientNumber, is_fhir_id
from sightline.patient_criteria import Criteria

MOST_HITS = 20
# R4 3.1.1.4.8: in a value these signs separate; a backslash makes them letters.
_SEPARATORS = re.compile(r"([\\,$|])")
# `replaced-by` from STU3 on, `replace` before (R4 LinkType): that record must no longer be used.
_REPLACED = ("replaced-by", "replace")


class Hit(Struct, frozen=True):
    """One patient as found.

    `replaced`: the record must not be used any more; `successor` is the id of the one that must, where that is said.
    `in_use` is false where the record says that it is not (`active`).
    """

    patient: Patient
    replaced: bool = False
    successor: str = ""
    in_use: bool = True

    @property
    def may_be_chosen(self) -> bool:
        """Whether its chart, or its successor's, may be opened."""
        return self.can_be_told_apart and (not self.replaced or bool(self.successor))

    @property
    def can_be_told_apart(self) -> bool:
        """Whether there are two things to know the patient by: a name, and a birth date or a number."""
        named = self.patient.family or self.patient.given or self.patient.full_text
        return bool(named and (self.patient.birth_date or self.patient.identifier))


class Found(Struct):
    """All that a search brought. `unfit` are records that contradict what was asked for, and are not among the hits.

    `more`: the register holds more than is here. `troubled`: the server reported an error beside its answer, or its
    answer says of itself what nobody understands.
    """

    hits: list[Hit] = []
    unreadable: int = 0
    unfit: int = 0
    more: bool = False
    troubled: bool = False
    warnings: list[str] = []

    @property
    def is_whole(self) -> bool:
        """Whether nothing else than the hits can have been found."""
        return not (self.unreadable or self.unfit or self.more or self.troubled)


def parameters(criteria: Criteria) -> dict[str, str]:
    """The question, one more than the most hits asked for: so that it shows whether there are more."""
    asked = {
        "identifier": criteria.identifier,
        "family": criteria.family,
        "given": criteria.given,
        "birthdate": criteria.birth_date,
    }
    return {name: escaped(value) for name, value in asked.items() if value} | {"_count": str(MOST_HITS + 1)}


def parameters_by_name(criteria: Criteria) -> dict[str, str] | None:
    """The same for a server that knows `name` only (US Core demands no more); None where no name is asked for."""
    name = criteria.family or criteria.given
    if not name:
        return None
    others = Criteria(birth_date=criteria.birth_date, identifier=criteria.identifier)
    return {"name": escaped(name)} | parameters(others)


def parameters_of_number(number: PatientNumber) -> dict[str, str]:
    """The question for whoever has this very number, of this very system."""
    token = f"{escaped(number.system)}|{escaped(number.value)}"
    return {"identifier": token, "_count": str(MOST_HITS + 1)}


def found_with(body: bytes, number: PatientNumber) -> Found:
    """The hits that have this very number among those in use; any other record is unfit. Raises as `found`."""
    result = found(body, Criteria(identifier=number.value))
    holders = [hit for hit in result.hits if number in hit.patient.numbers]
    result.unfit += len(result.hits) - len(holders)
    result.hits = holders
    return result


def found(body: bytes, criteria: Criteria, *, by_name: bool = False) -> Found:
    """The hits in an answer. Raises SourceUnreadable where it is no Bundle, SourceFailed for an OperationOutcome.

    A server may pass over a parameter and answer with its whole register: a record that contradicts the number or the
    birth date asked for is not shown. Names are the server's business, which knows that Müller is Mueller, except where
    only one of them could be asked for (`by_name`).
    """
    bundle = searchset.bundle(body, "a search for patients")
    result, matches = Found(), 0
    entries = bundle.get("entry", [])
    for entry in entries if type(entries) is list else [entries]:
        matches += _sort_in(entry if type(entry) is dict else {}, criteria, result, by_name)
    total, is_number = searchset.total(bundle.get("total"), bundle.get("totalResults"))
    follows, _ = searchset.next_page(bundle.get("link"))
    result.troubled |= not is_number
    result.more = follows or len(result.hits) > MOST_HITS or (total is not None and total > matches)
    result.hits = result.hits[:MOST_HITS]
    return result


def hit(resource: dict[str, Any], patient_id: str) -> Hit:
    """One Patient resource as a hit."""
    replacing = [link for link in objects(resource.get("link")) if link.get("type") in _REPLACED]
    successors = [successor for link in replacing if (successor := _successor(link.get("other")))]
    return Hit(
        patient=patient_reader.patient(resource, patient_id),
        replaced=bool(replacing),
        successor=successors[0] if len(set(successors)) == 1 else "",
        in_use=resource.get("active") is not False,
    )


def _sort_in(entry: dict[str, Any], criteria: Criteria, result: Found, by_name: bool) -> int:
    """Puts an entry where it belongs; gives 1 for one that counts among the server's matches."""
    resource = entry.get("resource") or entry.get("content")
    mode = next((search.get("mode") for search in objects(entry.get("search"))), None)
    kind = resource.get("resourceType") if type(resource) is dict else None
    if type(resource) is dict and (kind == "OperationOutcome" or (mode == "outcome" and kind != "Patient")):
        if words := outcome.sentence(resource.get("issue")):
            result.warnings.append(words)
        result.troubled |= outcome.is_error(resource.get("issue"))
        return 0
    if mode in ("include", "outcome"):
        result.troubled |= kind == "Patient"  # none was asked for but as a match
        return 0
    patient_id = _id_of(entry, resource) if type(resource) is dict else ""
    if type(resource) is not dict or kind != "Patient" or not is_fhir_id(patient_id):
        result.unreadable += 1
    elif _contradicts(resource, criteria) or (by_name and not _has_names(resource, criteria)):
        result.unfit += 1
    elif patient_id not in {known.patient.id for known in result.hits}:
        result.hits.append(hit(resource, patient_id))
    return 1


def _id_of(entry: dict[str, Any], resource: dict[str, Any]) -> str:
    """The resource's own id; in DSTU1 the last part of the entry's address."""
    outside = text(entry.get("id")) or ""
    return text(resource.get("id")) or outside.split("/_history/")[0].rsplit("/", 1)[-1]


def _successor(other: Any) -> str:
    """The id in a relative reference to a Patient; empty for any other: ids repeat between servers."""
    reference = text(other.get("reference")) if type(other) is dict else None
    patient_id = (reference or "").split("/_history/")[0].removeprefix("Patient/")
    return patient_id if (reference or "").startswith("Patient/") and is_fhir_id(patient_id) else ""


def _contradicts(resource: dict[str, Any], criteria: Criteria) -> bool:
    """Whether the record says another birth date or other numbers; what it does not say contradicts nothing."""
    birth_date = text(resource.get("birthDate")) or ""
    numbers = {_plain(text(item.get("value"))) for item in objects(resource.get("identifier"))}
    other_birth_date = criteria.birth_date and not criteria.birth_date.startswith(birth_date[:10])
    return bool(other_birth_date or (criteria.identifier and numbers and _plain(criteria.identifier) not in numbers))


def _has_names(resource: dict[str, Any], criteria: Criteria) -> bool:
    """Whether each name asked for stands in the record: any case, any accents, any place (R4 3.1.1.4.9)."""
    names = objects(resource.get("name"))
    for part in ("family", "given"):
        asked = _plain(getattr(criteria, part))
        if not any(asked in _plain(word) for name in names for word in _words(name, part)):
            return False
    return True


def _words(name: dict[str, Any], part: str) -> list[str]:
    """This part of a name, and its whole text: a name that is only a text has no parts."""
    value = name.get(part)
    words = map(text, [*(value if type(value) is list else [value]), name.get("text")])
    return [word for word in words if word]


def _plain(value: str | None) -> str:
    """Letters and digits alone, without case and accents."""
    spelled = normalize("NFKD", (value or "").casefold())
    return "".join(sign for sign in spelled if sign.isalnum() and not combining(sign))


def escaped(value: str) -> str:
    """The value as one value of a search parameter, whatever signs it has."""
    return _SEPARATORS.sub(r"\\\1", value)
