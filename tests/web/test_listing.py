"""What the list page says when the EHR does not answer as it should: which fault, what may be missing, what to do."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Request, Response

from app import create_app
from sandbox import sightline_settings
from sandbox.application import record_system
from sandbox.fhir.hostile import TEXTS
from sightline import modality
from sightline.settings import load
from tests.conftest import Pair, free_ports, served
from tests.ehr_user import EhrUser, Page
from tests.html_page import read
from tests.searchset import imaging_study, outcome, searchset
from tests.web.arriving import Arriving
from tests.web.conftest import Overheard, Trail, keeping_the_rest_back

Answers = Callable[..., list[Request]]

FAILED = "The imaging list could not be loaded"
NOT_EMPTY = "This does not mean that there are no images."

ENDED = "The EHR no longer accepts this chart's sign-in."
NOT_PERMITTED = "You are signed in, but this chart did not give permission to see imaging."
NOT_IN_TIME = "The hospital's system did not answer in time."
AN_ERROR = "The hospital's system answered with an error."
NOT_FHIR = "The hospital's system sent an answer that is not readable as FHIR."

# The fault, the status, the heading, the sentence, whether trying again is offered, the kind in the audit trail.
REFUSALS = (
    ("unauthorized", 401, "The sign-in has ended", ENDED, False, "SignInEnded"),
    ("forbidden", 403, "Imaging is not permitted for this chart", NOT_PERMITTED, False, "NotAllowed"),
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
    assert page.patient.startswith("LINDQVIST, Ada") == (outcome != "SignInEnded")
    assert page.has_link("Try again") == retry
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)
    assert page.reference in caplog.text
    assert outcome in caplog.text
    assert [(r["action"], r["outcome"]) for r in trail.records] == [("sign-in", "success"), ("list", outcome)]


@pytest.mark.parametrize("fault", ["error", "unavailable", "outcome", "unauthorized", "forbidden"])
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
    counted = re.search(
        r"Sightline stopped reading after ([\d,]+) studies; more may exist at the source", page.notices[0]
    )
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


def test_list_of_an_ehr_that_hangs_is_refused_to_more_than_it_has_places_for(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    """The sandbox's EHRs share one origin, so that one that hangs takes the place of all."""
    pair = sightline_with(
        lambda toml: toml.replace("answer_seconds = 2", "answer_seconds = 9") + "[outbound]\nin_flight = 1\n"
    )
    pair.hospital.config["SLOW_SECONDS"] = 3
    user = EhrUser(pair)
    page, address = user.opens_chart("ada"), user.launch_address("ada", "r5")
    with ThreadPoolExecutor(1) as somebody:
        slow = somebody.submit(EhrUser(pair).opens_chart, "ada", "fault-slow")
        time.sleep(1.5)
        refused, launch = user.follows(page, "Refresh"), EhrUser(pair).visits(address)

        assert (refused.status, refused.heading, refused.headers["Retry-After"]) == (503, FAILED, "5")
        assert NOT_EMPTY in refused.text
        assert refused.has_link("Try again")
        assert (launch.status, launch.headers["Retry-After"]) == (503, "5")
        assert user.visits("/").status == 200
        assert slow.result().status == 200
    assert user.follows(refused, "Try again").status == 200


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


def test_answer_larger_than_the_settings_allow_is_asked_for_in_smaller_ones_and_nothing_is_lost(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: f"{toml}answer_megabytes = 1\n".replace('"sort", "summary"', ""))
    page = EhrUser(pair).opens_chart("max")
    assert page.heading == "Imaging studies"
    assert "Showing 1–50 of 500" in page.text


def test_list_longer_than_the_settings_allow_is_cut_and_said_to_be(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: f"{toml}studies = 5\n")
    page = EhrUser(pair).opens_chart("ada", "fault-empty-page")
    assert page.notices[0].startswith("Incomplete list. Sightline stopped reading after 5 studies; more may exist")
    assert_incomplete(page)


def assert_incomplete(page: Page) -> None:
    assert page.heading == "Imaging studies incomplete"
    assert "No imaging studies found" not in page.text
    assert "End of list" not in page.text
    assert page.rows == [] or "The list is incomplete." in page.root.one("nav", "pages").text


UNREADABLE = {"resourceType": "ImagingStudy"}
CLEOS = imaging_study("1.2.840.2", "cleo")
NOBODYS = {**imaging_study("1.2.840.3"), "subject": None}

# What came beside Ada's own studies, what else the Bundle says, and the words that the page has for it.
DOUBTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    "another patient's study": ([CLEOS], {}, "Left out. 1 study of another patient came with the answer"),
    "a study of nobody": ([NOBODYS], {}, "Left out. 1 study does not say clearly whose it is, and is not shown."),
    "an unreadable record": ([UNREADABLE], {}, "Not readable. 1 record could not be read and is not shown."),
    "a larger total": (
        [],
        {"total": 77},
        "Incomplete list. Fjordview EHR (FHIR R4) speaks of 77 studies, but sent fewer.",
    ),
    "a larger totalResults": ([], {"totalResults": 1077}, "speaks of 1,077 studies, but sent fewer."),
    "an error": ([outcome("error")], {}, "(FHIR R4) reported an error beside its answer; studies may be missing."),
    "a fatal error": ([outcome("fatal")], {}, "reported an error beside its answer"),
    "a next page without address": ([], {"link": [{"relation": "next"}]}, "reported an error beside its answer"),
}


