"""The patient of any FHIR version: the current official name, and the number that people know."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from sightline.fhir.patient import patient
from sightline.patient import Patient, PatientNumber
from tests import any_json

DATA = Path(__file__).parent.parent / "data" / "fhir"
CHALMERS = ("CHALMERS, Peter James", "1974-12-25", "male", "12345")


def read(**resource: Any) -> Patient:
    return patient({"resourceType": "Patient", **resource}, "ada")


@pytest.mark.parametrize("version", ["dstu2", "r4", "r4b", "r5"])
def test_official_example_patient_is_the_same_in_every_version(version: str) -> None:
    found = patient(json.loads((DATA / version / "Patient-example.json").read_text()), "example")

    assert (found.formal_name, found.birth_date, found.sex, found.identifier) == CHALMERS
    assert found.deceased == ""


@pytest.mark.parametrize("version", ["dstu2", "r4", "r4b", "r5"])
def test_official_patient_of_the_imaging_examples_is_read(version: str) -> None:
    found = patient(json.loads((DATA / version / "Patient-dicom.json").read_text()), "dicom")

    assert (found.formal_name, found.sex, found.identifier) == ("MINT_TEST", "male", "MINT1234")


def test_dstu1_keeps_family_names_in_a_list_and_the_sex_in_a_concept() -> None:
    found = patient(json.loads((DATA / "dstu1" / "Patient-dicom.derived.json").read_text()), "dicom")

    assert (found.id, found.family, found.sex, found.identifier) == ("dicom", "MINT_TEST", "m", "MINT1234")


def test_patient_of_whom_nothing_is_said_is_only_an_id() -> None:
    assert read() == Patient("ada", identifier_label="")
    assert read().formal_name == "Name not recorded"


@pytest.mark.parametrize(
    ("names", "family"),
    [
        ([{"use": "maiden", "family": "Byron"}, {"use": "official", "family": "King"}], "King"),
        ([{"use": "old", "family": "Byron"}, {"family": "King"}], "King"),
        ([{"use": "nickname", "family": "Addie"}, {"use": "usual", "family": "King"}], "King"),
        ([{"use": "maiden", "family": "Byron"}], "Byron"),
        ([{"use": ["odd"], "family": "Byron"}, {"use": "temp", "family": "King"}], "King"),
        ({"family": "King"}, "King"),
        ([{"family": ["King", "Noel"]}], "King Noel"),
    ],
)
def test_current_official_name_is_chosen(names: Any, family: str) -> None:
    assert read(name=names).family == family


MR = {"coding": [{"code": "MR"}], "text": "Hospital number"}


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ([{"use": "official", "value": "1"}, {"type": MR, "value": "2"}], ("2", "Hospital number")),
        ([{"use": "old", "value": "1"}, {"value": "2"}], ("2", "")),
        ([{"value": "1"}, {"use": "usual", "label": "NHS", "value": "2"}], ("2", "NHS")),
        ([{"type": MR}, {"value": "2"}], ("2", "")),
        ([], ("", "")),
    ],
)
def test_number_that_people_know_is_chosen_with_its_name(identifiers: Any, expected: tuple[str, str]) -> None:
    found = read(identifier=identifiers)

    assert (found.identifier, found.identifier_label) == expected


def test_every_number_in_use_is_kept_with_whose_it_is_the_one_that_people_know_first() -> None:
    found = read(
        identifier=[
            {"system": "urn:oid:1.2", "value": "1"},
            {"use": "old", "type": MR, "system": "urn:oid:1.3", "value": "2"},
            {"type": MR, "system": "urn:oid:1.3", "value": "3"},
            {"use": "usual", "value": "4"},
            {"system": "urn:oid:1.4"},
        ]
    )

    assert found.numbers == (
        PatientNumber("urn:oid:1.3", "3"),
        PatientNumber("", "4"),
        PatientNumber("urn:oid:1.2", "1"),
    )
    assert found.identifier == "3"


def test_number_that_is_old_is_shown_where_there_is_no_other_and_given_to_nobody() -> None:
    found = read(identifier=[{"use": "old", "system": "urn:oid:1.3", "value": "2"}])

    assert found.identifier == "2"
    assert found.numbers == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"deceasedDateTime": "2024-01"}, "2024-01"),
        ({"deceasedBoolean": True}, "yes"),
        ({"deceasedBoolean": False}, ""),
        ({}, ""),
    ],
)
def test_death_is_told_as_precisely_as_it_is_known(facts: dict[str, Any], expected: str) -> None:
    assert read(**facts).deceased == expected


keys = ("name", "identifier", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime")


@given(any_json.objects_with(*keys))
@settings(deadline=None)
def test_any_resource_gives_a_patient_with_a_name_to_show(resource: dict[str, Any]) -> None:
    found = patient(resource, "ada")

    assert found.id == "ada"
    assert found.formal_name
