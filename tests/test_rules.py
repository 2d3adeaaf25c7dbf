"""The hospital's rules: when a study meets one, and in which words it does not."""

from typing import Any

import pytest

from sightline.endpoint import Endpoint, Leads
from sightline.rules import Miss, Situation, miss, words
from sightline.study import Study
from tests.configured import block, configured, rule

IID = "https://pacs.hospital.example/IHEInvokeImageDisplay"
STUDY = Study(
    "North",
    uid="1.2.3",
    modalities=("CT", "SR"),
    body_sites=("Chest, abdomen", "Left ear"),
    availability="NEARLINE",
)
ENDPOINTS = (
    Endpoint("https://pacs.hospital.example/dicom-web/south", Leads.TO_AN_ARCHIVE, ("South Clinic", "Organization/7")),
    Endpoint("https://viewer.hospital.example/x", Leads.TO_A_VIEWER),
)


def missed(study: Study = STUDY, endpoints: tuple[Endpoint, ...] = ENDPOINTS, **conditions: Any) -> str:
    settings = configured(block("iid", address=IID), rule(viewer="iid", **conditions))
    found = miss(settings.rules[0], Situation(study, settings.ehrs[0], endpoints))
    return found.words if found else ""


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"modality": ["MR", "CT"]},
        {"body_site": ["chest"]},
        {"body_site": ["ABDOMEN"]},
        {"body_site": ["left ear"]},
        {"ehr": ["north-wing"]},
        {"archive": ["https://pacs.hospital.example/dicom-web"]},
        {"archive": ["https://pacs.hospital.example/dicom-web/south/"]},
        {"organisation": ["south clinic"]},
        {"organisation": ["Organization/7"]},
        {"availability": ["NEARLINE"]},
        {"modality": ["CT"], "body_site": ["chest"], "availability": ["NEARLINE", "ONLINE"]},
    ],
)
def test_rule_is_met_by_any_word_of_each_condition(conditions: dict[str, Any]) -> None:
    assert missed(**conditions) == ""


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({"modality": ["MG"]}, "the modality is CT, SR, not MG"),
        ({"modality": ["CT"], "body_site": ["ear drum"]}, "the body site is Chest, abdomen, Left ear, not ear drum"),
        ({"body_site": ["ches"]}, "the body site is Chest, abdomen, Left ear, not ches"),
        (
            {"archive": ["https://pacs.hospital.example/dicom"]},
            "the archive is https://pacs.hospital.example, not https://pacs.hospital.example/dicom",
        ),
        ({"archive": ["https://viewer.hospital.example"]}, "not https://viewer.hospital.example"),
        ({"organisation": ["South"]}, "the organisation is South Clinic, Organization/7, not South"),
        ({"availability": ["ONLINE", "OFFLINE"]}, "the availability is NEARLINE, not ONLINE or OFFLINE"),
    ],
)
def test_first_condition_that_is_not_met_is_said(conditions: dict[str, Any], why: str) -> None:
    assert why in missed(**conditions)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"modality": ["CT"]}, "the modality is not recorded"),
        ({"body_site": ["chest"]}, "the body site is not recorded"),
        ({"archive": ["https://pacs.hospital.example"]}, "the archive is not recorded"),
        ({"organisation": ["South"]}, "the organisation is not recorded"),
        ({"availability": ["ONLINE"]}, "the availability is not recorded"),
    ],
)
def test_what_is_not_recorded_meets_no_condition(condition: dict[str, Any], why: str) -> None:
    assert missed(Study("North", uid="1.2.3"), (), **condition) == why


def test_archives_address_is_told_by_its_origin_since_it_may_name_a_study() -> None:
    whole = (Endpoint("https://pacs.hospital.example/dicom-web/studies/1.2.840.1", Leads.TO_AN_ARCHIVE),)

    told = missed(endpoints=whole, archive=["https://other.example"])
    assert told == "the archive is https://pacs.hospital.example, not https://other.example"


def test_another_ehrs_rule_is_not_met() -> None:
    settings = configured(block("iid", address=IID), rule(viewer="iid", ehr=["north-wing"]))
    other = Situation(STUDY, type(settings.ehrs[0])(**{**_fields(settings.ehrs[0]), "name": "south-wing"}))

    assert miss(settings.rules[0], other) == Miss("ehr", "the EHR is south-wing, not north-wing")


def _fields(ehr: Any) -> dict[str, Any]:
    return {name: getattr(ehr, name) for name in ehr.__struct_fields__}


def test_rule_is_told_in_words() -> None:
    settings = configured(
        block("iid", address=IID), rule(viewer="iid", modality=["CT", "MR"], body_site=["chest"]), rule(viewer="iid")
    )

    assert words(settings.rules[0]) == "modality CT or MR, body site chest"
    assert words(settings.rules[1]) == "any study"
