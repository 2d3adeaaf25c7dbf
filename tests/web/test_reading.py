"""A chart's list as it is read: what is asked and kept, what the trail says of it, and what may still be opened."""

from collections.abc import Callable
from threading import Event

import msgspec
import pytest
from flask import Request, Response, request_started

from sightline.store import sealing
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.searchset import imaging_study, searchset
from tests.web.arriving import Arriving
from tests.web.conftest import Overheard, Trail, keeping_the_rest_back

FAILED = "The imaging list could not be loaded"
Answers = Callable[..., list[Request]]


def searches(overheard: Overheard) -> int:
    return sum("/ImagingStudy?" in asked for asked in overheard.asked)


def assert_not_permitted(page: Page) -> None:
    assert (page.status, page.heading) == (403, "Imaging is not permitted for this chart")
    assert page.patient.startswith("LINDQVIST, Ada")
    assert not page.rows


def test_chart_without_permission_to_search_says_so_and_asks_nobody(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: toml.replace('"patient/ImagingStudy.read", ', ""))
    overheard = Overheard()
    with request_started.connected_to(overheard.hear, pair.hospital):
        user = EhrUser(pair)
        page = user.opens_chart("ada")
        assert_not_permitted(page)
        assert_not_permitted(user.visits(f"{page.url}?refresh=1"))
        assert_not_permitted(user.visits(f"{page.url}view/x"))
    assert any("/Patient/ada" in asked for asked in overheard.asked)
    assert searches(overheard) == 0


def test_chart_whose_token_has_run_out_for_good_says_so_and_asks_nobody(
    sightline_with: Callable[[Callable[[str], str]], Pair], clock_goes_on: Callable[[float], None]
) -> None:
    pair = sightline_with(lambda toml: toml.replace('"online_access", ', ""))
    overheard, user = Overheard(), EhrUser(pair)
    page = user.opens_chart("ada")
    trail = Trail(pair.data_folder)
    with request_started.connected_to(overheard.hear, pair.hospital):
        user.visits(f"{page.url}?refresh=1")
        for _ in range(5):
            clock_goes_on(13 * 60)
            user.asks(f"{page.url}ticket/none")
        for address in (page.url, page.row("MR brain").images):
            ended = user.visits(address)
            assert (ended.status, ended.heading) == (401, "The sign-in has ended")
            assert ended.patient == ""
    assert searches(overheard) == 1
    assert [record["outcome"] for record in trail.records if record["action"] == "list"] == ["success", "SignInEnded"]


@pytest.mark.parametrize("status", [401, 403])
def test_what_may_no_longer_be_asked_for_may_no_longer_be_opened(
    user: EhrUser, ehr_answers: Answers, status: int
) -> None:
    page = user.opens_chart("ada")
    images = page.row("MR brain").images
    assert user.visits(images).status == 200
    ehr_answers(lambda _: Response(status=status))
    assert user.follows(page, "Refresh").status == status
    refused = user.visits(images)
    assert refused.status == status
    assert not refused.root.all("iframe")


def test_list_that_fails_for_a_moment_does_not_take_away_what_was_read(user: EhrUser, ehr_answers: Answers) -> None:
    page = user.opens_chart("ada")
    ehr_answers(lambda _: Response(status=500))
    assert user.follows(page, "Refresh").status == 502
    assert user.opens_images(page, "MR brain").status == 200


def test_list_is_on_the_trail_before_its_first_row_leaves(user: EhrUser, trail: Trail, ehr_answers: Answers) -> None:
    page = user.opens_chart("max")
    before, rest = len(trail.records), Event()
    ehr_answers(keeping_the_rest_back(rest))
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        arriving.until(lambda text: "<tr id=" in text)
        (look,) = trail.records[before:]
    rest.set()
    assert (look["action"], look["outcome"], look["patient"], look["studies"]) == ("list", "success", "max", 50)


