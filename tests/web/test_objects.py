"""What travels with a study and is no picture of the patient: said in words, never counted or opened as images."""

from typing import Any

from tests.ehr_user import EhrUser
from tests.searchset import imaging_study, searchset
from tests.web.test_details import address_of, facts, series
from tests.web.test_listing import Answers

WORDS = "3 series, 32 images, 2 key-image notes, 1 report object"


def a_study(*codes: str, told: bool = True, **more: Any) -> dict[str, Any]:
    """One with a series of one instance for each of these modalities."""
    listed = [
        {"uid": f"1.2.3.{number}", "modality": {"code": code}, **({"numberOfInstances": 1} if told else {})}
        for number, code in enumerate(codes, 1)
    ]
    return imaging_study("1.2.3", description="Of objects", series=listed, **more)


def test_row_says_what_is_no_picture_beside_the_number_of_pictures(user: EhrUser) -> None:
    row = user.opens_chart("nora").row("CT Head")

    assert (row.type, row.counts) == ("CT", WORDS)
    assert row.images


def test_page_of_the_study_lists_pictures_as_series_and_the_rest_apart(user: EhrUser) -> None:
    page = user.visits(address_of(user.opens_chart("nora"), "CT Head"))

    assert facts(page)["Contents"] == WORDS
    assert [row[-1] for row in series(page)] == ["Axial 5.0"]
    apart = page.root.one("section", **{"aria-labelledby": "objects-heading"})
    assert [each.text for each in apart.all("li")] == [
        "2 key-image notes · For the surgeon",
        "1 report object · Radiation dose",
    ]


def test_study_of_nothing_but_objects_says_so_and_offers_no_images(user: EhrUser, ehr_answers: Answers) -> None:
    ehr_answers(lambda _: searchset(a_study("SR", "KO")))
    page = user.opens_chart("ada")
    row = page.row("Of objects")

    assert (row.type, row.counts) == ("Report object + Key-image note", "2 series, 1 key-image note, 1 report object")
    assert (row.images, row.obstacle) == ("", "It holds no images.")
    assert user.visits(f"{page.url}view/{row.key}").status == 409


def test_study_that_may_hold_images_is_opened(user: EhrUser, ehr_answers: Answers) -> None:
    """Neither a study's own word nor a series without a number proves that there are none."""
    untold = imaging_study("1.2.3", description="Of objects", modality=[{"code": "SR"}])
    for study in (untold, a_study("SR", told=False), a_study("SR", numberOfInstances=7), a_study("SR", "CT")):
        ehr_answers(lambda _, study=study: searchset(study))

        row = user.visits(f"{user.opens_chart('ada').url}?refresh=1").row("Of objects")
        assert row.images, study


def test_list_can_be_filtered_by_what_the_type_is_called(user: EhrUser, ehr_answers: Answers) -> None:
    ehr_answers(lambda _: searchset(a_study("SR"), imaging_study("1.2.4", description="Another")))
    page = user.filters(user.opens_chart("ada"), type="Report object")

    assert [row.description for row in page.rows] == ["Of objects"]
