"""The version that a server states, and how each is asked."""

import pytest

from sightline.fhir.versions import R4, VERSIONS, Version, named, stated


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("0.0.82", "dstu1"),
        ("0.11", "dstu1"),
        ("0.4.0", "dstu2"),
        ("0.5.0", "dstu2"),
        ("1.0.1", "dstu2"),
        ("1.0.2", "dstu2"),
        ("1.8.0", "stu3"),
        ("3.0.0", "stu3"),
        ("3.0.2", "stu3"),
        ("3.5.0", "r4"),
        ("4.0.0", "r4"),
        ("4.0.1", "r4"),
        ("4.1.0", "r4b"),
        ("4.3.0", "r4b"),
        ("4.6.0", "r5"),
        ("5.0.0", "r5"),
        ("5.0.0-ballot", "r5"),
    ],
)
def test_number_that_a_server_states_is_one_of_the_versions(number: str, name: str) -> None:
    found = stated(number)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("number", ["6.0.0-ballot3", "2", "10.0", "", "R4", "v4.0.1", None, 4.0, ["4.0.1"]])
def test_number_that_is_not_known_is_no_version(number: object) -> None:
    assert stated(number) is None


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_version_is_found_by_its_name_and_asks_for_a_patient(version: Version) -> None:
    assert named(version.name) is version
    assert version.patient_parameter == ("subject" if version.name == "dstu1" else "patient")


def test_version_that_nobody_named_is_an_error() -> None:
    with pytest.raises(KeyError):
        named("r6")


def test_newest_first_is_asked_for_in_each_versions_own_words() -> None:
    assert [version.sort for version in VERSIONS[:3]] == [
        {"_sort:desc": "date"},
        {"_sort:desc": "started"},
        {"_sort": "-started"},
    ]


def test_summary_is_never_asked_of_versions_in_which_it_saves_nothing() -> None:
    assert {version.name for version in VERSIONS if not version.summary} == {"dstu1", "dstu2"}


def test_r4_is_what_is_spoken_where_nothing_is_said() -> None:
    assert R4.name == "r4"
