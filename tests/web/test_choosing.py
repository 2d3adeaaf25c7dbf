"""Which viewer a study opens in: what its data says, the user's own word, and why, on the page, trail and log."""

import logging
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Request, Response, request_started

from sandbox.fhir.whereabouts import WAYS
from tests.configured import rule
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Overheard, Trail
from tests.web.test_viewer import study_uid, two_more_viewers

STUDY = "CT chest with contrast"
NO_UID = "The viewer finds a study by its Study Instance UID only, and this record holds none."


def opened_from(user: EhrUser, way: str, words: str = STUDY) -> Page:
    """The page of Ada's study, where studies say in this way where their images are."""
    return user.opens_images(user.opens_chart("ada", f"endpoints-{way}"), words)


def sent_to(user: EhrUser, viewer: Page) -> str:
    """The address that the viewer's frame is sent to."""
    return user.asks(viewer.frame).headers["Location"]


def why(page: Page) -> dict[str, str]:
    """The page's Details: a sentence on each viewer by its title."""
    rows = page.root.one("table", "verdicts").one("tbody").all("tr")
    return {row.one("th").text: row.all("td")[0].text for row in rows}


def asked_for(overheard: Overheard, words: str) -> list[str]:
    return [asked for asked in overheard.asked if words in asked]


TO_SOUTH = ("referenced", "included", "absolute", "contained", "series", "web-viewer", "europe", "organisation")
IN_OTHER_VERSIONS = ("stu3", "r5")
TO_NOBODY = ("partner", "elsewhere", "unreadable")


def test_every_way_of_the_sandbox_is_tried_here() -> None:
    assert {*TO_SOUTH, *TO_NOBODY} == {*WAYS}


@pytest.mark.parametrize("way", (*TO_SOUTH, *IN_OTHER_VERSIONS))
def test_study_opens_in_the_viewer_that_its_data_names_however_it_says_so(
    user: EhrUser, trail: Trail, way: str
) -> None:
    viewer = opened_from(user, way)

    uid = study_uid(user.pair, "ada", STUDY)
    south = f"{user.pair.hospital_url}/display-south/IHEInvokeImageDisplay"
    assert sent_to(user, viewer) == f"{south}?requestType=STUDY&studyUID={uid}&viewerType=IHE_BIR"
    by_rule = "Rule 4 chooses it for organisation South Clinic."
    reason = by_rule if way == "organisation" else "The study's data names an address there."
    assert why(viewer)["Image display of the South Clinic Chosen"] == reason
    assert "Another came before it." in why(viewer)["Image display"]
    assert trail.records[-1]["viewer"] == "display-south"


