"""The photo archive, on bad days too, and what a person sees of it: never a false "nothing", never somebody else."""

import pytest

from sandbox.archive.faults import SPOILS
from sandbox.archive_faults import ARCHIVE_FAULTS
from tests.conftest import Pair
from tests.ehr_user import EhrUser


def test_every_fault_that_is_told_is_done() -> None:
    assert SPOILS.keys() == ARCHIVE_FAULTS.keys()


def test_ehr_and_two_archives_make_one_list(pair: Pair) -> None:
    page = EhrUser(pair).opens_chart("ada", "r4-archives")

    lesion = page.row("Skin lesion, left forearm")
    assert lesion.origin == "Photo archive"
    assert "Only in Photo archive" in lesion.details
    assert "Outside: Skin clinic at the harbour" in page.row("Skin check before the summer").details
    echo = page.row("Echocardiography")
    assert echo.origin == "Fjordview EHR (with archives) + Radiology archive + Photo archive"
    assert any(words.startswith("The sources give different dates.") for words in echo.details)
    assert "neck" not in page.text
    assert page.root.words_of("p", "source").startswith(
        "Sources: Fjordview EHR (with archives) 14 · Radiology archive 11 · Photo archive 3"
    )


def test_photo_opens_in_the_image_display(pair: Pair) -> None:
    user = EhrUser(pair)

    opened = user.opens_images(user.opens_chart("ada", "r4-archives"), "Skin lesion, left forearm")

    assert opened.status == 200
    assert opened.root.all("iframe")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("slow", "did not answer in time"),
        ("error", "answered with an error"),
        ("more", "speaks of 3 studies, but sent fewer"),
        ("other-patient", "3 studies of another patient came with the answer"),
        ("no-issuer", "3 studies do not say clearly whose they are"),
        ("too-many", "has more studies of this patient than it gives out at once"),
        ("html", "is not readable as DICOM"),
    ],
)
def test_bad_day_of_the_archive_leaves_an_incomplete_list_that_says_why(pair: Pair, fault: str, words: str) -> None:
    page = EhrUser(pair).opens_chart("ada", f"archive-{fault}")

    assert page.status == 200
    assert "incomplete" in page.heading
    assert len(page.rows) >= 13
    assert words in " ".join(page.notices)
    assert not any("Not in" in each for row in page.rows for each in row.details)


def test_study_that_the_archive_gives_to_somebody_else_cannot_be_opened(pair: Pair) -> None:
    page = EhrUser(pair).opens_chart("ada", "archive-other-patient")

    assert page.row("Echocardiography").obstacle == "Another patient's record names the same study."


def test_archive_without_studies_of_hers_leaves_a_whole_list(pair: Pair) -> None:
    page = EhrUser(pair).opens_chart("ada", "archive-nothing")

    assert page.heading == "Imaging studies"
    assert "End of list." in page.text
