"""Endpoint resources of every version: where a study's images are, in the code of whichever guide it follows."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from sightline.endpoint import Endpoint, Leads
from sightline.fhir.endpoint import answered, contained, endpoint, own
from tests import any_json

DATA = Path(__file__).parent.parent / "data" / "fhir"
BASE = "https://ehr.hospital.example/fhir"
ELSEWHERE = "https://other.example/fhir/Endpoint/e1"
ADDRESS = "https://pacs.hospital.example/IHEInvokeImageDisplay"


def resource(connection: Any, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Endpoint",
        "id": "e1",
        "status": "active",
        "connectionType": connection,
        "address": ADDRESS,
        **more,
    }


@pytest.mark.parametrize("version", ["stu3", "r4", "r4b", "r5"])
def test_official_example_of_an_archive_is_the_same_in_every_version(version: str) -> None:
    found = endpoint(json.loads((DATA / version / "Endpoint-example-wadors.json").read_text()))

    assert found == Endpoint("https://pacs.hospital.org/wado-rs", Leads.TO_AN_ARCHIVE)


@pytest.mark.parametrize("version", ["stu3", "r4", "r4b"])
def test_official_example_of_an_image_display_is_read(version: str) -> None:
    found = endpoint(json.loads((DATA / version / "Endpoint-example-iid.json").read_text()))

    assert found == Endpoint("https://pacs.hospital.org/IHEInvokeImageDisplay", Leads.TO_A_VIEWER)


HL7, MADO, EU = (
    "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
    "https://profiles.ihe.net/RAD/MADO/CodeSystem/MadoEndpointConnectionTypes",
    "http://hl7.eu/fhir/imaging/CodeSystem/endpoint-terminology",
)


@pytest.mark.parametrize(
    ("connection", "leads"),
    [
        ({"system": HL7, "code": "ihe-iid"}, Leads.TO_A_VIEWER),
        ({"system": MADO, "code": "web-viewer"}, Leads.TO_A_VIEWER),
        ({"system": EU, "code": "ihe-iid"}, Leads.TO_A_VIEWER),
        ({"code": "ihe-iid"}, Leads.TO_A_VIEWER),
        ([{"coding": [{"system": HL7, "code": "ihe-iid"}]}], Leads.TO_A_VIEWER),
        ([{"text": "?"}, {"coding": [{"code": "x"}, {"system": MADO, "code": "web-viewer"}]}], Leads.TO_A_VIEWER),
        ({"system": HL7, "code": "dicom-wado-rs"}, Leads.TO_AN_ARCHIVE),
        ([{"coding": [{"system": HL7, "code": "dicom-qido-rs"}]}], Leads.TO_AN_ARCHIVE),
    ],
)
def test_code_decides_whatever_its_system_and_shape(connection: Any, leads: Leads) -> None:
    assert endpoint(resource(connection)) == Endpoint(ADDRESS, leads)


@pytest.mark.parametrize(
    "found",
    [
        resource({"code": "hl7-fhir-rest"}),
        resource(None),
        resource({"code": "ihe-iid"}, address=""),
        resource({"code": "ihe-iid"}, address=7),
        resource({"code": "ihe-iid"}, status="off"),
        resource({"code": "ihe-iid"}, status="entered-in-error"),
        resource({"code": "ihe-iid"}, resourceType="Location"),
        "Endpoint/e1",
        None,
    ],
)
def test_what_leads_to_no_images_or_is_out_of_use_is_no_address(found: Any) -> None:
    assert endpoint(found) is None


def test_address_says_whose_it_is_in_every_word_that_is_recorded() -> None:
    owner = {"reference": "Organization/7", "display": "South Clinic", "identifier": {"value": "1.2.3"}}

    found = endpoint(resource({"code": "ihe-iid"}, managingOrganization=owner))

    assert found == Endpoint(ADDRESS, Leads.TO_A_VIEWER, ("South Clinic", "1.2.3", "Organization/7"))


def test_references_are_answered_by_what_is_contained_and_by_what_came_along() -> None:
    inside = contained([resource({"code": "ihe-iid"}, id="own"), {"resourceType": "Patient", "id": "p"}])
    beside = {"Endpoint/e1": endpoint(resource({"code": "dicom-wado-rs"})), "Endpoint/off": None}
    references = [
        "#own",
        f"{BASE}/Endpoint/e1/_history/2",
        "Endpoint/off",
        "#p",
        "Endpoint/e9",
        "Endpoint/e9",
        ELSEWHERE,
        "#gone",
    ]

    found, missing = answered(references, {**inside, **beside}, f"{BASE}/")

    assert [each.leads for each in found] == [Leads.TO_A_VIEWER, Leads.TO_AN_ARCHIVE]
    assert missing == ("Endpoint/e9", ELSEWHERE, "#gone")


@pytest.mark.parametrize(
    "reference",
    [
        ELSEWHERE,
        "Endpoint/",
        "Endpoint/..",
        "Endpoint/e1/$operation",
        "Endpoint/e1?_format=xml",
        "Endpoint/e1/../../Patient/cleo",
        "Endpoint/%2e%2e",
        "Patient/cleo",
        "#e1",
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
        f"{BASE}.evil.example/Endpoint/e1",
        "",
    ],
)
def test_reference_that_names_no_endpoint_of_this_very_server_is_none_of_its_own(reference: str) -> None:
    assert own(reference, BASE) == ""


@given(any_json.values)
@settings(deadline=None)
def test_any_json_in_place_of_an_endpoint_is_read_or_passed_over(value: Any) -> None:
    around = {"resourceType": "Endpoint", "address": ADDRESS, "connectionType": value, "managingOrganization": value}
    found, missing = answered(["#a", "Endpoint/b"], contained(value), BASE)

    assert endpoint(around) is None or endpoint({**around, "connectionType": {"code": "ihe-iid"}})
    assert endpoint(value) is None or isinstance(endpoint(value), Endpoint)
    assert len(found) + len(missing) <= 2
