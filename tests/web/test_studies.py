"""The list page: what stands in it, in which order, what a filter leaves, and what is said where nothing stands."""

import re

import pytest

from sandbox.fhir import VERSIONS
from tests.conftest import Pair
from tests.ehr_user import EhrUser
from tests.web.conftest import Overheard, Trail


def test_newest_study_stands_first_and_the_order_is_said(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    sorted_by = page.root.one("th", **{"aria-sort": "descending"})
    assert sorted_by.text.startswith("Date newest first")
    assert [row.date for row in page.rows] == [
        "23-Nov-2026 08:30",
        "14-Sep-2026 08:30",
        "11-Jun-2026 14:12",
        "02-Apr-2026 10:45",
        "05-Mar-2026 14:15",
        "20-Nov-2025",
        "18-Nov-2025 09:21",
        "08-Jul-2025 10:10",
        "21-Oct-2024 09:40",
        "17-Jan-2024 16:05",
        "30-May-2023 11:30",
        "23-Aug-2021 13:00",
        "06-May-2014",
    ]
    assert "Showing 1–13 of 13 – newest first. End of list." in page.text


def test_types_are_plain_words_with_the_code_beside_them(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    types = {row.description: (row.type, row.details[0]) for row in page.rows}
    assert types["Chest PA"] == ("X-ray", "Chest · CR")
    assert types["Echocardiography"] == ("Ultrasound", "Heart · US")
    assert types["PET/CT chest, FDG"] == ("CT + PET", "Chest · CT PT")
    assert types["Bone scan, whole body"] == ("Nuclear medicine", "Whole body · NM")
    assert types["MR brain"] == ("MRI", "Brain · MR")


def test_month_is_spoken_in_full_by_a_screen_reader(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    cell = page.root.all("td", "date")[-1]
    assert (cell.text, cell.spoken) == ("06-May-2014", "6 May 2014")
    assert cell.one("time")["datetime"] == "2014-05-06"


def test_counts_of_series_and_images_agree_with_the_archive(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert page.row("MR brain").counts == "2 series, 96 images"
    assert page.row("Chest PA, digitised film").counts == "1 series, 1 image"


def test_study_without_images_says_why_and_has_no_button(user: EhrUser) -> None:
    """41: a reason in words in the place of the button."""
    page = user.opens_chart("ada")
    coming, cancelled = page.row("US Abdomen"), page.row("MR Lumbar spine")
    assert (coming.status, coming.images) == ("Not ready yet", "")
    assert coming.obstacle == "No images have arrived yet."
    assert (cancelled.status, cancelled.images) == ("Cancelled", "")
    assert cancelled.obstacle == "No images were made."


def test_images_button_names_its_study_for_a_screen_reader(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    spoken = [link.spoken for link in page.root.all("a", "button") if link.text == "Images"]
    assert len(spoken) == len(set(spoken)) == 11
    assert "Images : X-ray · Lower leg AP · LEFT · 17-Jan-2024 16:05" in spoken


def test_record_entered_in_error_is_hidden_counted_and_shown_struck_without_button(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert "Hand of another person" not in page.html
    assert "Entered in error. 1 record marked entered in error is hidden. Show" in page.notices
    shown = user.follows(page, "Show")
    row = shown.row("CR Hand of another person")
    assert (row.struck, row.images, row.status) == (True, "", "Entered in error")
    assert row.obstacle == "This record should not exist."
    assert sum(other.struck for other in shown.rows) == 1
    assert "Hand of another person" not in user.follows(shown, "Hide").html


def test_filter_by_type_says_what_it_shows_and_of_how_many(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="CT")
    assert [row.description for row in page.rows] == ["PET/CT chest, FDG", "CT chest with contrast", "CT chest"]
    assert page.root.words_of("p", "filtered") == "Data filtered to show: CT – 3 of 13 studies Remove all filters"
    assert len(user.follows(page, "Remove all filters").rows) == 13


def test_filter_stands_above_the_column_headings(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="CT")
    order = [element for element in page.root.all() if element.tag == "thead" or "filtered" in element.classes]
    assert [element.tag for element in order] == ["p", "thead"]


def test_filter_by_body_part_offers_what_the_list_holds(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    offered = [option.text for option in page.root.one("select", name="body_part").all("option")]
    assert offered == ["All body parts", "Brain", "Breast", "Chest", "Heart", "Lower leg", "Shoulder", "Whole body"]
    chest = user.filters(page, body_part="Chest", type="CT")
    assert [row.description for row in chest.rows] == ["PET/CT chest, FDG", "CT chest with contrast", "CT chest"]
    assert "Data filtered to show: CT, Chest – 3 of 13 studies" in chest.text
    assert not user.visits(f"{page.url}?body_part=elbow").rows


def test_filter_by_period_leaves_out_what_is_older(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), period="10y")
    assert "Chest PA, digitised film" not in [row.description for row in page.rows]
    assert "Data filtered to show: last 10 years – 12 of 13 studies" in page.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shoulder", ["MR shoulder"]),
        ("SHOULDER mri", ["MR shoulder"]),
        ("right", ["Mammography, both sides", "MR shoulder"]),
        ("A-20240117-02", ["Lower leg AP"]),
        ("nov-2025", ["MR Lumbar spine (cancelled: patient unwell)", "MR brain"]),
    ],
)
def test_filter_by_text_finds_description_side_accession_and_date(user: EhrUser, text: str, found: list[str]) -> None:
    page = user.filters(user.opens_chart("ada"), text=text)
    assert [row.description for row in page.rows] == found
    assert f"Data filtered to show: “{text}” – {len(found)} of 13 studies" in page.text


def test_three_filters_at_once_narrow_the_list_together(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="CT", period="3y", text="contrast")
    assert [row.description for row in page.rows] == ["CT chest with contrast"]
    assert "Data filtered to show: CT, last 3 years, “contrast” – 1 of 13 studies" in page.text


def test_filter_without_a_hit_says_how_many_studies_it_hides(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), text="elbow")
    assert page.headings == ["Imaging studies", "No study matches the filter"]
    assert "The filter hides all 13 studies of this patient." in page.text
    assert len(user.follows(page, "Remove all filters").rows) == 13


def test_filter_is_not_remembered_when_the_list_is_opened_again(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    user.filters(page, type="CT")
    assert len(user.visits(page.url).rows) == 13


def test_filter_written_by_somebody_into_the_address_stays_text(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    typed = '"><script>alert(1)</script>\x00\u202e'
    wanted = {"text": typed, "type": typed, "period": "for ever", "page": "-9"}
    answer = user.browser.get(page.url, params=wanted, timeout=10)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert "for ever" not in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "٣", "99999", "1e9", ""])
def test_page_number_that_is_none_shows_a_page_all_the_same(user: EhrUser, number: str) -> None:
    page = user.opens_chart("ada")
    assert user.visits(f"{page.url}?page={number}").heading == "Imaging studies"


def test_list_is_asked_of_the_ehr_once_a_minute_and_anew_on_refresh(user: EhrUser, overheard: Overheard) -> None:
    def searches() -> int:
        return sum("/ImagingStudy?" in asked for asked in overheard.asked)

    page = user.opens_chart("ada")
    once = searches()
    user.filters(page, type="CT")
    assert searches() == once
    assert len(user.follows(page, "Refresh").rows) == 13
    assert searches() == 2 * once


def test_each_look_at_the_list_is_recorded(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    user.visits(page.url)
    looks = [record for record in trail.records if record["action"] == "list"]
    assert [(look["outcome"], look["patient"], look["studies"]) for look in looks] == [("success", "ada", 14)] * 2
    assert {look["chart"] for look in looks} == {trail.records[0]["chart"]}
    assert "Lindqvist" not in str(trail.records)


def test_patient_without_studies_is_told_that_there_are_none(user: EhrUser) -> None:
    page = user.opens_chart("ben")
    assert page.patient.startswith("OKAFOR, Ben")
    assert page.headings == ["Imaging studies", "No imaging studies found"]
    assert "Fjordview EHR (FHIR R4) has no imaging studies of this patient." in page.text
    assert re.search(r"Asked \d\d-\w{3}-\d{4} \d\d:\d\d", page.text)
    assert "Images held elsewhere would not appear here." in page.text
    assert not page.notices


def test_none_incomplete_failed_and_not_permitted_have_four_different_headings(user: EhrUser) -> None:
    none = user.opens_chart("ben")
    incomplete = user.opens_chart("ben", "fault-truncated")
    failed = user.opens_chart("ben", "fault-error")
    refused = user.opens_chart("ben", "fault-forbidden")
    headings = {page.headings[-1] for page in (none, failed, refused)}
    assert headings == {
        "No imaging studies found",
        "The imaging list could not be loaded",
        "Imaging is not permitted for this chart",
    }
    assert incomplete.headings[-1] != "No imaging studies found"


def test_cleos_studies_never_stand_in_adas_list(user: EhrUser) -> None:
    cleos = {row.description for row in EhrUser(user.pair).opens_chart("cleo").rows}
    assert cleos == {"CT head", "MR liver with contrast", "Ultrasound of the neck"}
    assert not cleos & {row.description for row in user.opens_chart("ada").rows}


def test_five_hundred_studies_come_fifty_a_page_each_page_below_300_kb(user: EhrUser) -> None:
    page = user.opens_chart("max")
    keys = []
    for number in range(1, 11):
        assert len(page.rows) == 50
        assert len(page.html.encode()) < 300_000
        assert f"Page {number} of 10" in page.text
        assert f"Showing {50 * number - 49}–{50 * number} of 500 – newest first" in page.text
        assert ("End of list." in page.text) == (number == 10)
        keys += [row.key for row in page.rows]
        page = user.follows(page, "Older") if number < 10 else page
    assert len(set(keys)) == 500
    assert not page.has_link("Older")
    assert user.follows(page, "Newer").rows[0].key == keys[400]


def test_filter_of_a_long_list_stays_on_while_turning_pages(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("max"), type="X-ray")
    assert {row.type for row in page.rows} == {"X-ray"}
    older = user.follows(page, "Older")
    assert {row.type for row in older.rows} == {"X-ray"}
    assert "Data filtered to show: X-ray" in older.text


def test_page_behind_the_last_one_does_not_say_that_there_are_no_studies(user: EhrUser) -> None:
    page = user.opens_chart("max")
    beyond = user.visits(f"{page.url}?page=11")
    assert "No imaging studies found" not in beyond.text
    assert "Showing 501–500" not in beyond.text


MINAS_ROWS = {
    "Ultrasound of the pelvis": ("12-Jan-2026 08:50", True),
    "Doppler of the neck vessels": ("19-Mar-2025 14:10", True),
    "CT Chest (the same study twice)": ("03-Jun-2022 09:00", True),
    "CR Chest (an endpoint inside the study)": ("03-Mar-2022 09:00", True),
    "CT Chest (wrapped once too often)": ("03-Apr-2022 09:00", True),
    "CT Chest (numbers as words)": ("03-Feb-2022 09:00", True),
    "CT Chest (a status of its own invention)": ("03-Jan-2022 09:00", True),
    "CR Chest (no status)": ("03-Dec-2021 09:00", True),
    "CR Chest (names of another version)": ("03-Oct-2021 09:00", True),
    "CT Chest (neither UID nor accession number)": ("03-Sep-2021 09:00", False),
    "CR Chest (no UID, but an accession number)": ("03-Aug-2021 09:00", True),
    "CT Chest (an old UID before the present one)": ("03-Jul-2021 09:00", True),
    "CR Chest (UID in the id only)": ("03-Jun-2021 09:00", True),
    "CT Chest (UID without any system)": ("03-May-2021 09:00", True),
    "CR Chest (UID under the URI system)": ("03-Apr-2021 09:00", True),
    "CT Chest (accession dressed as UID, the UID in id)": ("03-Mar-2021", True),
    "CR Chest (prefix on something that is no UID)": ("03-Feb-2021 09:00", False),
    "CT Chest (a month for a date)": ("Jun-2018", True),
    "CR Chest (a year for a date)": ("2018", True),
    "CR Chest (no date)": ("Date not recorded", True),
}


def test_every_messy_record_is_a_row_or_is_counted_in_a_sentence(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    shown = {row.description: (row.date, bool(row.images)) for row in page.rows}
    narrated = {name: row for name, row in shown.items() if name not in MINAS_ROWS}
    assert {name: row for name, row in shown.items() if name in MINAS_ROWS} == MINAS_ROWS
    assert list(narrated.values()) == [("03-Nov-2021 09:00", True)]
    counts = [re.match(r"(?:Left out|Not readable)\. (\d+)", words) for words in page.notices]
    counted = sum(int(count[1]) for count in counts if count)
    # Of hers: twenty-one rows (one of two records), one whose patient cannot be read, one lost; and one of Cleo's.
    assert len(page.rows) + counted == 24
    assert "Not readable. 1 record could not be read and is not shown." in page.notices
    assert "Left out. 1 study of another patient came with the answer and is not shown." in " ".join(page.notices)


def test_person_who_died_is_said_to_have_died_above_the_list(user: EhrUser) -> None:
    page = user.opens_chart("nora")
    assert "Died 03-Feb-2026" in page.patient
    assert [row.date for row in page.rows] == ["02-Feb-2026 07:15", "31-Jan-2026 22:40"]


def test_cleos_study_among_minas_is_nowhere_on_the_page(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    for row in EhrUser(user.pair).opens_chart("cleo").rows:
        assert row.description not in page.html


def test_list_with_records_left_out_does_not_claim_its_end(user: EhrUser) -> None:
    assert "End of list" not in user.opens_chart("mina").text


def test_warning_of_the_ehr_stands_above_the_list_in_its_words(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    assert "Fjordview EHR (FHIR R4) says: Studies of before 2018 are on tape and not listed." in page.notices


def test_undated_study_is_counted_and_stands_last(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    assert "Undated. 1 study has no date – shown at the end." in page.notices
    assert page.rows[-1].date == "Date not recorded"


def test_status_that_nobody_knows_and_none_at_all_are_told_apart(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    assert page.row("a status of its own invention").status == "Status unknown"
    assert page.row("no status").status == ""


def test_study_with_two_records_is_one_row_that_says_so(user: EhrUser) -> None:
    assert "Merged from 2 records" in user.opens_chart("mina").row("the same study twice").details


def test_study_by_which_no_viewer_can_be_asked_says_why(user: EhrUser) -> None:
    row = user.opens_chart("mina").row("neither UID nor accession number")
    assert row.obstacle == "Its record holds no number by which a viewer could find its images."


@pytest.mark.parametrize("patient", ["ada", "max", "mina"])
def test_no_fhir_id_of_a_study_stands_on_the_page(user: EhrUser, patient: str) -> None:
    page = user.opens_chart(patient)
    for row in page.rows:
        page = user.visits(row.images) if row.images and patient == "ada" else page
        for id_ in _fhir_ids(user.pair, patient):
            assert id_ not in page.html


def _fhir_ids(pair: Pair, patient: str) -> set[str]:
    entries = pair.hospital.extensions["fhir"].of("ImagingStudy", VERSIONS["r4"], patient)
    return {entry.id for entry in entries if entry.id}
