"""One study in its viewer: the strip that stays, the ticket that works once, and what cannot be opened."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.hospital import Hospital
from tests.configured import block, rule
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Overheard, Trail

SPENT = "This way into the viewer works once, for one minute, and was used or has expired."


def study_uid(pair: Pair, patient: str, words: str) -> str:
    """The Study Instance UID that the hospital knows for the study described so."""
    hospital: Hospital = pair.hospital.extensions["hospital"]
    (study,) = [study for study in hospital.studies_of(patient) if study.description == words]
    return study.uid


def test_study_opens_by_invoke_image_display_with_its_study_instance_uid(user: EhrUser, overheard: Overheard) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "CT chest with contrast")
    answer = user.asks(viewer.frame)
    assert answer.status_code == 303
    uid = study_uid(user.pair, "ada", "CT chest with contrast")
    display = f"{user.pair.hospital_url}/display/IHEInvokeImageDisplay"
    assert answer.headers["Location"] == f"{display}?requestType=STUDY&studyUID={uid}&viewerType=IHE_BIR"
    shown = user.browser.get(answer.headers["Location"], timeout=10)
    assert shown.status_code == 200
    assert "Images of LINDQVIST, Ada (Dr)" in shown.text


def test_study_without_uid_is_asked_for_by_its_accession_number(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "Lower leg AP")
    address = user.asks(viewer.frame).headers["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert asked == {"requestType": ["STUDY"], "accessionNumber": ["A-20240117-02"], "viewerType": ["IHE_BIR"]}
    assert user.browser.get(address, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("words", "uid_ends_with"),
    [
        ("an old UID before the present one", ".1.5.6"),
        ("UID in the id only", ".1.5.5"),
        ("UID without any system", ".1.5.4"),
        ("UID under the URI system", ".1.5.3"),
        ("accession dressed as UID, the UID in id", ".1.5.2"),
        ("names of another version", ".1.5.9"),
        ("the same study twice", ".1.5.20"),
    ],
)
def test_messy_record_is_opened_by_its_true_uid(user: EhrUser, words: str, uid_ends_with: str) -> None:
    viewer = user.opens_images(user.opens_chart("mina"), words)
    asked = parse_qs(urlsplit(user.asks(viewer.frame).headers["Location"]).query)
    assert asked["studyUID"][0].endswith(uid_ends_with)


@pytest.mark.parametrize("words", ["Ultrasound of the pelvis", "Doppler of the neck vessels"])
def test_uid_with_a_prefix_too_many_or_none_reaches_the_display_bare(user: EhrUser, words: str) -> None:
    viewer = user.opens_images(user.opens_chart("mina"), words)
    address = user.asks(viewer.frame).headers["Location"]
    assert parse_qs(urlsplit(address).query)["studyUID"] == [study_uid(user.pair, "mina", words)]
    assert user.browser.get(address, timeout=10).status_code == 200


def test_strip_names_patient_and_study_and_offers_four_ways_on(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    viewer = user.opens_images(page, "Lower leg AP")
    assert viewer.patient == page.patient
    assert viewer.root.one("h1").text == "X-ray Lower leg AP LEFT 17-Jan-2024 16:05"
    assert viewer.root.words_of("title") == "Images: X-ray · Lower leg AP · LEFT · 17-Jan-2024 16:05"
    assert viewer.link("Reload") == viewer.url
    assert user.follows(viewer, "Open in new tab").url == viewer.url
    assert viewer.link("Nothing to see?") == f"{viewer.url}?alone=1"
    assert viewer.link("Back to the list") == f"{page.url}#{page.row('Lower leg AP').key}"
    back = viewer.root.all("a", "strip-back")[0]
    assert user.visits(f"{viewer.url.split('/view/')[0]}/").url == page.url
    assert back["href"] == f"{urlsplit(page.url).path}#{page.row('Lower leg AP').key}"


@pytest.mark.parametrize(
    ("patient", "words", "note"),
    [
        ("ada", "Lower leg AP", "Opened by its accession number. Check the name in the images."),
        ("mina", "the same study twice", "Merged from 2 records"),
        ("ada", "MR brain", ""),
    ],
)
def test_strip_says_what_the_row_says_of_the_study(user: EhrUser, patient: str, words: str, note: str) -> None:
    viewer = user.opens_images(user.opens_chart(patient), words)
    assert viewer.root.words_of("p", "strip-note") == note


@pytest.mark.parametrize(
    ("ehr", "whom", "what"),
    [
        ("r4", "Image display", "said for 10 seconds that it is ready"),
        ("r4-refusing", "Image display that refuses to be framed", "answered for 10 seconds"),
    ],
)
def test_words_behind_the_frame_say_what_is_waited_for(user: EhrUser, ehr: str, whom: str, what: str) -> None:
    stage = user.opens_images(user.opens_chart("ada", ehr), "MR brain").root.one("div", "stage")
    first, later = stage.all("p", "waiting")
    assert first.text == f"Asking {whom} …"
    assert later.text == f"{whom} has not {what}. Reload, or choose “Nothing to see?” above."
    # The frame comes last, so that it stands above them.
    assert stage.children[-2] is stage.one("iframe")


def test_frame_has_a_title_with_type_side_and_date_and_gives_nothing_away(user: EhrUser) -> None:
    frame = user.opens_images(user.opens_chart("ada"), "Lower leg AP").root.one("iframe")
    assert frame["title"] == "Images: X-ray · Lower leg AP · LEFT · 17-Jan-2024 16:05"
    assert frame["referrerpolicy"] == "no-referrer"
    assert frame["src"].startswith("/s/")


def test_new_tab_leads_to_our_own_page_with_the_patients_line(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    link = next(link for link in viewer.root.all("a") if link.text == "Open in new tab")
    assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")
    assert user.visits(viewer.link("Open in new tab")).patient == viewer.patient


def test_page_does_not_claim_that_images_are_shown(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert not re.search(r"images? (are|is|were) (shown|loaded|displayed|open)", viewer.text, re.IGNORECASE)


def test_way_back_keeps_the_filter(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="CT", text="chest")
    viewer = user.opens_images(page, "CT chest with contrast")
    back = user.visits(viewer.url.split("/s/")[0] + viewer.root.all("a", "strip-back")[0]["href"])
    assert [row.key for row in back.rows] == [row.key for row in page.rows]
    assert "Data filtered to show: CT, “chest”" in back.text


def test_each_opening_has_a_frame_and_a_ticket_of_its_own(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    frames = [user.opens_images(page, "MR brain").frame for _ in range(3)]
    assert len(set(frames)) == 3
    assert [user.asks(frame).status_code for frame in frames] == [303, 303, 303]


def test_ticket_works_once(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert user.asks(viewer.frame).status_code == 303
    again = user.visits(viewer.frame)
    assert (again.status, again.heading) == (410, "The viewer was not opened")
    assert SPENT in again.text
    assert again.patient == viewer.patient
    assert user.asks(user.follows(viewer, "Reload").frame).status_code == 303


def test_ticket_used_by_six_at_once_works_for_one(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    cookie = {"chart": user.cookie("chart", f"/s/{viewer.chart_id}/")}

    def use(_: int) -> int:
        return requests.get(viewer.frame, cookies=cookie, allow_redirects=False, timeout=30).status_code

    with ThreadPoolExecutor(6) as at_once:
        assert sorted(at_once.map(use, range(6))) == [303, 410, 410, 410, 410, 410]


def test_ticket_is_good_for_a_minute(user: EhrUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.opens_chart("ada")
    early, late = user.opens_images(page, "MR brain"), user.opens_images(page, "MR brain")
    clock_goes_on(55)
    assert user.asks(early.frame).status_code == 303
    clock_goes_on(10)
    expired = user.visits(late.frame)
    assert (expired.status, expired.heading) == (410, "The viewer was not opened")
    assert SPENT in expired.text


def test_ticket_of_one_chart_opens_nothing_in_another(user: EhrUser) -> None:
    adas = user.opens_images(user.opens_chart("ada"), "MR brain")
    cleos = user.opens_chart("cleo")
    ticket = adas.frame.rsplit("/", 1)[1]
    moved = user.visits(f"{cleos.url}ticket/{ticket}")
    assert (moved.status, moved.heading) == (410, "The viewer was not opened")
    assert moved.patient == cleos.patient
    assert user.asks(adas.frame).status_code == 303


def test_ticket_without_the_charts_cookie_opens_nothing_and_stays_good(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    stranger = EhrUser(user.pair).visits(viewer.frame)
    assert (stranger.status, stranger.heading) == (401, "This imaging session has ended")
    assert stranger.patient == ""
    assert user.asks(viewer.frame).status_code == 303


def test_ticket_with_the_cookie_of_another_chart_opens_nothing_and_stays_good(user: EhrUser) -> None:
    adas, cleos = user.opens_images(user.opens_chart("ada"), "MR brain"), user.opens_chart("cleo")
    of_another = {"chart": user.cookie("chart", f"/s/{cleos.chart_id}/")}
    answer = requests.get(adas.frame, cookies=of_another, allow_redirects=False, timeout=30)
    assert answer.status_code == 401
    assert "LINDQVIST" not in answer.text
    assert user.asks(adas.frame).status_code == 303


def test_ticket_is_256_bits_of_chance(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    tickets = [user.opens_images(page, "MR brain").frame.rsplit("/", 1)[1] for _ in range(3)]
    assert {len(urlsafe_b64decode(f"{ticket}=")) for ticket in tickets} == {32}
    assert len(set(tickets)) == 3


def test_ticket_that_nobody_made_opens_nothing(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert user.visits(f"{page.url}ticket/{'A' * 43}").status == 410


def assert_not_in_this_chart(page: Page, patient: str) -> None:
    assert (page.status, page.heading) == (404, "This study is not in this chart")
    assert "The address names no imaging study of the patient whose chart is open." in page.text
    assert "Nothing was opened." in page.text
    assert page.patient == patient
    assert not page.root.all("iframe")


def test_study_of_another_patients_chart_is_not_opened(user: EhrUser, trail: Trail) -> None:
    cleos = user.opens_chart("cleo").row("CT head")
    adas = user.opens_chart("ada")
    assert_not_in_this_chart(user.visits(f"{adas.url}view/{cleos.key}"), adas.patient)
    refused = trail.records[-1]
    assert (refused["action"], refused["outcome"], refused["patient"]) == ("open", "StudyNotFound", "ada")


def test_study_has_another_key_in_each_chart_of_the_same_patient(user: EhrUser) -> None:
    first, second = user.opens_chart("ada"), user.opens_chart("ada")
    assert not {row.key for row in first.rows} & {row.key for row in second.rows}
    assert_not_in_this_chart(user.visits(f"{second.url}view/{first.rows[1].key}"), second.patient)


@pytest.mark.parametrize("key", ["0" * 24, "x", "..%2f..", "%00", "<b>", "1.2.3&studyUID=1"])
def test_study_key_that_nobody_made_opens_nothing(user: EhrUser, key: str) -> None:
    page = user.opens_chart("ada")
    answer = user.visits(f"{page.url}view/{key}")
    assert answer.status == 404
    assert not answer.root.all("iframe")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("US Abdomen", "No images have arrived yet."),
        ("MR Lumbar spine", "No images were made."),
    ],
)
def test_study_without_button_is_not_opened_by_its_address_either(
    user: EhrUser, trail: Trail, words: str, why: str
) -> None:
    page = user.opens_chart("ada")
    refused = user.visits(f"{page.url}view/{page.row(words).key}")
    assert (refused.status, refused.heading) == (409, "This study cannot be opened")
    assert why in refused.text
    assert refused.patient == page.patient
    assert refused.link("Imaging studies of this patient") == page.url
    assert trail.records[-1]["outcome"] == "CannotOpen"


def test_record_entered_in_error_is_not_opened_by_its_address_either(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    struck = user.visits(f"{page.url}?hidden=show").row("CR Hand of another person")
    refused = user.visits(f"{page.url}view/{struck.key}")
    assert refused.status == 409
    assert "This record should not exist." in refused.text


def test_opening_is_recorded_before_the_frame_is_sent(user: EhrUser, trail: Trail) -> None:
    user.opens_images(user.opens_chart("ada"), "MR brain")
    opened = trail.records[-1]
    assert (opened["action"], opened["outcome"]) == ("open", "success")
    assert opened["patient"] == "ada"
    assert opened["user"] == "nordahl"
    assert opened["viewer"] == "display"
    assert opened["study_uid"] == study_uid(user.pair, "ada", "MR brain")
    assert opened["accession"] == "A-20251118-03"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", opened["recorded"])


def test_study_is_found_again_when_the_list_was_read_long_ago(
    user: EhrUser, overheard: Overheard, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    for _ in range(2):
        clock_goes_on(600)
        user.asks(f"{page.url}ticket/none")
    before = len(overheard.asked)
    assert user.opens_images(page, "MR brain").status == 200
    assert any("/ImagingStudy?" in asked for asked in overheard.asked[before:])


def test_viewer_that_stands_in_a_tab_is_opened_by_a_link_and_not_framed(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('open = "frame"', 'open = "tab"')))
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert not viewer.root.all("iframe")
    assert viewer.headings[-1] == "Image display in a tab of its own"
    assert not viewer.has_link("Nothing to see?")
    link = next(link for link in viewer.root.all("a") if link.text == "Open the images")
    assert (link["target"], link["rel"]) == ("_blank", "noopener noreferrer")
    assert "/display/IHEInvokeImageDisplay?" in user.asks(viewer.link("Open the images")).headers["Location"]


def test_viewer_that_refuses_the_frame_can_be_opened_on_its_own(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("ada", "r4-refusing"), "MR brain")
    alone = user.follows(viewer, "Nothing to see?")
    assert "may refuse to stand inside another page" in alone.text
    assert not alone.root.all("iframe")
    assert alone.patient == viewer.patient
    address = user.asks(alone.link("Open the images")).headers["Location"]
    assert "/display-refusing/IHEInvokeImageDisplay?" in address
    assert user.browser.get(address, timeout=10).status_code == 200


def left_open(toml: str) -> str:
    """The settings do not say how viewers open."""
    return toml.replace('open = "frame"\n', "")


def test_viewer_that_refuses_the_frame_opens_in_a_tab_with_the_reason_once_that_is_known(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    """31: where the settings leave it open; before anybody has looked it is framed."""
    user = EhrUser(sightline_with(left_open))
    page = user.opens_chart("ada", "r4-refusing")
    assert user.opens_images(page, "MR brain").root.all("iframe")
    user.pair.sightline.extensions["sightline"].preflight.check()
    viewer = user.opens_images(page, "MR brain")
    assert not viewer.root.all("iframe")
    assert viewer.headings[-1] == "Image display that refuses to be framed in a tab of its own"
    assert "It likely does not let itself be shown inside this page." in viewer.text
    assert "frame-ancestors 'none' leaves out" in viewer.text
    assert not viewer.has_link("Nothing to see?")
    address = user.asks(viewer.link("Open the images")).headers["Location"]
    assert user.browser.get(address, timeout=10).status_code == 200


def test_viewer_that_lets_itself_be_framed_stays_in_the_frame_once_that_is_known(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(left_open))
    user.pair.sightline.extensions["sightline"].preflight.check()
    assert user.opens_images(user.opens_chart("ada"), "MR brain").root.all("iframe")


def test_viewer_that_the_settings_put_into_the_frame_stays_there_whatever_is_known(user: EhrUser) -> None:
    """31: an explicit word wins."""
    user.pair.sightline.extensions["sightline"].preflight.check()
    assert user.opens_images(user.opens_chart("ada", "r4-refusing"), "MR brain").root.all("iframe")


def test_viewers_frame_is_sandboxed_unless_its_block_says_otherwise(
    user: EhrUser, sightline_with: Callable[[Callable[[str], str]], Pair]
) -> None:
    held = user.opens_images(user.opens_chart("ada"), "MR brain").root.one("iframe")["sandbox"]
    assert "allow-scripts" in held
    assert "top-navigation" not in held
    free = EhrUser(sightline_with(lambda toml: toml.replace('open = "frame"', 'open = "frame"\nsandbox = false')))
    frame = free.opens_images(free.opens_chart("ada"), "MR brain").root.one("iframe")
    assert "sandbox" not in frame.attributes


def test_viewer_type_is_not_sent_where_the_settings_leave_it_empty(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('viewer_type = "IHE_BIR"', 'viewer_type = ""')))
    viewer = user.opens_images(user.opens_chart("ada"), "MR brain")
    assert set(parse_qs(urlsplit(user.asks(viewer.frame).headers["Location"]).query)) == {"requestType", "studyUID"}


def test_endpoint_in_the_data_never_becomes_the_viewers_address(user: EhrUser) -> None:
    viewer = user.opens_images(user.opens_chart("mina"), "an endpoint inside the study")
    assert user.asks(viewer.frame).headers["Location"].startswith(f"{user.pair.hospital_url}/display/")
    assert "partner.example" not in viewer.html + str(viewer.headers)


def two_more_viewers(toml: str) -> str:
    """MR opens in a viewer outside of the frame, CT in a program on the user's own computer, by rules."""
    ohif = block("ohif", address="https://ohif.example", open="tab") + rule(viewer="ohif", modality=["MR"])
    weasis = block("weasis", dicomweb="https://pacs.example/rs") + rule(viewer="weasis", modality=["CT"])
    return toml.replace("[limits]", f"{ohif}{weasis}[limits]")


