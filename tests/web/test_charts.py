"""One chart, one patient, one browser: charts do not meet, end when they should, and live through a restart."""

from collections.abc import Callable

import apsw
import pytest
import requests

from app import create_app
from sandbox import sightline_settings
from sightline.settings import load
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page

IDLE, HOURS_8 = 15 * 60, 8 * 3600


def assert_closed(page: Page) -> None:
    assert (page.status, page.heading) == (401, "This imaging session has ended")
    assert "Open imaging again from the patient's chart." in page.text
    assert page.patient == ""
    assert not page.rows
    assert "Lindqvist" not in page.html.title()


def test_two_charts_of_one_browser_each_stay_their_patients(user: EhrUser) -> None:
    ada, cleo = user.opens_chart("ada"), user.opens_chart("cleo")
    for _ in range(2):
        assert user.visits(ada.url).patient == ada.patient
        assert user.visits(cleo.url).patient == cleo.patient
    assert user.opens_images(ada, "MR brain").patient == ada.patient
    assert user.opens_images(cleo, "CT head").patient == cleo.patient


def test_two_charts_of_two_ehrs_each_stay_their_ehrs(user: EhrUser) -> None:
    old, new = user.opens_chart("ada", "dstu2"), user.opens_chart("ada", "r5")
    assert "Fjordview EHR (FHIR DSTU2)" in user.visits(f"{old.url}?refresh=1").text
    assert "Fjordview EHR (FHIR R5)" in user.visits(f"{new.url}?refresh=1").text


def test_address_of_a_chart_opens_nothing_in_another_browser(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    assert_closed(EhrUser(user.pair).visits(page.url))


def test_cookie_of_one_chart_opens_no_other(user: EhrUser) -> None:
    ada, cleo = user.opens_chart("ada"), user.opens_chart("cleo")
    cleos_key = user.cookie("chart", f"/s/{cleo.chart_id}/")
    answer = requests.get(ada.url, cookies={"chart": cleos_key}, timeout=10)
    assert answer.status_code == 401
    assert "LINDQVIST" not in answer.text
    assert requests.get(cleo.url, cookies={"chart": cleos_key}, timeout=10).status_code == 200


@pytest.mark.parametrize("key", ["", "A" * 43, "%00", "é", "x" * 3000])
def test_cookie_that_nobody_gave_out_opens_nothing(user: EhrUser, key: str) -> None:
    page = user.opens_chart("ada")
    answer = requests.get(page.url, headers={"Cookie": f"chart={key}".encode()}, timeout=10)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["", "view/x", "ticket/x"])
def test_chart_that_never_was_is_said_to_have_ended(user: EhrUser, path: str) -> None:
    assert_closed(user.visits(f"/s/{'A' * 22}/{path}"))


def test_chart_id_and_key_are_never_taken_from_outside(user: EhrUser) -> None:
    user.browser.cookies.set("chart", "chosen-by-somebody-else", domain="127.0.0.1", path="/")
    page = user.opens_chart("ada")
    assert user.cookie("chart", f"/s/{page.chart_id}/") != "chosen-by-somebody-else"
    assert len(page.chart_id) >= 22


def test_row_of_one_chart_put_in_the_place_of_another_does_not_open(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(str))
    ada, cleo = user.opens_chart("ada"), user.opens_chart("cleo")
    rows = apsw.Connection(str(user.pair.data_folder / "charts.sqlite"))
    sealed = rows.execute("SELECT sealed FROM row WHERE key = ?", (f"chart:{ada.chart_id}",)).get
    rows.execute("UPDATE row SET sealed = ? WHERE key = ?", (sealed, f"chart:{cleo.chart_id}"))
    assert rows.changes() == 1
    rows.close()
    assert_closed(user.visits(cleo.url))
    assert user.visits(ada.url).patient == ada.patient


def test_chart_left_alone_ends_after_its_idle_time(user: EhrUser, clock_goes_on: Callable[[float], None]) -> None:
    page = user.opens_chart("ada")
    cookies = user.browser.cookies.get_dict(path=f"/s/{page.chart_id}/")
    clock_goes_on(IDLE - 10)
    assert requests.get(page.url, cookies=cookies, timeout=10).status_code == 200
    clock_goes_on(IDLE + 10)
    # With the cookie in hand: it is the chart that ended, not only the browser's memory of it.
    assert requests.get(page.url, cookies=cookies, timeout=10).status_code == 401
    assert_closed(user.visits(page.url))


def test_chart_in_use_stays_open_and_ends_after_eight_hours_all_the_same(
    user: EhrUser, clock_goes_on: Callable[[float], None]
) -> None:
    page = user.opens_chart("ada")
    steps, step = divmod(HOURS_8, 14 * 60)
    for _ in range(steps):
        clock_goes_on(14 * 60)
        assert user.visits(f"{page.url}ticket/none").status == 410
    clock_goes_on(step + 5)
    assert_closed(user.visits(page.url))


def test_chart_lives_through_a_restart_of_sightline(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    path = f"/s/{page.chart_id}/"
    folder = user.pair.data_folder
    again = create_app(load(folder / "sightline.toml", sightline_settings.environment(folder))).test_client()
    assert again.get(path).status_code == 401
    again.set_cookie("chart", user.cookie("chart", path), path=path)
    answer = again.get(f"{path}?refresh=1")
    assert answer.status_code == 200
    assert "LINDQVIST" in answer.text
    assert answer.text.count("<tr id=") == 13


def test_chart_does_not_open_under_another_server_secret(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    path = f"/s/{page.chart_id}/"
    folder = user.pair.data_folder
    environment = sightline_settings.environment(folder) | {"SIGHTLINE_SECRET_KEY": "another-secret-" * 4}
    thief = create_app(load(folder / "sightline.toml", environment)).test_client()
    thief.set_cookie("chart", user.cookie("chart", path), path=path)
    assert thief.get(path).status_code == 401


def test_chart_of_an_ehr_that_is_no_longer_configured_is_closed(user: EhrUser) -> None:
    page = user.opens_chart("ada", "r5")
    path, folder = f"/s/{page.chart_id}/", user.pair.data_folder
    toml = (folder / "sightline.toml").read_text()
    without_r5 = folder / "without-r5.toml"
    kept = "[[ehr]]\n".join(block for block in toml.split("[[ehr]]\n") if 'name = "r5"' not in block)
    without_r5.write_text(kept.replace(', "r5"', ""))
    later = create_app(load(without_r5, sightline_settings.environment(folder))).test_client()
    later.set_cookie("chart", user.cookie("chart", path), path=path)
    assert later.get(path).status_code == 401
