"""One Patient resource of any FHIR version -> a Patient."""

from typing import Any

from sightline.fhir.elements import codings, concept_text, objects
from sightline.outside_text import text, unaltered
from sightline.patient import Patient, PatientNumber

_NAME_USES = ("official", "usual", None, "temp", "nickname", "anonymous")
_MEDICAL_RECORD_NUMBER = "MR"


def patient(resource: dict[str, Any], patient_id: str) -> Patient:
    """The patient in `resource`, asked for as `patient_id`. What the resource does not say stays empty."""
    name = _best_name(objects(resource.get("name")))
    identifiers = _best_first(objects(resource.get("identifier")))
    identifier = identifiers[0] if identifiers else {}
    deceased = resource.get("deceasedDateTime") or resource.get("deceasedBoolean")
    return Patient(
        id=patient_id,
        family=_joined(name.get("family")),
        given=_joined(name.get("given")),
        prefix=_joined(name.get("prefix")),
        full_text=text(name.get("text")) or "",
        birth_date=text(resource.get("birthDate")) or "",
        sex=_sex(resource.get("gender")),
        identifier=unaltered(identifier.get("value")) or "",
        identifier_label=concept_text(identifier.get("type")) or text(identifier.get("label")) or "",
        deceased="yes" if deceased is True else text(deceased) or "",
        numbers=tuple(_number(item) for item in identifiers if item.get("use") != "old"),
    )


def _best_name(names: list[dict[str, Any]]) -> dict[str, Any]:
    """The current official name before the others; an old or maiden name only where there is no other."""

    def rank(name: dict[str, Any]) -> int:
        use = name.get("use")
        return _NAME_USES.index(use) if use in _NAME_USES else len(_NAME_USES)

    return min(names, key=rank, default={})


def _best_first(identifiers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The medical record number, then the usual or official ones, then the others, the old ones at the end."""

    def rank(item: dict[str, Any]) -> int:
        if item.get("use") == "old":
            return 9
        if any(code == _MEDICAL_RECORD_NUMBER for _, code in codings(item.get("type"))):
            return 0
        return {"usual": 1, "official": 2}.get(str(item.get("use")), 3)

    return sorted((item for item in identifiers if unaltered(item.get("value"))), key=rank)


def _number(item: dict[str, Any]) -> PatientNumber:
    return PatientNumber(unaltered(item.get("system")) or "", unaltered(item.get("value")) or "")


def _joined(value: Any) -> str:
    """`family` is a list up to DSTU2 and a string from STU3 on; `given` and `prefix` are lists."""
    parts = value if type(value) is list else [value]
    return " ".join(filter(None, map(text, parts)))


def _sex(value: Any) -> str:
    """A code from DSTU2 on; a CodeableConcept in DSTU1."""
    return next((code for _, code in codings(value)), "").lower()
