"""What the list page says when the EHR does not answer as it should: which fault, what may be missing, what to do."""

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import create_app
from sandbox import sightline_settings
from sandbox.application import record_system
from sandbox.fhir.hostile import TEXTS
from sightline.settings import load
from tests.conftest import Pair, free_ports, served
from tests.ehr_user import EhrUser
from tests.web.conftest import Overheard, Trail

FAILED = "The imaging list could not be loaded"
NOT_EMPTY = "This does not mean that there are no images."

ENDED = "The EHR no longer accepts this chart's sign-in."
NOT_PERMITTED = "You are signed in, but this chart did not give permission to see imaging."
NO_STUDIES_THERE = "The hospital's system offers no imaging studies at this address."
NOT_IN_TIME = "The hospital's system did not answer in time."
AN_ERROR = "The hospital's system answered with an error."
NOT_FHIR = "The hospital's system sent an answer that is not readable as FHIR."

# The fault, the status, the heading, the sentence, whether trying again is offered, the kind in the audit trail.
REFUSALS = (
    ("unauthorized", 401, "The sign-in has ended", ENDED, False, "SignInEnded"),
    ("forbidden", 403, "Imaging is not permitted for this chart", NOT_PERMITTED, False, "NotAllowed"),
    ("not-found", 502, FAILED, NO_STUDIES_THERE, False, "SourceWithoutStudies"),
    ("slow", 504, FAILED, NOT_IN_TIME, True, "SourceSlow"),
    ("error", 502, FAILED, AN_ERROR, True, "SourceFailed"),
    ("unavailable", 502, FAILED, AN_ERROR, True, "SourceFailed"),
    ("outcome", 502, FAILED, AN_ERROR, True, "SourceFailed"),
    ("html", 502, FAILED, NOT_FHIR, True, "SourceUnreadable"),
    ("truncated", 502, FAILED, NOT_FHIR, True, "SourceUnreadable"),
)


@pytest.mark.parametrize(("fault", "status", "heading", "sentence", "retry", "outcome"), REFUSALS)
def test_list_that_cannot_be_had_says_why_below_the_patients_line(
    user: EhrUser,
    trail: Trail,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    status: int,
    heading: str,
    sentence: str,
    retry: bool,
    outcome: str,
) -> None:
    page = user.opens_chart("ada", f"fault-{fault}")
    assert (page.status, page.heading) == (status, heading)
    assert sentence in page.text
    assert NOT_EMPTY in page.text
    assert page.patient.startswith("LINDQVIST, Ada")
    assert page.has_link("Try again") == retry
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)
    assert page.reference in caplog.text
    assert outcome in caplog.text
    assert [(r["action"], r["outcome"]) for r in trail.records] == [("sign-in", "success"), ("list", outcome)]


@pytest.mark.parametrize("fault", ["error", "unavailable", "outcome", "unauthorized", "forbidden", "not-found"])
def test_words_of_a_failing_ehr_do_not_stand_on_the_page(user: EhrUser, fault: str) -> None:
    page = user.opens_chart("ada", f"fault-{fault}")
    for words in ("search index", "being maintained", "rebuilt", "access token", "may not see", "not supported"):
        assert words not in page.html


def test_slow_ehr_is_waited_for_no_longer_than_the_settings_say(user: EhrUser) -> None:
    begun = time.monotonic()
    page = user.opens_chart("ada", "fault-slow")
    assert page.status == 504
    assert 2 <= time.monotonic() - begun < 5


@pytest.mark.parametrize("fault", ["second-page", "next-elsewhere", "next-same"])
def test_list_whose_later_page_fails_keeps_the_first_and_says_that_it_is_incomplete(
    user: EhrUser, trail: Trail, fault: str
) -> None:
    page = user.opens_chart("ada", f"fault-{fault}")
    assert page.status == 200
    assert [row.description for row in page.rows][:2] == ["US Abdomen", "Chest PA"]
    assert len(page.rows) == 5
    (notice,) = page.notices
    assert notice.startswith(
        f"Incomplete list. Fjordview EHR (fault: {fault}): {AN_ERROR} 5 studies were read before that"
    )
    assert "End of list" not in page.text
    assert page.patient.startswith("LINDQVIST, Ada")
    assert trail.records[-1]["studies"] == 5
    assert user.opens_images(page, "Chest PA").status == 200


def test_incomplete_list_is_asked_for_again_and_not_kept(user: EhrUser, overheard: Overheard) -> None:
    page = user.opens_chart("ada", "fault-second-page")
    before = len(overheard.asked)
    user.follows(page, "Try again")
    assert len(overheard.asked) > before
    between = len(overheard.asked)
    user.visits(page.url)
    assert len(overheard.asked) > between


def test_next_page_on_another_host_is_not_fetched_and_gets_no_token(user: EhrUser, overheard: Overheard) -> None:
    user.opens_chart("ada", "fault-next-elsewhere")
    assert not any("_offset" in asked for asked in overheard.asked)


def test_endless_list_is_ended_and_said_to_be_cut(user: EhrUser, overheard: Overheard) -> None:
    page = user.opens_chart("ada", "fault-endless-next")
    assert page.status == 200
    assert len(page.rows) == 5
    assert page.notices[0].startswith("Incomplete list.")
    assert "End of list" not in page.text
    assert sum("/ImagingStudy?" in asked for asked in overheard.asked) <= 52


