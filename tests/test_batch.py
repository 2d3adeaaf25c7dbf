"""What is not in a list, added up over its answers."""

import pytest

from sightline.batch import LeftOut


@pytest.mark.parametrize(
    "left_out",
    [
        LeftOut(other_patient=1),
        LeftOut(unconfirmed=1),
        LeftOut(unreadable=1),
        LeftOut(announced=77),
        LeftOut(announced=0),
        LeftOut(troubled=True),
    ],
)
def test_each_sign_that_something_is_missing_counts_and_stays(left_out: LeftOut) -> None:
    assert left_out
    assert left_out.plus(LeftOut()) == LeftOut().plus(left_out) == left_out


def test_words_of_the_source_alone_put_nothing_in_doubt() -> None:
    assert not LeftOut(warnings=("Slow today",), foreign_uids=frozenset({"1.1"}))


def test_counts_of_two_answers_are_added_and_the_later_number_of_studies_counts() -> None:
    first = LeftOut(1, 2, 3, 77, False, ("Slow",), frozenset({"1.1"}))
    second = LeftOut(10, 20, 30, 78, True, ("Slow", "Old"), frozenset({"1.2"}))

    assert first.plus(second) == LeftOut(11, 22, 33, 78, True, ("Slow", "Old"), frozenset({"1.1", "1.2"}))


def test_ten_warnings_are_kept_at_most_and_each_once() -> None:
    said = LeftOut()
    for number in range(12):
        said = said.plus(LeftOut(warnings=(f"Warning {number}", "The same")))

    assert len(said.warnings) == 10
    assert said.warnings[:3] == ("Warning 0", "The same", "Warning 1")
