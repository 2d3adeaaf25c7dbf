"""Any JSON that a server could send, most of it looking a little like FHIR."""

import json
from typing import Any

from hypothesis import strategies as st

_WORDS = [
    "", " ", "ImagingStudy", "Bundle", "OperationOutcome", "Patient", "urn:dicom:uid", "urn:ietf:rfc:3986", "ACSN",
    "urn:oid:1.2.840.99.1", "1.2.840.99.2", "urn:oid:ORD-307", "Patient/ada", "CT", "old", "next", "available",
    "entered-in-error", "2019-03", "7", "http://[", "match", "include", "outcome", "MR",
]  # fmt: skip
KEYS = [
    "resourceType", "id", "uid", "identifier", "system", "value", "use", "type", "coding", "code", "display", "text",
    "div", "accession", "accessionNo", "basedOn", "status", "subject", "patient", "reference", "started", "dateTime",
    "modality", "modalityList", "description", "procedureCode", "note", "url", "endpoint", "numberOfSeries",
    "numberOfInstances", "series", "instance", "bodySite", "laterality", "concept", "resource", "content", "entry",
    "link", "relation", "rel", "href", "search", "mode", "issue", "details", "diagnostics", "name", "family", "given",
    "prefix", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime", "availability", "label",
]  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -1, 0]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(_WORDS),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


def read_in_two_ways(good: dict[str, Any], name: str, other: Any) -> list[bytes]:
    """Texts of `good` of which two readers could take two values for `name`, or that are no JSON to one of them."""
    text = json.dumps(good).encode()
    again = json.dumps({name: other}).encode()[1:-1]
    return [
        text[:-1] + b"," + again + b"}",
        b"{" + again + b"," + text[1:],
        text[:-1] + b"," + again.replace(name.encode(), rf"\u{ord(name[0]):04x}{name[1:]}".encode(), 1) + b"}",
        text[:-1] + b',"more":{"a":1,"a":2}}',
        text[:-1] + b',"more":NaN}',
        text[:-1] + b',"more":1e999}',
    ]


def objects_with(*keys: str, **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that may have each of these keys, with any value, and surely the fixed ones."""
    return st.fixed_dictionaries(fixed, optional={key: values for key in keys if key not in fixed})
