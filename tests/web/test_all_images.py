"""All images of the chart's patient at once: by which number, within which limits, and where no way leads there."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Request

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail
from tests.web.test_choosing import STUDY, sent_to

ALL = "All images of this patient"


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_all_images_of_the_patient_open_by_her_number_and_its_authority(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    viewer = user.follows(page, ALL)

    address = sent_to(user, viewer)
    assert asked(address) == {
        "requestType": ["PATIENT"],
        "patientID": ["SB-1001^^^&2.16.840.1.113883.19.5&ISO"],
        "viewerType": ["IHE_BIR"],
    }
    assert "Images of LINDQVIST, Ada (Dr)" in user.browser.get(address, timeout=10).text
    assert viewer.heading == ALL
    assert viewer.patient == page.patient
    assert viewer.link("Reload") == viewer.url
    assert user.follows(viewer, "← Back").url == page.url
    assert user.follows(viewer, "Open in new tab").url == viewer.url


def test_all_images_are_on_the_trail_for_the_patient_without_a_study_before_they_are_shown(
    user: EhrUser, trail: Trail
) -> None:
    user.follows(user.opens_chart("ada"), ALL)
    record = trail.records[-1]

    assert (record["action"], record["outcome"], record["patient"]) == ("open", "success", "ada")
    assert (record["viewer"], record["user"]) == ("display", "nordahl")
    assert not {"study", "study_uid", "accession"} & {name for name, value in record.items() if value}


def test_ticket_to_all_images_works_once_and_in_its_own_chart_only(user: EhrUser) -> None:
    adas = user.follows(user.opens_chart("ada"), ALL)
    cleos = user.opens_chart("cleo")
    elsewhere = adas.frame.replace(adas.chart_id, cleos.chart_id)

    assert user.asks(elsewhere).status_code == 410
    assert user.asks(adas.frame).status_code == 303
    assert user.asks(adas.frame).status_code == 410


def test_all_images_are_asked_for_as_the_list_is_filtered_and_the_page_says_so(user: EhrUser) -> None:
    page = user.filters(user.opens_chart("ada"), type="X-ray", period="10y", text="chest")
    viewer = user.follows(page, f"{ALL}: X-ray, last 10 years")

    sent = asked(sent_to(user, viewer))
    assert sent["modalitiesInStudy"] == ["CR,DX,RG"]
    assert sent["lowerDateTime"][0].endswith("T00:00:00")
    assert "Image display was asked for X-ray, last 10 years only, as the list is filtered." in viewer.text
    assert user.follows(viewer, "← Back").root.one("form", "filter")
    whole = user.follows(viewer, "Ask for all images")
    assert {*asked(sent_to(user, whole))} == {"requestType", "patientID", "viewerType"}
    assert "as the list is filtered" not in whole.text


def test_period_that_the_viewer_is_not_asked_for_is_not_claimed(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('kind = "iid"\n', 'kind = "iid"\ndate_range = "omit"\n')))
    page = user.filters(user.opens_chart("ada"), type="CT", period="10y")
    viewer = user.follows(page, f"{ALL}: CT")

    assert "lowerDateTime" not in asked(sent_to(user, viewer))
    assert "Image display was asked for CT only, as the list is filtered." in viewer.text


def test_number_that_the_viewer_does_not_know_is_said_in_the_buttons_place_and_at_its_address(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    unknown = 'kind = "iid"\npatient_system = "urn:oid:9.9.9"\n'
    user = EhrUser(sightline_with(lambda toml: toml.replace('kind = "iid"\n', unknown)))
    page = user.opens_chart("ada")
    refused = user.visits(f"{page.url}all-images")

    assert not [link for link in page.root.all("a") if link.text.startswith(ALL)]
    assert f"{ALL}. The patient's record holds no number that Image display knows." in page.text
    assert refused.status == 409
    assert refused.heading == "All images of this patient cannot be opened together"
    assert "The patient's record holds no number that Image display knows." in refused.text
    assert not refused.root.all("iframe")


def test_sign_in_that_has_ended_opens_no_images(
    sightline_with: Callable[[Callable[[str], str]], Pair], clock_goes_on: Callable[[float], None]
) -> None:
    user = EhrUser(sightline_with(lambda toml: toml.replace('"online_access", ', "")))
    page = user.opens_chart("ada", "r4-short")
    clock_goes_on(31)
    refused = user.visits(f"{page.url}all-images")

    assert (refused.status, refused.heading) == (401, "The sign-in has ended")
    assert not refused.root.all("iframe")


def test_hospital_whose_viewers_take_studies_only_has_no_such_button(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    only = 'kind = "iid"\nrequests = ["STUDY"]\n'
    user = EhrUser(sightline_with(lambda toml: toml.replace('kind = "iid"\n', only)))
    page = user.opens_chart("ada")

    assert ALL not in page.text
    assert user.visits(f"{page.url}all-images").status == 409
    assert not user.opens_images(page, STUDY).has_link("All images")


def test_all_images_open_in_another_viewer_by_hand_and_from_the_strip_of_a_study(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    others = user.follows(user.follows(page, ALL), "Other viewers")
    south = user.follows(others, "Open in Image display of the South Clinic")
    assert "/display-south/IHEInvokeImageDisplay?requestType=PATIENT" in sent_to(user, south)
    assert trail.records[-1]["viewer"] == "display-south"

    from_strip = user.follows(user.opens_images(page, STUDY), "All images")
    assert "/display/IHEInvokeImageDisplay?requestType=PATIENT" in sent_to(user, from_strip)


def test_nobody_without_the_charts_cookie_opens_all_images(user: EhrUser) -> None:
    viewer = user.follows(user.opens_chart("ada"), ALL)
    stranger = EhrUser(user.pair).visits(viewer.url)

    assert (stranger.status, stranger.patient) == (401, "")


def test_patient_of_whom_nothing_was_found_has_no_button(user: EhrUser) -> None:
    assert ALL not in user.opens_chart("ben").text


@pytest.mark.parametrize("number", ["SB&1", "SB^1", "SB~1", "SB|1", "SB\\1"])
def test_patients_number_with_a_sign_of_hl7s_own_is_refused_in_words(
    user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str
) -> None:
    page = chart_of_number(user, ehr_answers, number)

    assert f"{ALL}. Image display cannot be asked for it" in page.text
    assert user.visits(f"{page.url}all-images").status == 409


@pytest.mark.parametrize("number", ["SB#1", "SB%261", 'SB"1', "SB,1", "SB=1+x"])
def test_patients_number_with_other_signs_reaches_the_display_as_one_value(
    user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str
) -> None:
    viewer = user.follows(chart_of_number(user, ehr_answers, number), ALL)

    assert asked(sent_to(user, viewer))["patientID"] == [f"{number}^^^&2.16.840.1.113883.19.5&ISO"]


def chart_of_number(user: EhrUser, ehr_answers: Callable[..., list[Request]], number: str) -> Page:
    """Ada's chart, where her record has this number."""
    identifier = [{"use": "usual", "system": "urn:oid:2.16.840.1.113883.19.5", "value": number}]
    patient = {"resourceType": "Patient", "id": "ada", "name": [{"family": "Lindqvist"}], "identifier": identifier}
    ehr_answers(lambda _: patient, "/fhir/r4/Patient/ada")
    return user.opens_chart("ada")
