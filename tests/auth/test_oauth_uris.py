"""Where an old server says its authorization endpoints: read from whatever form a CapabilityStatement has."""

import json
from typing import Any

import pytest
from hypothesis import given

from sightline.auth.oauth_uris import oauth_uris
from tests.any_json import values

URL = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
PARTS = [
    {"url": "authorize", "valueUri": "https://login.example/authorize"},
    {"url": "token", "valueUri": "https://login.example/token"},
    {"url": "revoke", "valueUri": "https://login.example/revoke"},
    {"url": "manage", "valueUri": "https://login.example/manage"},
]
FOUND = {
    "authorization_endpoint": "https://login.example/authorize",
    "token_endpoint": "https://login.example/token",
    "revocation_endpoint": "https://login.example/revoke",
}


def metadata(*security: Any) -> bytes:
    return json.dumps(
        {"resourceType": "CapabilityStatement", "rest": [{"security": each} for each in security]}
    ).encode()


def test_endpoints_are_read_by_the_names_of_smart_configuration() -> None:
    assert oauth_uris(metadata({"extension": [{"url": URL, "extension": PARTS}]})) == FOUND


def test_endpoints_are_found_among_what_else_stands_there() -> None:
    odd = [7, {}, {"url": URL}, {"url": URL, "extension": 7}, {"url": URL, "extension": [{"url": "token"}, None]}]

    assert oauth_uris(metadata(None, [], {"extension": [*odd, {"url": URL, "extension": PARTS}]})) == FOUND


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"rest":{}}',
        b'{"rest":[{"security":{}}]}',
        metadata({"extension": [{"url": "https://other.example", "extension": PARTS}]}),
        metadata({"extension": [{"url": URL, "extension": [{"url": ["token"], "valueUri": "x"}]}]}),
        metadata({"extension": [{"url": URL, "extension": [{"url": "token", "valueUri": 7}]}]}),
    ],
)
def test_statement_without_them_names_none(body: bytes) -> None:
    assert oauth_uris(body) == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"rest":', b"\xff"])
def test_what_is_no_statement_is_said_not_to_be_one(body: bytes) -> None:
    with pytest.raises(ValueError):
        oauth_uris(body)


@given(values)
def test_no_json_breaks_the_reading(document: Any) -> None:
    assert oauth_uris(json.dumps({"rest": document}).encode()).keys() <= FOUND.keys()