@pytest.mark.parametrize("own", [[], [imaging_study("1.2.840.1")]], ids=["no study", "one study"])
@pytest.mark.parametrize(("beside", "more", "words"), DOUBTS.values(), ids=DOUBTS)
def test_list_of_which_something_may_be_missing_is_never_shown_as_whole_or_empty(
    user: EhrUser, ehr_answers: Answers, own: list[Any], beside: list[Any], more: dict[str, Any], words: str
) -> None:
    ehr_answers(lambda _: searchset(*own, *beside, **more))
    page = user.opens_chart("ada")
    assert_incomplete(page)
    assert words in page.notices[0]
    assert len(page.rows) == len(own)
    assert own or page.headings[1] == "The list is incomplete"


def test_failure_after_an_empty_first_page_is_not_shown_as_no_studies(user: EhrUser, ehr_answers: Answers) -> None:
    broken = Response(status=500)
    ehr_answers(lambda request: searchset(next_url="?x") if request.args.get("_count") == "50" else broken)
    page = user.opens_chart("ada")
    assert_incomplete(page)
    assert page.headings[1] == "The list is incomplete"
    assert page.notices[0].startswith(f"Incomplete list. Fjordview EHR (FHIR R4): {AN_ERROR} 0 studies were read")


@pytest.mark.parametrize(
    "said",
    [
        {"total": 1},
        {"total": 0},
        {"entry": [{"resource": imaging_study("1.2.840.1")}, {"deleted": "2014-01-01", "id": "x"}]},
        {"link": {"relation": "self", "url": "x"}},
    ],
    ids=str,
)
def test_list_of_which_nothing_is_missing_is_shown_with_its_end(
    user: EhrUser, ehr_answers: Answers, said: dict[str, Any]
) -> None:
    ehr_answers(lambda _: {**searchset(imaging_study("1.2.840.1")), **said})
    ehr_answers(lambda _: searchset(), "/fhir/r4/DiagnosticReport")
    page = user.opens_chart("ada")
    assert page.heading == "Imaging studies"
    assert not page.notices[1:]  # the study has no date
    assert "Showing 1–1 of 1 – newest first. End of list." in page.text


def test_ten_warnings_of_the_ehr_are_shown_and_no_more(user: EhrUser, ehr_answers: Answers) -> None:
    warnings = [outcome("warning", words=f"Archive {number} is slow") for number in range(12)]
    ehr_answers(lambda _: searchset(*warnings))
    said = [words for words in user.opens_chart("ada").notices if "says:" in words]
    assert said == [f"Fjordview EHR (FHIR R4) says: Archive {number} is slow" for number in range(10)]


def test_very_long_text_is_cut(user: EhrUser, ehr_answers: Answers) -> None:
    ehr_answers(lambda _: searchset(imaging_study("1.2.840.1", description="x" * 100_000)))
    assert user.opens_chart("ada").rows[0].description == "x" * 4096


def test_words_of_a_failing_ehr_do_not_reach_the_log(
    user: EhrUser, ehr_answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps(outcome(code="forbidden", words="LINDQVIST, Ada is not permitted"))
    ehr_answers(lambda _: Response(body, 403, mimetype="application/fhir+json"))
    page = user.opens_chart("ada")
    assert page.status == 403
    assert "HTTP 403: error/forbidden" in caplog.text
    assert "is not permitted" not in caplog.text


def test_study_that_another_patients_record_names_too_says_so_and_is_not_opened(
    user: EhrUser, ehr_answers: Answers
) -> None:
    uncontested = imaging_study("1.2.840.2", description="Not contested")
    contested = imaging_study("1.2.840.1", description="Contested")
    ehr_answers(lambda _: searchset(contested, uncontested, imaging_study("1.2.840.1", "cleo")))
    page = user.opens_chart("ada")
    row = page.row("Contested")
    assert row.details == ("Another patient's record names the same study, so it is not opened from here.",)
    assert (row.images, row.obstacle) == ("", "Another patient's record names the same study.")
    assert page.row("Not contested").details == ()
    refused = user.visits(f"{page.url}view/{row.key}")
    assert (refused.status, refused.heading) == (409, "This study cannot be opened")


def test_first_rows_of_a_long_list_are_there_before_the_ehr_has_sent_the_rest(
    user: EhrUser, ehr_answers: Answers
) -> None:
    page, rest = user.opens_chart("max"), Event()
    ehr_answers(keeping_the_rest_back(rest))
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        begun = arriving.until(lambda text: text.count("<tr id=") >= 40)
        assert "Still loading." in begun
        assert all(f"<option>{words}</option>" in begun for words in set(modality.WORDS.values()))
        assert "Showing" not in begun
        rest.set()
        whole = read(arriving.to_its_end())
    assert whole.one("nav", "pages").text.startswith("Showing 1–50 of 500 – newest first")
    assert [row["id"] for row in whole.one("table", "studies").all("tr") if row["id"]] == [row.key for row in page.rows]
    assert "Still loading." not in user.visits(page.url).html


def test_list_that_breaks_off_after_its_first_rows_have_left_says_that_it_is_incomplete(
    user: EhrUser, ehr_answers: Answers
) -> None:
    page, rest = user.opens_chart("max"), Event()
    ehr_answers(
        keeping_the_rest_back(rest, Response([b'{"resourceType":"Bundle"'], headers={"Content-Length": "99999"}))
    )
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        arriving.until(lambda text: text.count("<tr id=") >= 40)
        rest.set()
        whole = read(arriving.to_its_end())
    (notice,) = whole.one("div", "late").all("p", "notice")
    assert notice.text.startswith(
        "Incomplete list. Fjordview EHR (FHIR R4): The hospital's system could not be reached. 50 studies were read"
    )
    assert whole.one("nav", "pages").text == "Showing 1–50 of 50 – newest first. The list is incomplete."