def test_address_of_an_archive_in_dstu2_is_what_a_rule_may_ask_for(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    def by_archive(toml: str) -> str:
        hospital = re.search(r'iss = "(http://[^/]+)/fhir/dstu2"', toml)
        assert hospital
        return toml.replace("[limits]", rule(viewer="display-south", archive=[f"{hospital[1]}/dicom-web"]) + "[limits]")

    user = EhrUser(sightline_with(by_archive))
    viewer = user.opens_images(user.opens_chart("ada", "dstu2"), STUDY)

    assert "/display-south/IHEInvokeImageDisplay?" in sent_to(user, viewer)


@pytest.mark.parametrize(
    ("way", "footnote"),
    [
        ("partner", ""),
        ("elsewhere", "The study's data refers to addresses on another server, which were not read."),
        ("unreadable", "Addresses that the study's data refers to could not be read."),
    ],
)
def test_address_that_leads_to_no_configured_viewer_changes_nothing_and_is_a_footnote_at_most(
    user: EhrUser, way: str, footnote: str
) -> None:
    viewer = opened_from(user, way)

    assert "/display/IHEInvokeImageDisplay?" in sent_to(user, viewer)
    assert "partner.example" not in viewer.html + str(viewer.headers)
    assert why(viewer)["Image display Chosen"] == "It is the viewer of Fjordview EHR (addresses: " + way + ")."
    assert [words.text for words in viewer.root.one("details").all("p")][:-1] == ([footnote] if footnote else [])


def test_reference_to_another_server_is_never_asked_for(user: EhrUser, overheard: Overheard) -> None:
    opened_from(user, "elsewhere")

    assert not asked_for(overheard, "/Endpoint/")


def test_list_asks_for_no_address_and_each_is_asked_for_once_when_a_study_is_opened(
    user: EhrUser, overheard: Overheard
) -> None:
    page = user.opens_chart("ada", "endpoints-referenced")
    assert not asked_for(overheard, "/Endpoint/")
    user.opens_images(page, STUDY)
    user.opens_images(page, "MR brain")

    assert asked_for(overheard, "/Endpoint/") == ["/endpoints/referenced/fhir/r4/Endpoint/south-display?"]


def test_address_that_came_along_is_not_asked_for_again(user: EhrUser, overheard: Overheard) -> None:
    opened_from(user, "included")

    assert not asked_for(overheard, "/Endpoint/")
    assert all("_include=ImagingStudy%3Aendpoint" in asked for asked in asked_for(overheard, "/ImagingStudy?"))


def test_address_that_could_not_be_read_is_not_asked_for_at_every_opening_but_again_after_a_minute(
    user: EhrUser, overheard: Overheard, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada", "endpoints-unreadable")
    for _ in range(2):
        user.opens_images(page, STUDY)
    before = len(asked_for(overheard, "/Endpoint/"))
    clock_goes_on(61)
    user.opens_images(page, STUDY)

    assert len(asked_for(overheard, "/Endpoint/")) == 2 * before


def test_hospital_with_one_viewer_and_no_rule_asks_for_no_address(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    def one_viewer(toml: str) -> str:
        head, *rest = toml.split("[[viewer]]")
        limits = rest[-1].split("[limits]")[1]
        left = f"{head}[[viewer]]{rest[0]}[limits]{limits}"
        return re.sub(r"display-(refusing|silent|guarded|south)", "display", left)

    user, heard = EhrUser(sightline_with(one_viewer)), Overheard()
    with request_started.connected_to(heard.hear, user.pair.hospital):
        viewer = opened_from(user, "referenced")

    assert "/display/IHEInvokeImageDisplay?" in sent_to(user, viewer)
    assert not asked_for(heard, "/Endpoint/")
    assert not viewer.has_link("Other viewers")


def test_token_that_does_not_permit_addresses_asks_for_none_and_the_page_says_so(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('"patient/Endpoint.read"', '"patient/Encounter.read"')))
    viewer = opened_from(user, "referenced")

    assert "/display/IHEInvokeImageDisplay?" in sent_to(user, viewer)
    assert "The EHR did not permit the reading of the addresses" in viewer.root.one("details").text


def test_forty_references_to_addresses_are_not_all_asked_for(
    user: EhrUser, ehr_answers: Callable[..., list[Request]]
) -> None:
    references = [{"reference": f"Endpoint/e{number}"} for number in range(40)]
    study = {
        "resourceType": "ImagingStudy",
        "id": "a",
        "subject": {"reference": "Patient/ada"},
        "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}],
        "description": STUDY,
        "endpoint": references,
    }
    ehr_answers(lambda _: {"resourceType": "Bundle", "entry": [{"resource": study}]})
    asked = [ehr_answers(lambda _: Response(status=404), f"/fhir/r4/Endpoint/e{number}") for number in range(40)]
    viewer = user.opens_images(user.opens_chart("ada"), STUDY)

    assert sum(map(len, asked)) == 8
    assert "Addresses that the study's data refers to could not be read." in viewer.root.one("details").text


# The user's own word


def test_another_viewer_is_two_clicks_away_from_the_row_and_from_the_strip(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    row = page.row(STUDY)
    link = next(link for link in page.root.all("a", "more") if f"viewers/{row.key}" in link["href"])
    choice = user.visits(f"{page.url}{link['href']}")
    opened = user.follows(choice, "Open in Image display of the South Clinic")

    assert choice.heading == "Viewers to choose from"
    assert choice.patient == opened.patient == page.patient
    assert "/display-south/IHEInvokeImageDisplay?" in sent_to(user, opened)
    assert why(opened)["Image display of the South Clinic Chosen"] == "It was chosen by hand."
    assert trail.records[-1]["viewer"] == "display-south"
    assert opened.link("Reload") == opened.url
    assert "viewer=display-south" in opened.link("Nothing to see?")
    assert user.follows(opened, "Other viewers").url == choice.url
    assert user.follows(opened, "Open in new tab").url == opened.url


def test_row_offers_other_viewers_only_where_one_of_them_can_open_the_study(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    offered = {link["href"] for link in page.root.all("a", "more")}

    assert f"viewers/{page.row(STUDY).key}" in offered
    assert f"viewers/{page.row('US Abdomen').key}" not in offered


def test_page_of_viewers_says_of_each_why_it_cannot_open_the_study(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(two_more_viewers))
    page = user.opens_chart("ada")
    choice = user.visits(f"{page.url}viewers/{page.row('Lower leg AP').key}")

    rows = choice.root.one("table", "verdicts").one("tbody").all("tr")
    said = [(row.all("td")[0].text, bool(row.all("a"))) for row in rows]
    assert said[0] == ("The study's data names an address there.", True)
    assert (f"Rule 5 is not met: the modality is CR, not MR. {NO_UID}", False) in said
    assert ("Rule 6 is not met: the modality is CR, not CT.", True) in said


@pytest.mark.parametrize("viewer", ["nobody", "", "display&viewer=display-south", "https%3A%2F%2Fevil.example", "%00"])
def test_viewer_that_is_not_set_up_is_refused_and_none_is_opened_instead(
    user: EhrUser, trail: Trail, viewer: str
) -> None:
    page = user.opens_chart("ada")
    refused = user.visits(f"{page.url}view/{page.row(STUDY).key}?viewer={viewer}")

    assert (refused.status, refused.heading) == (409, "This study cannot be opened")
    assert "The address names " in refused.text
    assert "evil" not in refused.html
    assert not refused.root.all("iframe")
    record = trail.records[-1]
    assert (record["action"], record["outcome"], record.get("viewer", "")) == ("open", "CannotOpen", "")


def test_viewer_that_cannot_open_the_study_is_refused_with_the_reason_and_the_way_to_the_others(
    sightline_with: Callable[[Callable[[str], str]], Pair], caplog: pytest.LogCaptureFixture
) -> None:
    user = EhrUser(sightline_with(two_more_viewers))
    audit = Trail(user.pair.data_folder)
    page = user.opens_chart("ada")
    refused = user.visits(f"{page.url}view/{page.row('Lower leg AP').key}?viewer=ohif")

    assert refused.status == 409
    assert NO_UID in refused.text
    assert not refused.root.all("iframe")
    assert (audit.records[-1]["viewer"], audit.records[-1]["outcome"]) == ("ohif", "CannotOpen")
    assert user.follows(refused, "Other viewers").heading == "Viewers to choose from"
    (line,) = [record.getMessage() for record in caplog.records if refused.reference in record.getMessage()]
    assert "ohif chosen (by hand, no ACCESSION)" in line
    assert "Lower leg" not in line
    assert "A-20240117-02" not in line


def test_why_a_viewer_was_chosen_stands_in_the_log_behind_the_reference_of_its_details(
    user: EhrUser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "sightline"):
        viewer = opened_from(user, "referenced")

    (line,) = [message for message in caplog.messages if viewer.root.one("details").one("code").text in message]
    assert "display-south chosen (data)" in line
    assert study_uid(user.pair, "ada", STUDY) not in line


# Numbers with signs in them


@pytest.mark.parametrize("number", ["A&studyUID=9.9", "A#9", "A%269", 'A"9', "A'9", "A 9"])
def test_accession_number_with_signs_reaches_the_display_as_one_value(
    user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str
) -> None:
    viewer = user.opens_images(chart_of_one_study(user, ehr_answers, number), STUDY)

    assert parse_qs(urlsplit(sent_to(user, viewer)).query) == {
        "requestType": ["STUDY"],
        "accessionNumber": [number],
        "viewerType": ["IHE_BIR"],
    }


@pytest.mark.parametrize("number", ["A,9", "A" * 3000])
def test_accession_number_that_no_address_can_hold_is_refused_in_words(
    user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str
) -> None:
    page = chart_of_one_study(user, ehr_answers, number)

    assert page.row(STUDY).obstacle
    assert user.visits(f"{page.url}view/{page.row(STUDY).key}").status == 409


def chart_of_one_study(user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str) -> Page:
    study = {
        "resourceType": "ImagingStudy",
        "id": "a",
        "subject": {"reference": "Patient/ada"},
        "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": number}],
        "description": STUDY,
    }
    ehr_answers(lambda _: {"resourceType": "Bundle", "entry": [{"resource": study}]})
    return user.opens_chart("ada")
