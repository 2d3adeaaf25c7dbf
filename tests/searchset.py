"""Answers to a search for studies as FHIR servers give them, R4: dicts that a test may change as it likes."""

from typing import Any


def imaging_study(uid: str, patient: str = "ada", **more: Any) -> dict[str, Any]:
    """One study of this patient, known by its UID alone; its id is made of the UID."""
    return {
        "resourceType": "ImagingStudy",
        "id": f"id-{uid}",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "subject": {"reference": f"Patient/{patient}"},
        **more,
    }


def searchset(*resources: Any, next_url: str = "", **more: Any) -> dict[str, Any]:
    """One page that holds these; a Bundle without `total` says nothing about its length."""
    links = [{"relation": "next", "url": next_url}] if next_url else []
    return {"resourceType": "Bundle", "link": links, "entry": [{"resource": item} for item in resources], **more}


def outcome(severity: str = "error", code: str = "exception", words: str = "Archive is down") -> dict[str, Any]:
    """An OperationOutcome of one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": words}],
    }
