"""An EHR that cannot launch asks for images: whose they are, who may see them, what is refused. Cleo is never Ada."""

import json
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from flask import Request, Response

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.invoking_ehr import InvokingUser, address_of, of_patient, of_study
from tests.register_user import PORTER
from tests.web.conftest import Overheard, Trail

Answering = Callable[..., list[Request]]
ADA_LINE = "LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) Sex Female MRN SB-1001"
PATIENTS = "/open/fhir/r4/Patient/_search"
STUDIES = "/open/fhir/r4/ImagingStudy/_search"
CANNOT = "The images cannot be opened"
CONFIRM = "Open the images of this patient?"


@pytest.fixture
def user(pair: Pair) -> InvokingUser:
    """A person whose browser has no cookie yet."""
    return InvokingUser(pair)


def study_of(pair: Pair, patient: str, words: str) -> Any:
    """The hospital's own record of a study."""
    found = pair.hospital.extensions["hospital"].studies_of(patient)
    return next(study for study in found if words in (study.description or ""))


def patient_record(**changes: Any) -> dict[str, Any]:
    ada = {
        "resourceType": "Patient",
        "id": "ada",
        "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "SB-1001"}],
        "name": [{"family": "Lindqvist", "given": ["Ada"]}],
        "birthDate": "1951-07-14",
    }
    return ada | changes


def study_record(uid: str, subject: str | None) -> dict[str, Any]:
    identifier = [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]
    return {"resourceType": "ImagingStudy", "id": "s", "identifier": identifier, "subject": {"reference": subject}}


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources], **more}


def refused(page: Page, status: int, words: str) -> bool:
    """Whether the page says this and shows nobody."""
    return (page.status, page.heading, page.patient) == (status, CANNOT, "") and words in page.text


# Who is meant, and what opens.


@pytest.mark.parametrize("ehr", ["r4-backend", "r4-basic", "r4-open"])
def test_all_images_of_a_patient_are_her_list(user: InvokingUser, ehr: str) -> None:
    page = user.follows_link(ehr, **of_patient())
    assert (page.status, page.heading, page.patient) == (200, "Imaging studies", ADA_LINE)
    assert len(page.rows) == 13
    viewer = user.opens_images(page, "MR brain")
    assert (viewer.patient, user.asks(viewer.frame).status_code) == (ADA_LINE, 303)


@pytest.mark.parametrize("authority", ["FJORDVIEW", "&2.16.840.1.113883.19.5&ISO", "OTHER&2.16.840.1.113883.19.5&ISO"])
def test_authority_is_a_namespace_that_the_settings_know_or_an_oid(user: InvokingUser, authority: str) -> None:
    assert user.follows_link("r4-open", **of_patient(authority=authority)).patient == ADA_LINE


@pytest.mark.parametrize("named_by", ["uid", "accession"])
def test_study_opens_at_its_images(user: InvokingUser, named_by: str) -> None:
    study = study_of(user.pair, "ada", "CT chest with contrast")
    named = {"uid": {"studyUID": study.uid}, "accession": {"accessionNumber": study.accession}}[named_by]
    page = user.follows_link("r4-open", **of_study(**named))
    assert (page.patient, "CT chest with contrast" in page.heading) == (ADA_LINE, True)
    assert user.asks(page.frame).status_code == 303


def test_study_that_the_record_system_knows_by_accession_number_alone_opens_too(user: InvokingUser) -> None:
    studies = user.pair.hospital.extensions["hospital"].studies_of("ada")
    study = next(study for study in studies if study.has_pictures and not study.uid_in_fhir)
    page = user.follows_link("r4-open", **of_study(accessionNumber=study.accession))
    assert (page.status, page.patient) == (200, ADA_LINE)
    assert "Opened by its accession number" in page.text


def test_several_studies_of_one_patient_are_marked_in_her_list(user: InvokingUser) -> None:
    uids = [study_of(user.pair, "ada", words).uid for words in ("CT chest with contrast", "MR brain")]
    page = user.follows_link("r4-open", **of_study(studyUID=",".join([*uids, "1.2.3.4"])))
    marked = [row.description for row in page.rows if "The EHR asked for this study." in row.details]
    assert sorted(marked) == ["CT chest with contrast", "MR brain"]
    assert [notice for notice in page.notices if "Not found. The EHR asked for a certain study" in notice]