def test_study_opens_in_the_viewer_that_a_rule_chooses(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(two_more_viewers))
    audit = Trail(user.pair.data_folder)
    page = user.opens_chart("ada")
    by_rule, by_ehr = user.opens_images(page, "MR brain"), user.opens_images(page, "Lower leg AP")

    assert not by_rule.root.all("iframe")
    uid = study_uid(user.pair, "ada", "MR brain")
    to_viewer = user.asks(by_rule.link("Open the images")).headers["Location"]
    assert to_viewer == f"https://ohif.example/viewer?StudyInstanceUIDs={uid}"
    assert "/display/IHEInvokeImageDisplay?" in user.asks(by_ehr.frame).headers["Location"]
    assert [record["viewer"] for record in audit.records if record["action"] == "open"] == ["ohif", "display"]


def test_program_on_the_users_computer_is_never_framed_and_says_what_must_be_installed(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(two_more_viewers))
    viewer = user.opens_images(user.opens_chart("ada"), "CT chest with contrast")

    assert not viewer.root.all("iframe")
    assert "Weasis must be installed here." in viewer.text
    assert user.asks(viewer.link("Open the images")).headers["Location"].startswith("weasis://?%24dicom%3A")
    policy = user.asks(viewer.url).headers["Content-Security-Policy"]
    assert "weasis" not in policy
    assert "ohif.example" not in policy
