"""How a chart ends: by itself, said before; or signed out, for every window at once, with nothing of it left."""

import re
import time
from collections.abc import Callable

import apsw
import pytest

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.register_user import RegisterUser
from tests.web.conftest import Overheard, Trail
from tests.web.test_charts import HOURS_8, IDLE, assert_closed

ENDING = re.compile(r'<meta http-equiv="refresh" content="(\d+)(?:; url=([^"]+))?">')


def time_left(user: EhrUser, page: Page) -> dict[str, float]:
    found: dict[str, float] = user.asks(f"{page.url}time-left").json()
    return found


def rows_of(pair: Pair, chart_id: str) -> list[str]:
    connection = apsw.Connection(str(pair.data_folder / "charts.sqlite"))
    keys = [key for (key,) in connection.execute("SELECT key FROM row") if chart_id in key]
    connection.close()
    return sorted(key.partition(":")[0].partition("-")[0] for key in keys)


def test_page_knows_how_long_its_chart_lives(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    watch = page.root.one("div", "ending")
    assert IDLE - 10 < float(watch["data-seconds"]) <= IDLE
    assert watch["data-warning-seconds"] == "60.0"
    assert watch["data-time-left"] == f"/s/{page.chart_id}/time-left"


def test_question_for_the_time_left_prolongs_nothing(user: EhrUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.opens_chart("ada")
    clock_goes_on(IDLE - 100)
    for _ in range(2):
        answer = user.asks(f"{page.url}time-left")
        assert 80 < answer.json()["seconds"] <= 100
        assert answer.json()["may_stay"] is True
        assert "Set-Cookie" not in answer.headers
    clock_goes_on(101)
    assert user.asks(f"{page.url}time-left").status_code == 401


def test_page_of_patients_found_asks_how_long_its_sign_in_lives_and_prolongs_nothing(
    pair: Pair, clock_goes_on: Callable[[float], None]
) -> None:
    person = RegisterUser(pair)
    found = person.searches(person.signs_in(), identifier="SB-1001")
    watch = found.root.one("div", "ending")
    clock_goes_on(IDLE - 100)
    for _ in range(2):
        answer = person.asks(watch["data-time-left"])
        assert 80 < answer.json()["seconds"] <= 100
        assert "Set-Cookie" not in answer.headers
    clock_goes_on(101)
    assert person.asks(watch["data-time-left"]).status_code == 401


def test_whoever_stays_at_the_patients_found_stays_signed_in(
    pair: Pair, clock_goes_on: Callable[[float], None]
) -> None:
    person = RegisterUser(pair)
    found = person.searches(person.signs_in(), identifier="SB-1001")
    clock_goes_on(IDLE - 30)
    answer = person.sends(found, "Stay signed in")
    assert answer.status_code == 303
    clock_goes_on(IDLE - 30)
    assert person.visits(answer.headers["Location"]).status == 200


def test_whoever_stays_has_the_whole_idle_time_again(user: EhrUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.opens_chart("ada")
    clock_goes_on(IDLE - 30)
    asked = user.visits(f"{page.url}still-there")
    back = user.presses(asked, "Stay signed in")
    assert (back.url, back.patient) == (page.url, page.patient)
    assert IDLE - 10 < time_left(user, page)["seconds"] <= IDLE
    clock_goes_on(IDLE - 30)
    assert user.visits(page.url).status == 200


def test_answer_to_staying_keeps_the_browsers_key_as_long(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    answer = user.sends(user.visits(f"{page.url}still-there"), "Stay signed in")
    assert answer.status_code == 303
    assert "Max-Age=900" in answer.headers["Set-Cookie"]


def test_page_without_javascript_gives_way_to_a_question_a_minute_before_the_end(
    user: EhrUser, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    for shown in (page, user.opens_images(page, "MR brain"), user.visits(f"{page.url}view/none")):
        within, _, _ = shown.html.partition("</noscript>")
        seconds, address = ENDING.findall(within.partition("<noscript>")[2])[0]
        assert IDLE - 75 < int(seconds) <= IDLE - 60
        assert address == f"/s/{page.chart_id}/still-there"
    clock_goes_on(IDLE - 60)
    asked = user.visits(address)
    assert (asked.status, asked.heading, asked.patient) == (200, "Are you still there?", "")
    assert "LINDQVIST" not in asked.html
    ((seconds, address),) = ENDING.findall(asked.html)
    assert int(seconds) <= 61
    assert address == ""
    clock_goes_on(62)
    assert_closed(user.visits(asked.url))


def test_page_of_no_chart_waits_for_no_end(user: EhrUser) -> None:
    for page in (user.visits("/"), user.visits("/signed-out"), user.visits("/s/nobodys/")):
        assert not ENDING.search(page.html)
        assert not page.root.all("div", "ending")


def test_chart_at_its_absolute_end_offers_no_staying(user: EhrUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.opens_chart("ada")
    steps, step = divmod(HOURS_8 - 60, 14 * 60)
    for seconds in [14 * 60] * steps + [step]:
        clock_goes_on(seconds)
        user.visits(f"{page.url}view/none")
    left = time_left(user, page)
    assert left["may_stay"] is False
    assert 30 < left["seconds"] <= 60
    asked = user.visits(f"{page.url}still-there")
    assert "It cannot be prolonged." in asked.text
    assert not asked.root.all("button")


def test_sign_out_ends_the_chart_for_everybody_and_says_so(user: EhrUser, trail: Trail, overheard: Overheard) -> None:
    page = user.opens_chart("ada")
    viewer = user.opens_images(page, "MR brain")
    new_tab = viewer.link("Open in new tab")
    key = user.cookie("chart", f"/s/{page.chart_id}/")
    out = user.presses(viewer, "Sign out")
    assert (out.status, out.heading, out.patient) == (200, "Signed out", "")
    assert out.url == f"{user.pair.sightline_url}/signed-out"
    assert "Open imaging again from the patient's chart." in out.text
    assert page.chart_id not in out.html
    assert "/auth/revoke?" in overheard.asked
    # With the key in hand: it is the chart that ended, not only the browser's memory of it.
    user.browser.cookies.set("chart", key, domain="127.0.0.1", path=f"/s/{page.chart_id}/")
    for address in (page.url, viewer.url, viewer.frame, f"{page.url}still-there"):
        assert_closed(user.visits(address))
    assert user.visits(new_tab).status == 410
    (record,) = [record for record in trail.records if record["action"] == "sign-out"]
    assert (record["outcome"], record["patient"]) == ("success", "ada")
    assert record["chart"] == trail.records[0]["chart"]


def test_sign_out_takes_the_key_from_the_browser(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    answer = user.sends(page, "Sign out")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/signed-out"
    gone = rf"chart=; Expires=.*; Max-Age=0; HttpOnly; Path=/s/{page.chart_id}/;"
    assert re.match(gone, answer.headers["Set-Cookie"])
    assert not [cookie for cookie in user.browser.cookies if cookie.name == "chart"]


def test_nothing_of_a_chart_is_left_in_the_store_after_sign_out_and_other_charts_stay(user: EhrUser) -> None:
    ada, ben = user.opens_chart("ada"), user.opens_chart("ben")
    user.opens_images(ada, "MR brain")
    user.follows(user.opens_images(ada, "CT chest with contrast"), "Nothing to see?")
    assert set(rows_of(user.pair, ada.chart_id)) == {"chart", "grant", "list", "endpoints", "reports", "tab", "ticket"}
    user.presses(ada, "Sign out")
    assert rows_of(user.pair, ada.chart_id) == []
    assert "chart" in rows_of(user.pair, ben.chart_id)
    assert user.visits(ben.url).patient == ben.patient


def test_second_sign_out_is_told_that_the_session_has_ended(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    user.presses(page, "Sign out")
    assert_closed(user.presses(page, "Sign out"))


@pytest.mark.parametrize("path", ["stay", "sign-out"])
def test_link_or_picture_of_another_page_ends_nothing(user: EhrUser, path: str) -> None:
    page = user.opens_chart("ada")
    assert user.asks(f"{page.url}{path}").status_code == 405
    assert user.visits(page.url).status == 200


def test_time_left_counts_down(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    first = time_left(user, page)["seconds"]
    time.sleep(0.05)
    assert time_left(user, page)["seconds"] < first