def test_part_of_the_studies_is_said_and_the_rest_is_one_click_away(user: InvokingUser) -> None:
    asked = of_patient(modalitiesInStudy="CT", mostRecentResults="2", upperDateTime="2026-12-31T00:00:00")
    page = user.follows_link("r4-open", **asked)
    assert len(page.rows) == 2
    assert "Shown: the newest 2, CT, until 31-Dec-2026 00:00. Not shown: 11 other studies of this patient." in page.text
    everything = user.follows(page, "Show all")
    assert len(everything.rows) == 13
    assert "CT" not in urlsplit(everything.url).query
    assert len(user.follows(everything, "Show that part").rows) == 2
    filtered = user.filters(everything, type="MRI")
    assert "not shown" not in filtered.text.casefold()
    assert len(user.follows(filtered, "Remove all filters").rows) == 13


def test_part_that_has_one_study_opens_at_its_images(user: InvokingUser) -> None:
    page = user.follows_link(
        "r4-open", **of_patient(modalitiesInStudy="US", mostRecentResults="1", upperDateTime="2026-06-30T00:00:00")
    )
    assert (page.patient, "Echocardiography" in page.heading) == (ADA_LINE, True)
    assert user.asks(page.frame).status_code == 303


def test_part_whose_one_study_has_no_images_is_a_list_that_says_so(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(mostRecentResults="1", modalitiesInStudy="MR"))
    assert [row.obstacle for row in page.rows] == ["No images were made."]


def test_part_with_nothing_in_it_is_never_no_images(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(upperDateTime="1960-01-01T00:00:00"))
    assert "Nothing of what the EHR asked for" in page.text
    assert "No imaging studies found" not in page.text
    assert len(user.follows(page, "Show all").rows) == 13


def test_zero_most_recent_is_all(user: InvokingUser) -> None:
    page = user.follows_link("r4-open", **of_patient(mostRecentResults="0"))
    assert len(page.rows) == 13
    assert "Not shown" not in page.text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"viewerType": "ACME_3D"}, "a viewer of type “ACME_3D”, not known here"),
        ({"patientName": "Okafor^Ben"}, "under another name. Check who this is."),
    ],
)
def test_what_is_not_done_is_said_on_the_list_and_above_the_images(
    user: InvokingUser, asked: dict[str, str], words: str
) -> None:
    page = user.follows_link("r4-open", **of_patient(**asked))
    assert words in page.text
    assert words in user.opens_images(page, "MR brain").text


def test_what_ihe_defines_and_the_right_name_need_no_word(user: InvokingUser) -> None:
    usual = {"viewerType": "IHE_BIR", "diagnosticQuality": "false", "keyImagesOnly": "false"}
    page = user.follows_link(
        "r4-open", **of_patient(patientName="Lindqvist^Ada", patientBirthDate="1951-07-14", **usual)
    )
    assert page.patient == ADA_LINE
    assert "The EHR asked for" not in page.text


# Who may see them.


def test_nobody_sees_anything_without_a_sign_in(user: InvokingUser, overheard: Overheard) -> None:
    answer = user.asks(address_of("r4-backend", **of_patient()))
    while answer.is_redirect and answer.headers["Location"].startswith("/"):
        answer = user.asks(answer.headers["Location"])
    assert answer.headers["Location"].startswith(f"{user.pair.hospital_url}/staff/")
    assert not [asked for asked in overheard.asked if "Patient" in asked or "ImagingStudy" in asked]


def test_who_lacks_the_hospitals_permission_sees_nothing(user: InvokingUser, trail: Trail) -> None:
    page = user.follows_link("r4-backend", PORTER, **of_patient())
    assert (page.status, page.heading, page.patient) == (403, "You may not look patients up here", "")
    assert [(each["action"], each["outcome"]) for each in trail.records] == [("sign-in", "NotEntitled")]


