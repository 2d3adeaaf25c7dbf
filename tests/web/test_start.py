"""The page of those who come without a chart."""

import requests

from tests.conftest import Pair
from tests.ehr_user import EhrUser


def test_somebody_without_a_chart_is_told_to_open_it_in_the_ehr(user: EhrUser) -> None:
    page = user.visits("/")
    assert page.status == 200
    assert page.heading == "Sightline"
    assert "open it from the patient's chart" in page.text
    assert page.patient == ""


def test_every_ehr_is_offered_for_a_sign_in_without_a_chart(user: EhrUser) -> None:
    page = user.visits("/")
    names = [link["href"] for link in page.root.one("ul", "ehrs").all("a")]
    assert "/launch/r4" in names
    assert len(names) == len(set(names)) == len(user.pair.sightline.extensions["sightline"].settings.ehrs)


def test_start_page_sets_no_cookie(pair: Pair) -> None:
    assert "Set-Cookie" not in requests.get(pair.sightline_url, timeout=10).headers


def test_sign_in_without_a_chart_lets_the_person_choose_the_patient(user: EhrUser) -> None:
    address = user.visits("/").link("Fjordview EHR (FHIR R4)")
    authorize = user.is_sent_to_sign_in(address).headers["Location"]
    picker = user.browser.get(authorize, timeout=10)
    asked = picker.text.split('name="asked" value="')[1].split('"')[0]
    answer = user.browser.post(
        f"{user.pair.hospital_url}/auth/patient",
        data={"asked": asked, "patient": "cleo"},
        allow_redirects=False,
        timeout=10,
    )
    page = user.visits(answer.headers["Location"])
    assert page.patient.startswith("LINDQVIST, Cleo")
    assert page.row("CT head").images
