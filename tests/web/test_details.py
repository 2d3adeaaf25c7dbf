"""One study on a page of its own: what its record tells, what it does not, and what is never shown there."""

from typing import Any

import pytest
from flask import Response

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.html_page import Element
from tests.web.conftest import Overheard, Trail
from tests.web.test_listing import Answers

CT = "PET/CT chest, FDG"


def details_of(user: EhrUser, words: str = CT, ehr: str = "r4") -> Page:
    return user.visits(address_of(user.opens_chart("ada", ehr), words))


def address_of(page: Page, words: str) -> str:
    return f"{page.url}study/{page.row(words).key}"


def facts(page: Page) -> dict[str, str]:
    """What the lists of facts say, by their names."""
    return {fact.words_of("dt"): fact.words_of("dd") for fact in page.root.all("div") if fact.all("dt")}


def series(page: Page) -> list[list[str]]:
    (table,) = page.root.all("table", "plain")
    rows = [(*row.all("td"), *row.all("th")) for row in table.one("tbody").all("tr")]
    return [[_value(cell) for cell in row if "thumb" not in cell.classes] for row in rows]


def _value(cell: Element) -> str:
    """Without the label that stands before it where the table has no head."""
    return cell.text.removeprefix(cell.words_of("span", "label")).strip()


def test_study_tells_who_asked_for_it_and_why(user: EhrUser) -> None:
    page = details_of(user)

    told = facts(page)
    assert told["Referred by"] == "Dr Solveig Haugen"
    assert told["Reason"] == "Nodule in the right upper lobe, staging"
    assert told["Body part"] == "Chest"
    assert page.patient.startswith("LINDQVIST, Ada (Dr)")


def test_every_series_is_listed_with_its_images(user: EhrUser) -> None:
    assert series(details_of(user)) == [
        ["1", "CT", "Chest", "64", "CT for attenuation correction"],
        ["2", "PET", "Chest", "64", "PET, attenuation corrected"],
    ]


def test_sides_of_the_series_stand_in_capitals(user: EhrUser) -> None:
    sides = {row[2] for row in series(details_of(user, "Mammography"))}

    assert sides == {"Breast LEFT", "Breast RIGHT"}


def test_numbers_stand_bare_in_their_block_and_nowhere_else(user: EhrUser) -> None:
    page = details_of(user)

    uid = facts(page)["Study Instance UID"].split()[0]
    assert uid.startswith("2.25.")
    assert page.html.count(uid) == 1
    assert "urn:" not in page.html
    assert facts(page)["Accession number"].startswith("A-20260402-01")


def test_related_studies_are_those_of_the_same_body_part_first(user: EhrUser) -> None:
    page = details_of(user)

    labels = [link.text for link in page.root.one("ul", "related").all("a")]
    assert labels[:4] == [
        "X-ray · Chest PA · 14-Sep-2026 08:30",
        "CT · CT chest with contrast · 05-Mar-2026 14:15",
        "CT · CT chest · 08-Jul-2025 10:10",
        "X-ray · Chest PA, digitised film · 06-May-2014",
    ]
    assert "5 of 12" in page.text


def test_every_fhir_version_tells_the_same_series(user: EhrUser) -> None:
    told = {ehr: series(details_of(user, ehr=ehr)) for ehr in ("dstu1", "dstu2", "stu3", "r4", "r4b", "r5")}

    for ehr, rows in told.items():
        assert [row[-1] for row in rows] == ["CT for attenuation correction", "PET, attenuation corrected"], ehr


def test_page_leads_to_the_images_and_back_to_the_row(user: EhrUser) -> None:
    listed = user.opens_chart("ada")
    page = user.visits(address_of(listed, CT))

    assert user.follows(page, "Images").root.all("iframe")
    assert user.follows(page, "All imaging studies").url == f"{listed.url}#{listed.row(CT).key}"


def test_study_without_images_says_why_it_has_no_button(user: EhrUser) -> None:
    page = details_of(user, "MR Lumbar spine")

    assert "No images were made." in page.text
    assert not [link for link in page.root.all("a") if link.text == "Images"]


def test_study_of_another_patients_chart_has_no_page_here(user: EhrUser, pair: Pair) -> None:
    cleos = EhrUser(pair).opens_chart("cleo")
    foreign = next(row.key for row in cleos.rows if row.images)
    page = user.visits(f"{user.opens_chart('ada').url}study/{foreign}")

    assert (page.status, page.heading) == (404, "This study is not in this chart")


def path_of_record(user: EhrUser, overheard: Overheard) -> str:
    """Where the study's whole record stands at the hospital."""
    details_of(user)
    (path,) = [path for path in overheard.asked if path.startswith("/fhir/r4/ImagingStudy/")]
    return path.rstrip("?")


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=500),
        Response(status=403),
        Response("<html>", mimetype="text/html"),
        {"resourceType": "ImagingStudy", "id": "another", "subject": {"reference": "Patient/ada"}},
        {"resourceType": "Patient", "id": "ada"},
    ],
    ids=["failed", "forbidden", "no FHIR", "another study", "no study"],
)
def test_record_that_cannot_be_read_is_a_footnote_to_what_the_list_knows(
    user: EhrUser, ehr_answers: Answers, overheard: Overheard, answer: Any
) -> None:
    ehr_answers(lambda _: answer, path_of_record(user, overheard))

    alone = details_of(user)
    assert alone.status == 200
    assert "Details are missing." in alone.text
    assert facts(alone)["Contents"] == "2 series, 128 images"
    assert "does not list the series" not in alone.text


def test_performer_reader_place_and_note_are_told_where_they_are_recorded(
    user: EhrUser, ehr_answers: Answers, overheard: Overheard
) -> None:
    path = path_of_record(user, overheard)
    record = {
        "resourceType": "ImagingStudy",
        "id": path.rpartition("/")[2],
        "subject": {"reference": "Patient/ada"},
        "series": [{"uid": "1.2.3.1", "performer": [{"actor": {"display": "Mona Berg"}}]}],
        "interpreter": [{"display": "Dr Piet Janssen"}],
        "location": {"display": "Room 4"},
        "note": [{"text": "Breath held poorly"}],
    }
    ehr_answers(lambda _: record, path)

    told = facts(details_of(user))
    assert [told[name] for name in ("Performed by", "Read by", "Place", "Note")] == [
        "Mona Berg",
        "Dr Piet Janssen",
        "Room 4",
        "Breath held poorly",
    ]


@pytest.mark.parametrize("subject", [{"reference": "Patient/cleo"}, {"display": "Ada"}, None])
def test_record_that_is_not_clearly_this_patients_tells_nothing(
    user: EhrUser, ehr_answers: Answers, overheard: Overheard, subject: Any
) -> None:
    path = path_of_record(user, overheard)
    record = {"resourceType": "ImagingStudy", "id": path.rpartition("/")[2], "subject": subject}
    ehr_answers(lambda _: {**record, "referrer": {"display": "Dr Foreign"}}, path)

    alone = details_of(user)
    assert "Details are missing." in alone.text
    assert "Dr Foreign" not in alone.html


def test_trail_names_the_record_that_was_read(user: EhrUser, trail: Trail, overheard: Overheard) -> None:
    path = path_of_record(user, overheard)

    [record] = [record for record in trail.records if record.get("query", "").endswith(path)]
    assert (record["action"], record["outcome"], record["patient"]) == ("list", "success", "ada")