def test_patients_number_stands_in_no_address_log_row_or_cookie_after_the_first(
    user: InvokingUser, overheard: Overheard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        answer = user.comes_from(f"{user.pair.hospital_url}/", address_of("r4-backend", **of_patient()))
        addresses = [answer.headers["Location"]]
        while answer.is_redirect:
            location = onward(answer)
            addresses.append(location)
            at_provider = location.startswith(f"{user.pair.hospital_url}/staff/")
            answer = user.at_provider(location) if at_provider else user.asks(location)
    assert answer.status_code == 200
    kept = b"".join(file.read_bytes() for file in user.pair.data_folder.glob("charts.sqlite*"))
    own = "\n".join(record.getMessage() for record in caplog.records if record.name != "asyncio")
    for place in (*addresses, *overheard.asked, own, str(user.keys), kept.decode("latin-1")):
        assert "SB-1001" not in place


def onward(answer: requests.Response) -> str:
    """Where a redirect leads."""
    return urljoin(answer.url, answer.headers["Location"])


def test_link_that_is_not_the_ehrs_shows_first_whose_images_it_is_about(user: InvokingUser, trail: Trail) -> None:
    page = user.goes_to(address_of("r4-open", **of_patient()))
    assert (page.status, page.heading, page.rows) == (200, CONFIRM, [])
    assert "LINDQVIST, Ada (Dr) Born 14-Jul-1951 (75y) · Sex Female · MRN SB-1001" in page.text
    assert [each["action"] for each in trail.records] == ["sign-in", "patient-search"]
    chart = user.presses(page, "Open images")
    assert (chart.heading, chart.patient) == ("Imaging studies", ADA_LINE)


@pytest.mark.parametrize(
    "referer",
    ["https://evil.example/", "http://127.0.0.1.evil.example:9000/", "no address", "//x", "http://[", "http://a:b/"],
)
def test_link_of_another_page_is_not_vouched_for(user: InvokingUser, referer: str) -> None:
    assert user.goes_to(address_of("r4-open", **of_patient()), referer=referer).heading == CONFIRM


def test_hostile_page_cannot_press_the_button(user: InvokingUser) -> None:
    page = user.goes_to(address_of("r4-open", **of_patient()))
    answer = user.sends(page, "Open images", **{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert answer.status_code == 403
    address = urlsplit(page.url).path
    assert user.browser.post(f"{user.pair.sightline_url}{address}", {"patient": "x"}, timeout=30).status_code == 403


def test_confirmed_study_opens_at_its_images_too(user: InvokingUser) -> None:
    study = study_of(user.pair, "ada", "MR brain")
    page = user.goes_to(address_of("r4-open", **of_study(studyUID=study.uid)))
    assert page.heading == CONFIRM
    assert "MR brain" in user.presses(page, "Open images").heading


def test_only_who_was_shown_is_opened_by_the_button(user: InvokingUser) -> None:
    page = user.goes_to(address_of("r4-open", **of_patient()))
    token = page.root.all("input", name="csrf")[0]["value"]
    answer = user._sent(page.url, {"csrf": token, "patient": "0" * 24})
    assert answer.status_code == 409


def test_ticket_opens_once(user: InvokingUser) -> None:
    address = user.asks(address_of("r4-open", **of_patient())).headers["Location"]
    assert user.visits(address).heading == CONFIRM
    again = user.visits(address)
    assert refused(again, 400, "works once, for ten minutes")
    assert refused(user.visits("/invoke/begin/made-up"), 400, "works once, for ten minutes")


def test_sign_in_without_a_request_has_nothing_to_open(user: InvokingUser, trail: Trail) -> None:
    found = user.signs_in("r4-open")
    assert refused(user.visits(f"{found.url}asked-for"), 400, "was used or has expired")
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("patient-search", "InvocationUsedUp")


def test_another_browser_finds_nothing_at_the_sign_ins_address(user: InvokingUser) -> None:
    page = user.goes_to(address_of("r4-open", **of_patient()))
    assert EhrUser(user.pair).visits(page.url).status == 401


def test_launch_ticket_and_ours_do_not_open_each_others_door(user: InvokingUser) -> None:
    ours = user.asks(address_of("r4-open", **of_patient())).headers["Location"].rpartition("/")[2]
    launches = user.asks("/launch/r4").headers["Location"]
    fresh = InvokingUser(user.pair)
    theirs = fresh.asks("/launch/r4").headers["Location"].rpartition("/")[2]
    assert launches
    fresh.asks(f"/launch/window/{theirs}")
    assert fresh.asks(f"/invoke/begin/{theirs}").status_code == 400
    assert user.asks(f"/launch/begin/{ours}").status_code == 400


# What is refused.


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "requestType is STUDY or PATIENT"),
        ("requestType=SERIES&studyUID=1.2.3", "requestType is STUDY or PATIENT"),
        ("requestType=STUDY&studyUID=1.2.3&accessionNumber=A1", "either studyUID or accessionNumber"),
        ("requestType=STUDY", "either studyUID or accessionNumber"),
        ("requestType=STUDY&studyUID=1.2.3%00", "values are text, percent-encoded"),
        ("requestType=STUDY&studyUID=%E9", "values are text, percent-encoded"),
        ("requestType=STUDY&studyUID=1.2.3&Accessionnumber=A1", "names are spelled as RAD-106 spells them"),
        ("requestType=PATIENT&patientID=SB-1001", "carries one patientID with its assigning authority"),
        ("requestType=PATIENT&patientID=1^^^&1.2.3&ISO", "carries one patientID with its assigning authority"),
        (f"requestType=STUDY&studyUID={'1' * 3000}", "at most 50 studies in 3000 characters"),
    ],
)
def test_malformed_request_is_refused_by_its_rule_before_anybody_signs_in(
    user: InvokingUser, trail: Trail, query: str, words: str
) -> None:
    page = user.goes_to(f"/invoke/r4-open/IHEInvokeImageDisplay?{query}")
    assert refused(page, 400, words)
    assert page.headers["Cache-Control"] == "no-store"
    assert [(each["action"], each["outcome"]) for each in trail.records] == [("sign-in", "InvocationMalformed")]
    assert user.pair.hospital_url in page.headers["Content-Security-Policy"].partition("frame-ancestors")[2]
    assert "X-Frame-Options" not in page.headers


