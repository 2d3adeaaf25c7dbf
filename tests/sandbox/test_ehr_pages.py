"""The EHR's own pages, as a clinician and an integrator use them."""

import re
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.application import record_system
from sandbox.fhir.faults import FAULTS
from sandbox.patients import ADA, BEN, MINA, NORA
from sandbox.records import PatientRecord, StudyRecord
from sandbox.sightline_settings import EHRS, WITHOUT_LAUNCH, Ehr
from sandbox.words import age, day, full_name

HOSPITAL, SIGHTLINE = "http://hospital.test:9000", "http://sightline.test:8000"
PAGES = (
    "/",
    "/chart/ada",
    "/chart/ada/results",
    "/chart/ada/imaging",
    "/chart/ben",
    "/chart/mina/notes",
    "/chart/mina/results",
    "/chart/nora/imaging",
    "/side-by-side",
    "/chart-without-launch/ada",
    "/chart-without-launch/ben",
    "/audit",
)
CT = StudyRecord(
    "1.2.3.4", "ada", "A-1", started="2026-03-05T10:00:00+01:00", description="CT Chest", modalities=("CT",)
)


@pytest.fixture(scope="module")
def app() -> Flask:
    return record_system(HOSPITAL, SIGHTLINE, [CT])


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def frames(page: str) -> list[str]:
    return [source.replace("&amp;", "&") for source in re.findall(r'<iframe[^>]* src="([^"]+)"', page)]


def test_patient_list_names_everybody_with_birth_sex_and_number(browser: FlaskClient) -> None:
    page = browser.get("/").text

    for words in (
        "LINDQVIST, Ada (Dr)",
        "14-Jul-1951",
        "Female",
        "SB-1001",
        "D&#39;ÉTÉ-NAKAMURA, Mina",
        'href="/chart/max"',
    ):
        assert words in page


def test_chart_shows_whose_it_is_on_every_tab(browser: FlaskClient) -> None:
    for tab in ("", "/summary", "/results", "/imaging", "/notes"):
        page = browser.get(f"/chart/ada{tab}").text
        assert "LINDQVIST, Ada (Dr)" in page, tab
        assert "SB-1001" in page, tab


def test_banner_and_list_say_that_nora_has_died_and_how_old_she_became(browser: FlaskClient) -> None:
    chart = browser.get("/chart/nora").text

    assert "21-May-1938 (87 y)" in chart
    assert re.search(r"<dt>Died</dt><dd>03-Feb-2026</dd>", chart)
    assert "Died 03-Feb-2026" in browser.get("/").text
    assert "<dt>Died" not in browser.get("/chart/ada").text


@pytest.mark.parametrize(("patient", "said"), [("max", True), ("nora", True), ("ada", False), ("ben", False)])
def test_imaging_tab_says_where_no_study_has_pictures(browser: FlaskClient, patient: str, said: bool) -> None:
    assert ("studies have no pictures in this archive." in browser.get(f"/chart/{patient}/imaging").text) == said


@pytest.mark.parametrize("name", ["r4", "dstu1", "fault-error", "r4-refusing"])
def test_set_up_is_named_where_its_panel_is_closed(browser: FlaskClient, name: str) -> None:
    page = browser.get(f"/chart/ada/imaging?ehr={name}").text

    assert f"<summary>Set-up: {EHRS[name].sentence}</summary>" in page
    assert '<details class="bench">' in page


def test_summary_shows_reports_with_their_state(browser: FlaskClient) -> None:
    page = browser.get("/chart/ada").text

    assert "CT Chest" in page
    assert "Preliminary" in page


def test_imaging_tab_launches_sightline_in_a_frame(browser: FlaskClient) -> None:
    page = browser.get("/chart/ada/imaging").text
    [source] = frames(page)
    asked = parse_qs(urlsplit(source).query)

    assert source.startswith(f"{SIGHTLINE}/launch?")
    assert asked["iss"] == [f"{HOSPITAL}/fhir/r4"]
    assert len(asked["launch"][0]) > 30
    assert 'allow="fullscreen"' in page
    assert "ada" not in asked["launch"][0]


def test_every_view_of_the_chart_is_a_launch_of_its_own(browser: FlaskClient) -> None:
    assert frames(browser.get("/chart/ada/imaging").text) != frames(browser.get("/chart/ada/imaging").text)


@pytest.mark.parametrize("name", EHRS)
def test_each_set_up_can_be_launched(browser: FlaskClient, name: str) -> None:
    answer = browser.get(f"/launch-only/ada?ehr={name}")

    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query)["iss"] == [HOSPITAL + EHRS[name].path]


def test_chosen_version_and_fault_decide_the_launch(browser: FlaskClient) -> None:
    version = frames(browser.get("/chart/ada/imaging?version=stu3&condition=").text)
    fault = frames(browser.get("/chart/ada/imaging?version=stu3&condition=fault-slow").text)

    assert "fhir%2Fstu3" in version[0]
    assert "fault%2Fslow%2Ffhir%2Fr4" in fault[0]


def test_every_fault_is_offered_in_words(browser: FlaskClient) -> None:
    page = browser.get("/chart/ada/imaging").text

    for fault in FAULTS.values():
        assert fault.sentence in page


def test_two_patients_stand_side_by_side_each_with_a_launch_of_its_own(browser: FlaskClient) -> None:
    page = browser.get("/side-by-side?left=ada&right=cleo").text
    left, right = frames(page)

    assert left != right
    assert "LINDQVIST, Ada (Dr)" in page
    assert "LINDQVIST, Cleo" in page