@pytest.mark.parametrize("fault", ["second-page", "next-elsewhere"])
def test_incomplete_list_is_on_the_trail_twice_and_its_reference_stands_in_the_log(
    user: EhrUser, trail: Trail, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    page = user.opens_chart("ada", f"fault-{fault}")
    looks = [record for record in trail.records if record["action"] == "list"]
    assert [(look["outcome"], look["studies"]) for look in looks] == [("success", 5), ("SourceFailed", 5)]
    assert f"Reference {page.reference} ." in page.notices[0]
    (noted,) = [record.getMessage() for record in caplog.records if page.reference in record.getMessage()]
    assert "incomplete list" in noted


def test_study_of_an_incomplete_list_opens_without_asking_again(user: EhrUser, overheard: Overheard) -> None:
    page = user.opens_chart("ada", "fault-second-page")
    once = searches(overheard)
    assert user.opens_images(page, "Chest PA").status == 200
    assert searches(overheard) == once


def test_study_that_an_incomplete_list_does_not_hold_is_not_said_to_be_none_of_the_chart(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-second-page")
    missing = user.visits(f"{page.url}view/{'0' * 24}")
    assert (missing.status, missing.heading) == (502, FAILED)
    assert "This does not mean that there are no images." in missing.text
    assert missing.patient == page.patient


def test_list_that_was_read_while_its_chart_was_closed_is_not_kept(user: EhrUser, ehr_answers: Answers) -> None:
    page, rest = user.opens_chart("max"), Event()
    ehr_answers(keeping_the_rest_back(rest))
    with Arriving(user, f"{page.url}?refresh=1") as arriving:
        arriving.until(lambda text: text.count("<tr id=") >= 40)
        assert user.presses(page, "Sign out").heading == "Signed out"
        rest.set()
        arriving.to_its_end()
    store = user.pair.sightline.extensions["sightline"].store
    assert [name for name in ("chart", "grant", "list") if store.get(f"{name}:{page.chart_id}")] == []


def put_in_place_of(user: EhrUser, page: Page, name: str, plain: bytes) -> None:
    """Writes a row of this chart as another build of Sightline would have: sealed well, of another form."""
    parts, place = user.pair.sightline.extensions["sightline"], f"{name}:{page.chart_id}"
    key = user.cookie("chart", f"/s/{page.chart_id}/")
    _, lives_until = parts.store.get(place)
    parts.store.put(place, sealing.seal(plain, parts.settings.secret_key, key, place), lives_until)


@pytest.mark.parametrize("plain", [b'{"ehr":"r4"}', b"[]", b"\xc1", b"{"])
def test_chart_of_another_build_is_closed(user: EhrUser, plain: bytes) -> None:
    page = user.opens_chart("ada")
    put_in_place_of(user, page, "chart", plain)
    closed = user.visits(page.url)
    assert (closed.status, closed.heading) == (401, "This imaging session has ended")


@pytest.mark.parametrize("plain", [msgspec.msgpack.encode({"sources": ["EHR"]}), b"\xc1", b"[]"])
def test_list_of_another_build_is_asked_anew(user: EhrUser, overheard: Overheard, plain: bytes) -> None:
    page = user.opens_chart("ada")
    once = searches(overheard)
    put_in_place_of(user, page, "list", plain)
    assert [row.key for row in user.visits(page.url).rows] == [row.key for row in page.rows]
    assert searches(overheard) == 2 * once
    put_in_place_of(user, page, "list", plain)
    assert user.opens_images(page, "MR brain").status == 200


def test_list_that_came_whole_is_kept_for_a_minute_although_something_was_left_out(
    user: EhrUser, ehr_answers: Answers
) -> None:
    asked = ehr_answers(lambda _: searchset(imaging_study("1.2.840.1"), imaging_study("1.2.840.2", "cleo")))
    page = user.opens_chart("ada")
    assert len(user.visits(page.url).rows) == 1
    assert len(asked) == 1