def test_bytes_that_are_no_text_are_refused(user: InvokingUser) -> None:
    client = user.pair.sightline.test_client()
    answer = client.get("/invoke/r4-open/IHEInvokeImageDisplay", environ_overrides={"QUERY_STRING": "requestType=\xe9"})
    assert answer.status_code == 400


def test_deviations_are_forgiven_to_the_ehr_that_is_known_for_them_only(user: InvokingUser) -> None:
    study = study_of(user.pair, "ada", "MR brain")
    french = {"studyUID": study.uid, "Accessionnumber": study.accession, "idCDA": "1.9"}
    assert "MR brain" in user.follows_link("r4-basic", **of_study(**french)).heading
    assert refused(user.follows_link("r4-open", **of_study(**french)), 400, "names are spelled")
    unescaped = "requestType=PATIENT&patientID=SB-1001^^^&2.16.840.1.113883.19.5&ISO&patientBirthDate=19510714"
    referer = f"{user.pair.hospital_url}/"
    assert user.goes_to(f"/invoke/r4-basic/IHEInvokeImageDisplay?{unescaped}", referer=referer).patient == ADA_LINE


def test_uid_and_accession_number_of_two_studies_open_neither(user: InvokingUser) -> None:
    one, other = (study_of(user.pair, "ada", words) for words in ("MR brain", "CT chest with contrast"))
    page = user.follows_link("r4-basic", **of_study(studyUID=one.uid, Accessionnumber=other.accession))
    assert refused(page, 409, "which are of two studies")


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        (of_patient("SB-9999"), 404, "knows no patient of the number"),
        (of_patient(authority="ELSEWHERE"), 404, "Whoever assigned the patient's number is not known here."),
        (of_study(studyUID="1.2.3.4"), 404, "knows no study of the number"),
        (of_study(accessionNumber="NONE"), 404, "knows no study of the number"),
    ],
)
def test_nothing_that_matches_is_said_and_never_taken_for_no_images(
    user: InvokingUser, trail: Trail, asked: dict[str, str], status: int, words: str
) -> None:
    page = user.follows_link("r4-open", **asked)
    assert refused(page, status, words)
    assert "This does not mean that there are no images." in page.text
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("patient-search", "NothingMatches")
    assert user.follows(page, "Find a patient").heading == "Find a patient"


def test_studies_of_two_patients_are_refused(user: InvokingUser, trail: Trail) -> None:
    adas, cleos = (study_of(user.pair, who, words).uid for who, words in (("ada", "MR brain"), ("cleo", "CT head")))
    page = user.follows_link("r4-open", **of_study(studyUID=f"{adas},{cleos}"))
    assert refused(page, 409, "are not of one patient")
    assert trail.records[-1]["outcome"] == "MatchUncertain"
    assert "patient" not in trail.records[-1]