@pytest.mark.parametrize(
    "address", ["/chart/nobody", "/chart/ada/secrets", "/launch-only/ada?ehr=none", "/side-by-side?left=nobody"]
)
def test_what_does_not_exist_is_not_found(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_strict_about_what_they_load(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address)
    policy = answer.headers["Content-Security-Policy"]

    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert f"frame-src 'self' {SIGHTLINE}" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("address", PAGES)
def test_pages_have_nothing_inline_and_one_heading(browser: FlaskClient, address: str) -> None:
    page = browser.get(address).text

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert page.count("<h1") == 1
    assert "None" not in re.sub(r"None (recorded|known)|<option value=\"\">None", "", page)


@pytest.mark.parametrize("file", ["ehr.css", "theme.js", "width.js", "icon.svg"])
def test_what_pages_load_is_there(browser: FlaskClient, file: str) -> None:
    with browser.get(f"/static/ehr/{file}") as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-05", "05-Mar-2026"),
        ("2026-03-05T23:59:00-08:00", "05-Mar-2026"),
        ("2026-03", "Mar-2026"),
        ("2026", "2026"),
        ("", "Not recorded"),
    ],
)
def test_dates_are_written_as_precisely_as_they_are_known(text: str, words: str) -> None:
    assert day(text) == words


def test_names_and_ages_in_the_words_of_a_chart() -> None:
    assert full_name(ADA) == "LINDQVIST, Ada (Dr)"
    assert full_name(BEN) == "OKAFOR, Ben"
    assert age(ADA, date(2026, 7, 13)) == "74 y"
    assert age(ADA, date(2026, 7, 14)) == "75 y"
    assert age(MINA, date(2026, 7, 14)) == ""
    assert age(NORA, date(2026, 7, 14)) == age(NORA, date(2040, 1, 1)) == "87 y"
    assert age(PatientRecord("x", "x", "X", "Y"), date(2026, 7, 14)) == ""


def context_of(app: Flask, browser: FlaskClient, query: str) -> list[dict[str, Any]]:
    """What the launch from Ada's chart, with this query, says it is about."""
    location = browser.get(f"/launch-only/ada?{query}").location
    launched = app.extensions["grants"].take_launch(parse_qs(urlsplit(location).query)["launch"][0])
    return list(launched.fhir_context)


@pytest.mark.parametrize(
    ("by", "item"),
    [
        ("", {"reference": f"ImagingStudy/{CT.id}"}),
        ("&by=uid", {"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4"}, "type": "ImagingStudy"}),
        (
            "&by=accession",
            {"identifier": {"system": "https://fjordview.example/accession", "value": "A-1"}, "type": "ImagingStudy"},
        ),
    ],
)
def test_launch_may_be_about_one_study(app: Flask, browser: FlaskClient, by: str, item: dict[str, Any]) -> None:
    assert context_of(app, browser, f"study=1.2.3.4{by}") == [item]
    assert context_of(app, browser, "") == []
    assert browser.get("/launch-only/ada?study=9.9").status_code == 404


def test_report_leads_to_a_launch_that_is_about_its_study() -> None:
    app = record_system(HOSPITAL, SIGHTLINE, [replace(CT, uid=f"1.2.3.{n}", accession=f"A-{n}") for n in range(4)])
    browser = app.test_client()
    (link, *_) = re.findall(r'href="(/chart/ada/imaging\?study=[^"]+)">Open this study', browser.get("/chart/ada").text)
    (frame,) = frames(browser.get(link).text)
    launched = app.extensions["grants"].take_launch(parse_qs(urlsplit(frame).query)["launch"][0])

    study = app.extensions["hospital"].study(link.partition("study=")[2])
    assert launched.fhir_context == ({"reference": f"ImagingStudy/{study.id}"},)


@pytest.mark.parametrize("ehr", WITHOUT_LAUNCH, ids=lambda ehr: ehr.name)
def test_set_up_without_a_launch_leads_to_sightlines_own_sign_in_and_says_so(browser: FlaskClient, ehr: Ehr) -> None:
    page = browser.get(f"/chart/ada/imaging?ehr={ehr.name}").text

    assert frames(page) == [f"{SIGHTLINE}/sign-in/{ehr.name}"]
    assert f"<summary>Set-up: {ehr.sentence}</summary>" in page
    assert "This set-up does not launch" in page
    assert "This set-up does not launch" not in browser.get("/chart/ada/imaging").text


def test_chart_of_an_ehr_that_cannot_launch_asks_for_images_by_links_into_its_frame(browser: FlaskClient) -> None:
    page = browser.get("/chart-without-launch/ada?ehr=r4-backend").text
    links = [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+)" target="images"', page)]

    asked = [parse_qs(urlsplit(link).query) for link in links]
    mrn = "SB-1001^^^FJORDVIEW&2.16.840.1.113883.19.5&ISO"
    assert {link.split("?")[0] for link in links} == {f"{SIGHTLINE}/invoke/r4-backend/IHEInvokeImageDisplay"}
    assert [each["patientID"] for each in asked[:2]] == [[mrn], [mrn]]
    assert {"requestType": ["PATIENT"], "patientID": [mrn]} in asked
    assert page.count('target="images" referrerpolicy="origin"') == len(links)


@pytest.mark.parametrize("ehr", ["r4-bearer", "nobody"])
def test_ehr_that_may_not_ask_for_images_has_no_such_chart(browser: FlaskClient, ehr: str) -> None:
    assert browser.get(f"/chart-without-launch/ada?ehr={ehr}").status_code == 404