def test_cut_list_tells_how_many_studies_stand_there(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-endless-next")
    counted = re.search(r"cut after ([\d,]+) studies", page.notices[0])
    assert counted
    assert int(counted[1].replace(",", "")) == len(page.rows)


def test_empty_page_in_the_middle_does_not_end_the_list(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-empty-page")
    assert [row.key != "" for row in page.rows] == [True] * 13
    assert not [words for words in page.notices if words.startswith("Incomplete")]


def test_studies_of_another_patient_are_left_out_and_counted(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-other-patient")
    (notice,) = [words for words in page.notices if words.startswith("Left out.")]
    said = re.match(r"Left out\. (\d+) studies of another patient came with the answer and are not shown\.", notice)
    assert said
    # Two of Cleo's, which this server repeats on each of its three pages.
    assert int(said[1]) in (2, 6)
    assert len(page.rows) == 13
    for words in ("CT head", "MR liver", "Ultrasound of the neck"):
        assert words not in page.html


def test_hostile_texts_are_rows_like_others_and_run_nothing(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-hostile")
    assert page.status == 200
    descriptions = [row.description for row in page.rows]
    assert TEXTS[0] in descriptions
    assert TEXTS[1] in descriptions
    assert TEXTS[2] in descriptions
    assert TEXTS[3] in descriptions
    assert not page.root.all("img")
    assert not page.root.all("b")
    assert not [link for link in page.root.all("a") if "javascript" in link["href"]]


def test_one_text_that_is_no_unicode_costs_no_more_than_its_own_record(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-hostile")
    assert not [words for words in page.notices if words.startswith("Incomplete")]
    assert len(page.rows) == 13


def test_control_and_bidirectional_characters_do_not_reach_the_page(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-hostile")
    assert not set(page.html) & set("\x00\x07\x1b\ud83d\u202e\u2028")


def test_uid_with_query_characters_is_no_uid_and_asks_no_viewer(user: EhrUser, overheard: Overheard) -> None:
    page = user.opens_chart("ada", "fault-hostile")
    # The last record of the server's first page of five has the UID "1.2.3&x=1#".
    row = page.rows[4]
    assert row.images == ""
    assert "no number by which a viewer could find" in row.obstacle
    refused = user.visits(f"{page.url}view/{row.key}")
    assert (refused.status, refused.heading) == (409, "This study cannot be opened")
    assert "x=1" not in page.html + refused.html
    assert not any("IHEInvokeImageDisplay" in asked for asked in overheard.asked)


def test_ehr_that_goes_down_while_the_chart_is_open_leaves_the_patients_line(tmp_path: Path) -> None:
    hospital_url, sightline_url = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    settings = tmp_path / "sightline.toml"
    settings.write_text(sightline_settings.toml(hospital_url, sightline_url, tmp_path))
    hospital = record_system(hospital_url, sightline_url, ())
    sightline = create_app(load(settings, sightline_settings.environment(tmp_path)))
    with ExitStack() as hospital_runs, served(sightline, sightline_url):
        hospital_runs.enter_context(served(hospital, hospital_url))
        user = EhrUser(Pair(hospital_url, sightline_url, tmp_path, hospital, sightline))
        page = user.opens_chart("ada")
        assert len(page.rows) == 2
        hospital_runs.close()
        down = user.visits(page.link("Refresh"))
        assert (down.status, down.heading) == (502, FAILED)
        assert "The hospital's system could not be reached." in down.text
        assert down.patient == page.patient
        with served(hospital, hospital_url):
            assert len(user.follows(down, "Try again").rows) == 2


def test_ehr_that_is_slow_once_has_the_list_a_moment_later(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(str)
    pair.hospital.config["SLOW_SECONDS"] = 2.5
    user = EhrUser(pair)
    slow = user.opens_chart("ada", "fault-slow")
    assert slow.status == 504
    pair.hospital.config["SLOW_SECONDS"] = 0
    page = user.follows(slow, "Try again")
    assert page.heading == "Imaging studies"
    assert len(page.rows) >= 5


def test_answer_larger_than_the_settings_allow_is_not_read(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: f"{toml}answer_megabytes = 1\n".replace('"sort", "summary"', ""))
    page = EhrUser(pair).opens_chart("max")
    assert page.notices[0].startswith("Incomplete list.")
    assert "sent more than Sightline may read at once" in page.text
    assert len(page.rows) == 50


def test_list_longer_than_the_settings_allow_is_cut_and_said_to_be(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: f"{toml}studies = 5\n")
    page = EhrUser(pair).opens_chart("ada", "fault-empty-page")
    assert page.notices[0].startswith("Incomplete list. It was cut after 5 studies; more exist at the source.")
    assert "End of list" not in page.text


def test_first_rows_of_a_long_list_leave_before_the_ehr_has_sent_the_rest(user: EhrUser) -> None:
    page = user.opens_chart("max")
    assert "Still loading." in page.html
    end = page.root.one("nav", "pages")
    assert end.text.startswith("Showing 1–50 of 500")
    assert "Still loading." not in user.visits(page.url).html