def test_other_birth_date_is_another_patient(user: InvokingUser, trail: Trail) -> None:
    page = user.follows_link("r4-open", **of_patient(patientBirthDate="1951-07-15"))
    assert (page.status, page.heading, page.patient) == (409, "This is another patient", "")
    assert trail.records[-1]["outcome"] == "AnotherPatient"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (bundle(patient_record(), patient_record(id="cleo")), 409, "knows several patients of the number"),
        (bundle(patient_record(identifier=[{"system": "urn:oid:1.9", "value": "SB-1001"}])), 404, "knows no patient"),
        (bundle(patient_record(identifier=[{"value": "SB-1001"}])), 404, "knows no patient"),
        (bundle(patient_record(id="cleo", identifier=[])), 404, "knows no patient"),
        (bundle(patient_record(name=[])), 409, "does not say clearly who this is"),
    ],
)
def test_patient_is_the_one_with_this_very_number_or_nobody(
    user: InvokingUser, ehr_answers: Answering, answer: dict[str, Any], status: int, words: str
) -> None:
    ehr_answers(lambda _: answer, PATIENTS)
    assert refused(user.follows_link("r4-open", **of_patient()), status, words)


@pytest.mark.parametrize(
    "answer",
    [
        bundle(total=1),
        bundle(patient_record(), total=2),
        bundle(patient_record(), {"resourceType": "Patient"}),
        bundle(patient_record(), link=[{"relation": "next", "url": "/more"}]),
    ],
)
def test_answer_that_is_not_whole_leads_to_nobody(
    user: InvokingUser, ehr_answers: Answering, answer: dict[str, Any]
) -> None:
    ehr_answers(lambda _: answer, PATIENTS)
    page = user.follows_link("r4-open", **of_patient())
    assert (page.status, page.patient) == (502, "")
    assert "This does not mean that there are no images." in page.text


def test_accession_number_that_may_have_another_study_elsewhere_opens_neither(
    user: InvokingUser, ehr_answers: Answering
) -> None:
    study = study_record("1.2.3.4", "Patient/ada")
    study["identifier"].append({"type": {"coding": [{"code": "ACSN"}]}, "value": "A1"})
    ehr_answers(lambda _: bundle(study, link=[{"relation": "next", "url": "/open/fhir/r4/more"}]), STUDIES)
    page = user.follows_link("r4-open", **of_study(accessionNumber="A1"))
    assert (page.status, page.patient) == (502, "")


@pytest.mark.parametrize("subject", [None, "Group/1", "https://other.example/fhir/Patient/ada", "Patient/"])
def test_study_that_does_not_say_whose_it_is_opens_nobodys_chart(
    user: InvokingUser, ehr_answers: Answering, subject: str | None
) -> None:
    ehr_answers(lambda _: bundle(study_record("1.2.3.4", subject)), STUDIES)
    assert refused(
        user.follows_link("r4-open", **of_study(studyUID="1.2.3.4")), 409, "does not say clearly whose it is"
    )


def test_study_that_the_server_gives_for_another_number_is_not_taken(
    user: InvokingUser, ehr_answers: Answering
) -> None:
    ehr_answers(lambda _: bundle(study_record("1.9.9.9", "Patient/cleo")), STUDIES)
    assert refused(user.follows_link("r4-open", **of_study(studyUID="1.2.3.4")), 404, "knows no study")


def test_record_that_changes_between_search_and_chart_opens_nothing(user: InvokingUser, ehr_answers: Answering) -> None:
    ehr_answers(lambda _: patient_record(name=[{"family": "Other"}]), "/open/fhir/r4/Patient/ada")
    page = user.follows_link("r4-open", **of_patient())
    assert (page.status, page.heading, page.patient) == (409, "This patient was not opened", "")


def test_failing_server_is_no_answer_and_can_be_asked_again(user: InvokingUser, ehr_answers: Answering) -> None:
    failing = [True]
    ehr_answers(lambda _: Response(status=500) if failing else None, PATIENTS)
    page = user.follows_link("r4-open", **of_patient())
    assert page.status == 502
    failing.clear()
    assert user.follows(page, "Try again").patient == ADA_LINE


@pytest.mark.parametrize("path", ["/invoke/nobody/IHEInvokeImageDisplay", "/invoke/r4-bearer/IHEInvokeImageDisplay"])
def test_ehr_that_may_not_ask_is_told_so(user: InvokingUser, trail: Trail, path: str) -> None:
    page = user.goes_to(f"{path}?requestType=STUDY&studyUID=1.2.3")
    assert refused(page, 404, "No EHR is set up to ask for images at this address.")
    assert trail.records[0]["outcome"] == "InvocationNotTaken"


def test_bare_path_needs_a_name_where_several_may_ask(user: InvokingUser) -> None:
    page = user.follows_link("", **of_patient())
    assert refused(page, 404, "/invoke/<name>/IHEInvokeImageDisplay")


