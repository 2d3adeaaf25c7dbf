"""ImagingStudy resources of R4 to measure with: slim ones as `_summary=true` leaves them, or with every instance."""

from datetime import date, timedelta
from typing import Any

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ACSN = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
_KINDS = (
    ("CT", "CT chest with contrast", "51185008", "Chest"),
    ("MR", "MR brain", "12738006", "Brain"),
    ("US", "Ultrasound abdomen", "818981001", "Abdomen"),
    ("DX", "X-ray wrist, three views", "8205005", "Wrist"),
)


def study(number: int, instances: int = 0) -> dict[str, Any]:
    """The study of that number, the highest being the newest; with so many instances, if any, in its two series."""
    modality, words, site, site_words = _KINDS[number % len(_KINDS)]
    day = date(2026, 11, 1) - timedelta(days=20_000 - number)
    uid = f"2.25.{10**30 + number}"
    return {
        "resourceType": "ImagingStudy",
        "id": f"study-{number}",
        "identifier": [
            {"use": "official", "system": "urn:dicom:uid", "value": f"urn:oid:{uid}"},
            {"use": "usual", "type": _ACSN, "system": "urn:oid:2.16.840.1.113883.19.5", "value": f"A-{number:06d}"},
        ],
        "status": "available",
        "modality": [{"system": _DCM, "code": modality}],
        "subject": {"reference": "Patient/ada"},
        "started": f"{day}T10:{number % 60:02d}:00+01:00",
        "basedOn": [{"reference": f"ServiceRequest/order-{number}"}],
        "referrer": {"reference": "Practitioner/7", "display": "Dr Wei Zhang"},
        "endpoint": [{"reference": "Endpoint/wado"}],
        "numberOfSeries": 2,
        "numberOfInstances": instances or 120,
        "procedureCode": [{"coding": [{"system": "http://loinc.org", "code": "24627-2"}], "text": words}],
        "location": {"reference": "Location/1", "display": "Radiology, room 3"},
        "reasonCode": [{"text": "Follow-up"}],
        "description": words,
        "series": [_series(uid, at, modality, site, site_words, instances // 2) for at in (1, 2)],
    }


def _series(study_uid: str, at: int, modality: str, site: str, site_words: str, instances: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uid": f"{study_uid}.{at}",
        "number": at,
        "modality": {"system": _DCM, "code": modality},
        "description": f"Series {at}",
        "numberOfInstances": instances or 60,
        "bodySite": {"system": "http://snomed.info/sct", "code": site, "display": site_words},
    }
    if instances:
        found["instance"] = [
            {
                "uid": f"{study_uid}.{at}.{n}",
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": "urn:oid:1.2.840.10008.5.1.4.1.1.2"},
                "number": n,
            }
            for n in range(1, instances + 1)
        ]
    return found


def bundle(studies: list[dict[str, Any]], next_url: str = "") -> dict[str, Any]:
    """A searchset of these, with a next link if there is more."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": next_url}] if next_url else [],
        "entry": [{"fullUrl": f"ImagingStudy/{s['id']}", "resource": s, "search": {"mode": "match"}} for s in studies],
    }
