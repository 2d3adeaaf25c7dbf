"""What the server says of itself at `/metadata`: a Conformance up to DSTU2, a CapabilityStatement from STU3 on."""

from sandbox.fhir import Version
from sandbox.fhir.parts import Resource
from sandbox.fhir.search import filters_of

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
PUBLISHED = "2026-11-01"
PARAMETER_TYPES = {
    "patient": "reference",
    "subject": "reference",
    "study": "uri",
    "name": "string",
    "family": "string",
    "given": "string",
    "birthdate": "date",
}


def statement(version: Version, base_url: str, auth_url: str) -> Resource:
    """The capability document of this version for this base; it names the authorization server's addresses."""
    kinds = ["Patient", "ImagingStudy", "DiagnosticReport", *(["Endpoint"] if version.has_endpoints else [])]
    rest = {
        "mode": "server",
        "security": _security(auth_url),
        "resource": [_resource(version, kind) for kind in kinds],
    }
    document = {
        "resourceType": version.capability,
        "status": "active",
        "date": PUBLISHED,
        "publisher": "Fjordview Hospital",
        "kind": "instance",
        "software": {"name": "Fjordview EHR", "version": "26.11"},
        "implementation": {"description": f"Fjordview EHR, FHIR {version.number}", "url": base_url},
        "fhirVersion": version.number,
        "acceptUnknown": "no",
        "format": ["json"],
        "rest": [rest],
    }
    return _as_spoken(version, document)


def _as_spoken(version: Version, document: Resource) -> Resource:
    """The document without the elements that this version does not have."""
    if version.atom_bundle:
        return {**{key: value for key, value in document.items() if key != "kind"}, "acceptUnknown": False}
    if version.has_status:
        return {key: value for key, value in document.items() if key != "acceptUnknown"}
    return document


def _security(auth_url: str) -> Resource:
    addresses = [(name, f"{auth_url}/{name}") for name in ("authorize", "token", "revoke", "introspect")]
    return {
        "extension": [{"url": OAUTH_URIS, "extension": [{"url": name, "valueUri": uri} for name, uri in addresses]}],
        "service": [{"text": "SMART-on-FHIR"}],
    }


def _resource(version: Version, kind: str) -> Resource:
    interactions = "operation" if version.atom_bundle else "interaction"
    parameters = [
        {"name": name, "type": PARAMETER_TYPES.get(name, "token")}
        for name in filters_of(version, kind)
        if name != "_id"
    ]
    resource: Resource = {
        "type": kind,
        interactions: [{"code": "read"}, {"code": "search-type"}],
        "searchParam": parameters,
    }
    if kind == "ImagingStudy":
        resource["searchParam"].append({"name": version.date_parameter, "type": "date", "documentation": "_sort"})
        if version.has_endpoints:
            resource["searchInclude"] = ["ImagingStudy:endpoint"]
    return resource