def test_bare_path_is_the_only_ehrs_that_may_ask(sightline_with: Callable[[Callable[[str], str]], Pair]) -> None:
    def only_one(toml: str) -> str:
        *others, last = toml.split("[[ehr]]")
        keys = ("invoke_image_display", "invoke_lenient", "invoke_authorities")
        kept = ["\n".join(line for line in each.split("\n") if not line.startswith(keys)) for each in others]
        return "[[ehr]]".join([*kept, last])

    user = InvokingUser(sightline_with(only_one))
    assert user.follows_link("", **of_patient()).patient == ADA_LINE


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}])
def test_prefetch_asks_for_nothing(user: InvokingUser, headers: dict[str, str]) -> None:
    user.browser.headers.update(headers)
    assert user.comes_from("", address_of("r4-open", **of_patient())).status_code == 503


# Where the EHR launches all the same, but only by itself: SMART standalone.


def test_standalone_launch_signs_the_user_in_and_the_patient_is_the_one_asked_for(user: InvokingUser) -> None:
    page = _launched(user, "ada", **of_patient(modalitiesInStudy="CT"))
    assert (page.patient, page.heading) == (ADA_LINE, "Imaging studies")
    assert "Shown: CT." in page.text
    study = study_of(user.pair, "ada", "MR brain")
    assert "MR brain" in _launched(InvokingUser(user.pair), "ada", **of_study(studyUID=study.uid)).heading


def test_standalone_launch_for_another_patient_than_asked_for_opens_nothing(user: InvokingUser, trail: Trail) -> None:
    page = _launched(user, "cleo", **of_patient())
    assert (page.status, page.heading, page.patient) == (409, "This is another patient", "")
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("sign-in", "AnotherPatient")


def test_study_of_another_patient_is_not_found_in_the_launched_chart(user: InvokingUser) -> None:
    cleos = study_of(user.pair, "cleo", "CT head")
    page = _launched(user, "ada", **of_study(studyUID=cleos.uid))
    assert (page.patient, page.heading) == (ADA_LINE, "Imaging studies")
    assert "Not found." in page.text
    assert "CT head" not in " ".join(row.description for row in page.rows if "asked" in str(row.details))


def _launched(user: InvokingUser, patient: str, **asked: str) -> Page:
    """Asks at the EHR that launches only by itself; there the user picks this patient."""
    answer = user.asks(address_of("r4", **asked))
    while answer.is_redirect and not answer.headers["Location"].startswith(user.pair.hospital_url):
        answer = user.asks(onward(answer))
    return user.picks(onward(answer), patient)


def test_audit_trail_says_who_was_looked_up_by_what_kind_of_number(user: InvokingUser, trail: Trail) -> None:
    user.follows_link("r4-backend", **of_patient())
    signed_in, looked_up, listed = trail.records[:3]
    assert (signed_in["action"], signed_in["user"]) == ("sign-in", "nordahl")
    assert (looked_up["action"], looked_up["patient"], looked_up["criteria"]) == ("patient-search", "ada", "identifier")
    assert (listed["action"], listed["patient"], listed["user"]) == ("list", "ada", "nordahl")
    assert len({each["sign_in"] for each in trail.records}) == 1
    assert "SB-1001" not in json.dumps(trail.records)


def test_requests_of_one_address_are_limited_as_launches_are(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    pair = sightline_with(lambda toml: toml.replace("launches_a_minute = 1000000", "launches_a_minute = 3"))
    answers = [InvokingUser(pair).comes_from("", address_of("r4-open", **of_patient())) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]


def test_framed_request_offers_the_sign_in_here_or_in_a_new_tab(user: InvokingUser) -> None:
    user.browser.headers["Sec-Fetch-Dest"] = "iframe"
    page = user.follows_link("r4-backend", **of_patient())
    assert page.heading == "Sign in to see the images"
    tab = InvokingUser(user.pair)
    chart = tab.goes_to(page.link("Sign in in a new tab"))
    assert chart.patient == ADA_LINE
    assert refused(user.goes_to(page.link("Sign in here")), 400, "works once")


def test_frame_without_cookies_leads_to_a_window_of_its_own(user: InvokingUser) -> None:
    user.browser.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    page = user.follows_link("r4-open", **of_patient())
    assert (page.status, page.heading) == (403, "Imaging opens in its own window here")
    assert urlsplit(page.url).query == ""
    assert InvokingUser(user.pair).visits(page.link("Open in its own window")).patient == ADA_LINE
