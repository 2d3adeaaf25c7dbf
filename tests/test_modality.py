"""Modality codes in the words that clinicians use."""

import pytest

from sightline.modality import NOT_IMAGES, WORDS, words


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("CT",), ("CT",)),
        (("MR",), ("MRI",)),
        (("CR", "DX"), ("X-ray",)),
        (("PT", "CT"), ("PET", "CT")),
        (("CT", "SR", "KO", "PR"), ("CT",)),
        (("SR", "MR"), ("MRI",)),
        ((), ()),
    ],
)
def test_study_is_named_by_its_pictures_each_word_once(codes: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert words(codes) == expected


def test_study_of_documents_only_is_named_by_them() -> None:
    assert words(("SR", "KO")) == ("SR", "KO")


def test_code_that_nobody_knows_stays_as_it_is() -> None:
    assert words(("ZZ", "CT")) == ("ZZ", "CT")


def test_nothing_is_both_a_picture_with_a_word_and_no_picture() -> None:
    assert not NOT_IMAGES & WORDS.keys()
