"""Modality codes in the words that clinicians use."""

import pytest

from sightline.modality import NOT_IMAGES, WORDS, codes, may_be_photos, objects_in_words, words


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
    assert words(("SR", "KO")) == ("Report object", "Key-image note")


def test_code_that_nobody_knows_stays_as_it_is() -> None:
    assert words(("ZZ", "CT")) == ("ZZ", "CT")


def test_nothing_is_both_a_picture_with_a_word_and_no_picture() -> None:
    assert not NOT_IMAGES & WORDS.keys()


def test_objects_are_counted_in_words_in_one_order() -> None:
    assert objects_in_words([("SR", 1), ("KO", 1), ("KO", 1)]) == ("2 key-image notes", "1 report object")
    assert objects_in_words([("REG", 1), ("FID", 2)]) == ("3 objects without a picture",)
    assert objects_in_words([]) == ()


def test_word_of_a_type_leads_back_to_its_codes() -> None:
    assert (codes("X-ray"), codes("Report object"), codes("ZZ")) == (("CR", "DX", "RG"), ("SR",), ("ZZ",))


@pytest.mark.parametrize(
    ("codes_", "may_be"), [(("XC",), True), (("ES", "SR"), True), (("CT", "MR"), False), ((), False)]
)
def test_photos_are_what_the_eye_sees_of_the_body(codes_: tuple[str, ...], may_be: bool) -> None:
    assert may_be_photos(codes_) is may_be
