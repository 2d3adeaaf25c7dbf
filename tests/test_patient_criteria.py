"""What must be known of a patient before a hospital's register is asked."""

from datetime import date

import pytest

from sightline.patient_criteria import Criteria, mistakes, whole_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(identifier="SB-1001"),
        Criteria(family="Lindqvist", given="Ada"),
        Criteria(family="Lindqvist", birth_date="1951-07-14"),
        Criteria(given="Ada", birth_date="1951-07-14"),
        Criteria(family="Ng", given="Bo"),
        Criteria(family="王", given="伟"),
        Criteria(family="d'Été-Nakamura", given="Mina", birth_date="2026-11-24", identifier="x"),
    ],
)
def test_number_or_two_other_criteria_are_enough(criteria: Criteria) -> None:
    assert mistakes(criteria, TODAY) == {}


@pytest.mark.parametrize(
    "criteria",
    [Criteria(), Criteria(family="Lindqvist"), Criteria(given="Ada"), Criteria(birth_date="1951-07-14")],
)
def test_register_is_not_for_leafing_through(criteria: Criteria) -> None:
    assert mistakes(criteria, TODAY).keys() == {""}


@pytest.mark.parametrize("name", ["L", "*", "%%", "..", "-", "a*", "12"])
def test_name_that_is_hardly_one_is_refused(name: str) -> None:
    assert mistakes(Criteria(family=name, birth_date="1951-07-14"), TODAY).keys() == {"family"}
    assert mistakes(Criteria(given=name, birth_date="1951-07-14"), TODAY).keys() == {"given"}


@pytest.mark.parametrize(
    "birth_date",
    ["1951", "1951-07", "14.07.1951", "19510714", "1951-02-30", "1851-07-14", "2026-11-25", "x", "1951-07-14T00:00"],
)
def test_birth_date_that_is_none_is_refused(birth_date: str) -> None:
    assert mistakes(Criteria(family="Lindqvist", birth_date=birth_date), TODAY).keys() == {"birth_date"}


@pytest.mark.parametrize("number", ["*", "%", "--", "|"])
def test_number_without_letters_and_digits_is_refused(number: str) -> None:
    assert mistakes(Criteria(identifier=number), TODAY).keys() == {"identifier"}


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(Criteria(family="L", birth_date="yesterday"), TODAY)

    assert found.keys() == {"family", "birth_date"}


def test_kinds_and_words_say_what_was_asked() -> None:
    criteria = Criteria(family="Lindqvist", birth_date="1951-07-14")

    assert criteria.kinds == ("family", "birth_date")
    assert criteria.words == ("family name “Lindqvist”", "birth date 1951-07-14")


@pytest.mark.parametrize("typed", ["1951-07-14", "19510714", "1951 07 14", "1951/7/14", "1951.7.14"])
def test_date_with_its_year_first_is_read_as_people_type_it(typed: str) -> None:
    assert whole_date(typed) == "1951-07-14"


@pytest.mark.parametrize("typed", ["14.07.1951", "07/14/1951", "14071951", "1951-07", "", "x", "１９５１-07-14"])
def test_date_that_two_people_read_differently_is_left_to_be_refused(typed: str) -> None:
    found = whole_date(typed)

    assert found == typed or mistakes(Criteria(family="Lindqvist", birth_date=found), TODAY)
