"""The patient line: the same on every page with patient data, and honest about what is not known."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from sightline.patient import Patient
from sightline.web import identity as identity_lines
from sightline.web.identity import identity
from tests.conftest import Pair
from tests.ehr_user import EhrUser


@pytest.fixture
def in_sightline(pair: Pair) -> Iterator[None]:
    with pair.sightline.test_request_context():
        yield


def test_every_page_of_a_chart_has_the_same_patient_line(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    viewer = user.opens_images(page, "MR brain")
    refused = user.visits(f"{page.url}view/x")
    for other in (viewer, refused, user.visits(f"{page.url}?text=nothing")):
        assert other.patient == page.patient


def test_line_stands_before_everything_else_and_is_labelled(user: EhrUser) -> None:
    body = user.opens_chart("ada").root.one("body")
    first = next(element for element in body.all() if "skip" not in element.classes)
    assert (first.tag, first["aria-label"]) == ("header", "Patient")


@pytest.mark.parametrize(
    ("patient", "line"),
    [
        ("ada", "LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) MRN SB-1001"),
        ("nora", "BREKKE, Nora Born 21-May-1938 MRN SB-1006 Died 03-Feb-2026 04:10"),
    ],
)
def test_line_is_shorter_but_never_gone_where_the_ehr_shows_a_banner_of_its_own(
    user: EhrUser, patient: str, line: str
) -> None:
    chart = user.browser.get(f"{user.pair.hospital_url}/chart/{patient}/imaging", timeout=10).text
    launch = chart.split('data-app-frame src="')[1].split('"')[0].replace("&amp;", "&")
    page = user.visits(launch)
    assert page.patient == line
    assert "identity-compact" in page.root.one("header", "identity").classes
    assert "identity-compact" not in user.opens_chart(patient).root.one("header", "identity").classes


def test_year_of_birth_alone_makes_no_day_and_no_age(user: EhrUser) -> None:
    assert user.opens_chart("mina").patient.startswith("D'ÉTÉ-NAKAMURA, Mina Born 1990 Sex Other")


def test_birth_date_that_is_missing_is_said_to_be(user: EhrUser, in_sightline: None) -> None:
    line = identity(Patient(id="x", family="Doe", given="Jo"))
    assert line.born is None
    assert line.age == ""


def test_person_who_died_has_the_word_and_the_date_and_no_age(in_sightline: None) -> None:
    line = identity(Patient(id="x", family="Doe", birth_date="1930-01-01", deceased="2020-05-06"))
    assert line.died == "Died 06-May-2020"
    assert line.age == ""


def test_person_known_to_have_died_without_a_date_has_the_word(in_sightline: None) -> None:
    assert identity(Patient(id="x", family="Doe", birth_date="1930-01-01", deceased="yes")).died == "Died"


@pytest.mark.parametrize(
    ("birth_date", "age"),
    [("1951-11-23", "75y"), ("1951-11-24", "74y"), ("2026-11-23", "0y"), ("2027-01-01", ""), ("1951", ""), ("", "")],
)
def test_age_is_in_whole_years_on_the_day(
    monkeypatch: pytest.MonkeyPatch, in_sightline: None, birth_date: str, age: str
) -> None:
    class On23November(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime(2026, 11, 23, 12, tzinfo=tz)

    monkeypatch.setattr(identity_lines, "datetime", On23November)
    assert identity(Patient(id="x", family="Doe", birth_date=birth_date)).age == age
