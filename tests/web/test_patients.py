"""Looking a patient up: who is found, who is not, what is said of it, and whose chart opens. Cleo is never Ada."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Request, Response

from tests.conftest import Pair
from tests.ehr_user import Page
from tests.register_user import RegisterUser, hits, row_of
from tests.web.conftest import Overheard, Trail

Answering = Callable[..., list[Request]]
SEARCH = "/bearer/fhir/r4/Patient/_search"
ADA_LINE = "LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) Sex Female MRN SB-1001"
WAYS = ["r4-backend", "r4-bearer", "r4-basic", "r4-open"]


@pytest.fixture
def user(pair: Pair) -> RegisterUser:
    """A person whose browser has no cookie yet."""
    return RegisterUser(pair)


def record(**changes: Any) -> dict[str, Any]:
    ada = {
        "resourceType": "Patient",
        "id": "ada",
        "identifier": [{"type": {"text": "MRN"}, "value": "SB-1001"}],
        "name": [{"family": "Lindqvist", "given": ["Ada"], "prefix": ["Dr"]}],
        "gender": "female",
        "birthDate": "1951-07-14",
    }
    return ada | changes


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources], **more}


def searched(user: RegisterUser, **criteria: str) -> Page:
    return user.searches(user.signs_in(), **(criteria or {"family": "Lindqvist", "given": "Ada"}))


@pytest.mark.parametrize("way", WAYS)
def test_patient_is_looked_up_and_her_chart_opens(user: RegisterUser, way: str) -> None:
    found = user.searches(user.signs_in(way), identifier="SB-1001")
    assert (found.status, found.heading) == (200, "Find a patient")
    assert hits(found) == ["LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) Sex Female MRN SB-1001 Imaging"]
    chart = user.chooses(found, "SB-1001")
    assert (chart.status, chart.heading, chart.patient) == (200, "Imaging studies", ADA_LINE)
    assert len(chart.rows) == 13
    viewer = user.opens_images(chart, "MR brain")
    assert viewer.patient == ADA_LINE
    assert user.asks(viewer.frame).status_code == 303


def test_search_page_is_about_nobody_until_somebody_is_chosen(user: RegisterUser) -> None:
    page = user.signs_in()
    assert page.patient == ""
    assert "signed in as Dr Ingrid Nordahl" in page.text
    assert searched(user).patient == ""


def test_names_stand_in_no_address_and_in_no_log(
    user: RegisterUser, overheard: Overheard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        found = searched(user, family="Lindqvist", birth_date="1951-07-14")
        user.chooses(found, "SB-1001")
        user.searches(found, family="Lindqvist", given="*")
    assert found.url.endswith("/")
    assert "/bearer/fhir/r4/Patient/_search?" in overheard.asked
    own = "\n".join(record.getMessage() for record in caplog.records if record.name != "asyncio")
    for word in ("Lindqvist", "1951-07-14", "SB-1001"):
        assert not [asked for asked in overheard.asked if word in asked]
        assert word not in own


def test_trail_says_who_was_shown_to_whom_and_by_what_kinds_of_criteria(user: RegisterUser, trail: Trail) -> None:
    found = searched(user, family="Lindqvist", birth_date="1951-07-14")
    user.chooses(found, "SB-1001")
    signed_in, *shown, listed = trail.records
    assert (signed_in["action"], signed_in["user"]) == ("sign-in", "nordahl")
    assert [(each["action"], each["patient"], each["criteria"]) for each in shown] == [
        ("patient-search", "ada", "family birth_date"),
        ("patient-search", "ada-emergency", "family birth_date"),
    ]
    assert (listed["action"], listed["patient"], listed["user"]) == ("list", "ada", "nordahl")
    assert {each["sign_in"] for each in trail.records} == {signed_in["sign_in"]}
    assert all(word not in json.dumps(trail.records) for word in ("Lindqvist", "1951", "SB-", "Nordahl"))


def test_search_that_finds_nobody_and_one_that_fails_are_on_the_trail_too(
    user: RegisterUser, trail: Trail, ehr_answers: Answering
) -> None:
    searched(user, identifier="SB-9999")
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("patient-search", "success")
    assert "patient" not in trail.records[-1]
    ehr_answers(lambda _: Response(status=500), SEARCH)
    searched(user)
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("patient-search", "SourceFailed")


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({}, "The patient’s number, or at least two"),
        ({"family": "Lindqvist"}, "Write the patient’s number, or at least two"),
        ({"family": "L", "given": "Ada"}, "Write at least two letters of the family name."),
        ({"family": "Lindqvist", "birth_date": "14.07.1951"}, "Write the birth date as year-month-day"),
        ({"identifier": "%"}, "Write the number with its letters and digits."),
    ],
)
def test_register_is_not_leafed_through(
    user: RegisterUser, overheard: Overheard, trail: Trail, criteria: dict[str, str], words: str
) -> None:
    page = user.searches(user.signs_in(), **criteria)
    assert page.status == 400
    assert "Not searched." in page.notices[0]
    assert words in page.text
    assert not [asked for asked in overheard.asked if "Patient" in asked]
    assert "patient-search" not in [each["action"] for each in trail.records]


def test_what_was_typed_stands_there_again_and_is_escaped(user: RegisterUser) -> None:
    page = user.searches(user.signs_in(), family='<b>"&', given="Ada")
    [family] = page.root.all("input", name="family")
    assert family["value"] == '<b>"&'
    assert "<b>" not in page.html


def test_nobody_found_is_said_with_what_was_asked(user: RegisterUser) -> None:
    page = searched(user, family="Nobody", birth_date="1951-07-14")
    assert page.status == 200
    assert "No patient found: family name “Nobody”, birth date 1951-07-14" in page.headings
    assert "Check the spelling and the number" in page.text
    assert page.notices == []


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (Response(status=500), 502, "The hospital's system answered with an error."),
        (Response("<html>"), 502, "sent an answer that is not readable as FHIR."),
        (Response(status=401), 502, "The hospital's system does not let Sightline in."),
        (Response(status=403), 502, "The hospital's system does not let Sightline in."),
        ({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}, 502, "answered with an error."),
    ],
)
def test_failed_search_is_never_nobody(
    user: RegisterUser, ehr_answers: Answering, answer: Any, status: int, words: str
) -> None:
    ehr_answers(lambda _: answer, SEARCH)
    page = searched(user)
    assert page.status == status
    assert "The search failed" in page.headings
    assert words in page.text
    assert "This does not mean that there is no such patient." in page.text
    assert "No patient found" not in page.text
    assert re.fullmatch("[A-Z2-9]{8}", page.reference)
    assert hits(page) == []


@pytest.mark.parametrize(
    ("answer", "notice"),
    [
        (bundle("Ada"), "Not readable. 1 record could not be read and is not shown."),
        (bundle(total=3), "More patients fit. Only 0 are shown."),
        (bundle(record(birthDate="1979-03-30")), "Left out. 1 record does not fit what you asked for"),
        (
            bundle({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "East."}]}),
            "reported an error beside its answer; patients may be missing.",
        ),
    ],
)
def test_nobody_to_show_is_not_nobody_found_where_anything_is_missing(
    user: RegisterUser, ehr_answers: Answering, answer: dict[str, Any], notice: str
) -> None:
    ehr_answers(lambda _: answer, SEARCH)
    page = searched(user, family="Lindqvist", birth_date="1951-07-14")
    assert any(notice in words for words in page.notices)
    assert "The search is incomplete" in page.headings
    assert "No patient found" not in page.text


def test_twenty_at_most_are_shown_and_more_are_said(user: RegisterUser, ehr_answers: Answering) -> None:
    many = [record(id=f"p{n}", identifier=[{"value": f"N-{n:03}"}]) for n in range(21)]
    ehr_answers(lambda _: bundle(*many), SEARCH)
    page = searched(user)
    assert len(hits(page)) == 20
    assert "More patients fit. Only 20 are shown. Add the number or the birth date." in page.notices


def test_patients_of_one_name_are_pointed_out(user: RegisterUser) -> None:
    page = searched(user)
    assert any("Same name." in words for words in page.notices)
    assert not any(
        "Same name." in words for words in searched(user, family="Lindqvist", birth_date="1979-03-30").notices
    )


def test_deceased_patient_is_said_to_be(user: RegisterUser) -> None:
    page = searched(user, identifier="SB-1006")
    assert hits(page) == ["BREKKE, Nora Died 03-Feb-2026 04:10 Born 21-May-1938 Sex Female MRN SB-1006 Imaging"]
    assert "Died 03-Feb-2026" in user.chooses(page, "SB-1006").patient


def test_replaced_record_says_so_and_opens_the_one_that_holds(user: RegisterUser) -> None:
    page = searched(user)
    assert "This record was replaced by another, which is opened instead." in row_of(page, "SB-0417").text
    chart = user.chooses(page, "SB-0417")
    assert chart.patient == ADA_LINE


def test_replaced_record_that_names_no_successor_cannot_be_opened(user: RegisterUser, ehr_answers: Answering) -> None:
    ehr_answers(lambda _: bundle(record(link=[{"type": "replaced-by", "other": {"display": "Ada"}}])), SEARCH)
    row = row_of(searched(user), "SB-1001")
    assert "search for that one" in row.text
    assert row.all("button") == []


def test_record_out_of_use_says_so(user: RegisterUser, ehr_answers: Answering) -> None:
    ehr_answers(lambda _: bundle(record(active=False)), SEARCH)
    assert "This record is marked as not in use." in row_of(searched(user), "SB-1001").text


def test_patient_who_cannot_be_told_apart_cannot_be_opened(user: RegisterUser, ehr_answers: Answering) -> None:
    ehr_answers(lambda _: bundle(record(identifier=[], birthDate="")), SEARCH)
    page = searched(user)
    [row] = page.root.one("table", "hits").one("tbody").all("tr")
    assert "Cannot be opened: neither birth date nor number tells who this is." in row.text
    assert row.all("button") == []


def test_words_of_a_record_are_words_on_the_page(user: RegisterUser, ehr_answers: Answering) -> None:
    ehr_answers(lambda _: bundle(record(name=[{"family": "<script>alert(1)</script>", "given": ["Ada"]}])), SEARCH)
    page = searched(user)
    assert "<script>alert" not in page.html.lower()
    assert "&lt;SCRIPT&gt;" in page.html


def test_only_who_was_shown_can_be_opened(user: RegisterUser, trail: Trail) -> None:
    found = searched(user)
    other = RegisterUser(user.pair)
    cleos = other.searches(other.signs_in(), identifier="SB-1003")
    for key in ("cleo", "ada", "", row_of(cleos, "SB-1003").one("button")["value"]):
        answer = user.asks_for_chart(found, key)
        assert answer.status_code == 409, key
        assert "This patient was not opened" in answer.text
    lists = [(each["outcome"], each["user"], each.get("patient")) for each in trail.records if each["action"] == "list"]
    assert lists == [("HitGone", "nordahl", None)] * 4


@pytest.mark.parametrize("path", ["", "chart"])
def test_who_comes_without_the_sign_ins_cookie_is_refused_and_recorded(
    user: RegisterUser, trail: Trail, path: str
) -> None:
    page, stranger = searched(user), RegisterUser(user.pair)
    answer = stranger.asks_for_chart(page, "ada") if path else stranger.asks(page.url)
    assert answer.status_code == 401
    refused = trail.records[-1]
    assert (refused["action"], refused["outcome"]) == ("patient-search", "SignInOver")
    assert refused["sign_in"] == trail.records[0]["sign_in"]
    assert "user" not in refused


def test_reference_of_a_search_and_of_a_choice_leads_to_the_registers_own_log(
    user: RegisterUser, trail: Trail, ehr_answers: Answering
) -> None:
    searches = ehr_answers(lambda _: None, SEARCH)
    found = searched(user, identifier="SB-1001")
    assert [asked.headers["X-Request-Id"] for asked in searches] == [trail.records[-1]["request"]]
    choices = ehr_answers(lambda _: Response(status=500), "/bearer/fhir/r4/Patient/ada")
    page = user.chooses(found, "SB-1001")
    assert {asked.headers["X-Request-Id"] for asked in choices} == {page.reference}


def test_hit_that_cannot_be_chosen_cannot_be_opened_by_its_key_either(
    user: RegisterUser, ehr_answers: Answering
) -> None:
    page = user.signs_in()
    key = row_of(user.searches(page, identifier="SB-1001"), "SB-1001").one("button")["value"]
    ehr_answers(lambda _: bundle(record(link=[{"type": "replaced-by", "other": {"display": "Ada"}}])), SEARCH)
    found = user.searches(page, identifier="SB-1001")
    assert row_of(found, "SB-1001").all("button") == []
    assert user.asks_for_chart(found, key).status_code == 409


def test_record_that_has_changed_since_it_was_shown_is_not_opened(
    user: RegisterUser, ehr_answers: Answering, trail: Trail
) -> None:
    ehr_answers(lambda _: bundle(record(birthDate="1951-07-15")), SEARCH)
    page = user.chooses(searched(user), "SB-1001")
    assert (page.status, page.heading) == (409, "This patient was not opened")
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("list", "HitGone")


def test_server_that_answers_with_another_patient_opens_nothing(
    user: RegisterUser, ehr_answers: Answering, trail: Trail
) -> None:
    found = searched(user)
    ehr_answers(lambda _: record(id="cleo"), "/bearer/fhir/r4/Patient/ada")
    page = user.chooses(found, "SB-1001")
    assert page.status == 502
    assert page.patient == ""
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("list", "SourceFailed")


def test_record_replaced_since_it_was_shown_is_not_opened(user: RegisterUser, ehr_answers: Answering) -> None:
    found = searched(user)
    replaced = record(link=[{"type": "replaced-by", "other": {"reference": "Patient/cleo"}}])
    ehr_answers(lambda _: replaced, "/bearer/fhir/r4/Patient/ada")
    page = user.chooses(found, "SB-1001")
    assert page.status == 409
    assert "another record of the same person has replaced it" in page.text


def test_successor_of_another_birth_date_is_not_opened(user: RegisterUser, ehr_answers: Answering) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/cleo"}}]
    ehr_answers(lambda _: bundle(record(id="old", link=link)), SEARCH)
    assert user.chooses(searched(user), "SB-1001").status == 409


@pytest.mark.parametrize(
    ("shown", "successor"),
    [
        ({"birthDate": None}, {"name": [{"text": "Zed Unrelated"}], "birthDate": None}),
        ({"birthDate": None}, {}),
        ({}, {"birthDate": None}),
        ({}, {"name": None}),
    ],
)
def test_successor_that_nothing_ties_to_who_was_shown_is_not_opened(
    user: RegisterUser, ehr_answers: Answering, shown: dict[str, Any], successor: dict[str, Any]
) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/new"}}]
    ehr_answers(lambda _: bundle(record(id="old", link=link, **shown)), SEARCH)
    ehr_answers(lambda _: record(id="new", **successor), "/bearer/fhir/r4/Patient/new")
    page = user.chooses(searched(user), "SB-1001")
    assert (page.status, page.patient) == (409, "")
    assert "another record of the same person has replaced it" in page.text


@pytest.mark.parametrize("where", ["/bearer/fhir/r4/ImagingStudy"])
def test_studies_of_another_patient_are_left_out_and_counted(
    user: RegisterUser, ehr_answers: Answering, where: str
) -> None:
    """The token opens everybody's records here: the study's own patient is the only wall."""
    own = user.pair.hospital.test_client()
    headers = {"Authorization": "Bearer sandbox-only-no-secret-either"}
    both = [
        entry
        for patient in ("ada", "cleo")
        for entry in own.get(f"{where}?patient={patient}&_count=100", headers=headers).get_json()["entry"]
    ]
    cleos = sum("Patient/cleo" in json.dumps(entry) for entry in both)
    assert cleos
    ehr_answers(lambda _: {"resourceType": "Bundle", "total": len(both), "entry": both}, where)
    chart = user.chooses(searched(user), "SB-1001")
    assert len(chart.rows) == 13
    assert any(f"Left out. {cleos} " in words for words in chart.notices)
    assert "CT head" not in [row.description for row in chart.rows]


def test_next_link_to_another_tenant_takes_no_permission_along(
    user: RegisterUser, ehr_answers: Answering, overheard: Overheard
) -> None:
    elsewhere = f"{user.pair.hospital_url}/fhir/r4/ImagingStudy?patient=cleo"
    ehr_answers(lambda _: bundle(link=[{"relation": "next", "url": elsewhere}]), "/bearer/fhir/r4/ImagingStudy")
    chart = user.chooses(searched(user), "SB-1001")
    assert any("Incomplete list." in words for words in chart.notices)
    assert not [asked for asked in overheard.asked if asked.startswith("/fhir/r4/ImagingStudy")]


def test_two_charts_of_one_sign_in_do_not_mix(user: RegisterUser) -> None:
    page = user.signs_in()
    adas = user.chooses(user.searches(page, identifier="SB-1001"), "SB-1001")
    back = user.follows(adas, "Another patient")
    assert (back.heading, back.patient, hits(back)) == ("Find a patient", "", [])
    cleos = user.chooses(user.searches(back, identifier="SB-1003"), "SB-1003")
    assert cleos.chart_id != adas.chart_id
    assert user.visits(adas.url).patient.startswith("LINDQVIST, Ada")
    assert user.visits(cleos.url).patient.startswith("LINDQVIST, Cleo")
    crossed = user.visits(f"{cleos.url}view/{adas.rows[0].key}")
    assert (crossed.status, crossed.heading) == (404, "This study is not in this chart")


def test_chart_that_was_launched_has_no_way_to_the_register(user: RegisterUser) -> None:
    assert not user.opens_chart("ada").has_link("Another patient")


def test_hits_do_not_stay_on_the_screen_of_somebody_who_has_left(user: RegisterUser) -> None:
    page = searched(user)
    assert re.search(r'<meta http-equiv="refresh" content="901; url=/u/[\w-]+/">', page.html)
    assert "http-equiv" not in user.signs_in().html


def test_address_without_its_slash_leads_to_the_search(user: RegisterUser) -> None:
    assert user.visits(user.signs_in().url.rstrip("/")).heading == "Find a patient"
