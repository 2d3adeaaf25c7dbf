"""A study as an EHR names it: which study is meant, and what is said where it is not found."""

import pytest

from sightline.study import Study
from sightline.study_reference import StudyReference

STUDY = Study("EHR", uid="1.2.840.1", other_uids=("1.2.840.9",), accession="A-1", resource_ids=("st-1", "st-2"))


@pytest.mark.parametrize(
    "reference",
    [StudyReference("st-1"), StudyReference("st-2"), StudyReference(uid="1.2.840.1"), StudyReference(accession="A-1")],
)
def test_study_is_found_by_any_of_its_names(reference: StudyReference) -> None:
    assert reference.names(STUDY)


@pytest.mark.parametrize(
    "reference",
    [
        StudyReference(),
        StudyReference("st-3"),
        StudyReference(uid="1.2.840.9"),
        StudyReference(uid="1.2.840"),
        StudyReference(accession="a-1"),
        StudyReference(resource_id="st-1", uid="1.2.840.2"),
    ],
)
def test_study_is_not_taken_for_another(reference: StudyReference) -> None:
    assert not reference.names(STUDY)


def test_words_name_nothing_that_nobody_named() -> None:
    nameless = Study("EHR")

    assert not StudyReference().names(nameless)
    assert not StudyReference(accession="A-1").names(nameless)
    assert StudyReference().words == "a study that it did not name readably"


def test_words_hold_the_one_name_that_people_know() -> None:
    named = [StudyReference("st-1"), StudyReference(uid="1.2.3"), StudyReference(accession="A-1")]

    assert [each.words for each in named] == ["a certain study"] * 2 + ["the study with the accession number A-1"]
