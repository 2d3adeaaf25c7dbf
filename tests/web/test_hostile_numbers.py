"""Numbers with signs that could break out, in real pages: never a split header, never another number, one sentence."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Request, Response

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.invoking_ehr import InvokingUser
from tests.searchset import imaging_study, searchset
from tests.web.conftest import Trail

Answers = Callable[..., list[Request]]

# Taken out, or put in another's place, each of them would leave the number of another study or patient.
UNSEEN = {
    "newline": "\n",
    "header": "\r\nX-Injected: 1\r\n",
    "tab": "\t",
    "NUL": "\0",
    "escape": "\x1b",
    "override": "\u202e",
    "zero width": "\u200b",
}
SEEN = {
    "encoded header": "%0d%0aX-Injected:%201",
    "double quote": '"',
    "single quote": "'",
    "ampersand": "&studyUID=1.2.3",
    "fragment": "#",
    "plus": "+",
    "backslash": "\\",
    "markup": "<b>",
}
NO_NUMBER = "Its record holds no number by which a viewer could find its images."
NO_PATIENT_NUMBER = "The patient's record holds no number that Image display knows."

each_unseen = pytest.mark.parametrize("sign", UNSEEN.values(), ids=UNSEEN)
each_seen = pytest.mark.parametrize("sign", SEEN.values(), ids=SEEN)


def known_by(accession: str) -> dict[str, Any]:
    """A study that its record knows by an accession number alone."""
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
    return imaging_study("1.2.840.9", identifier=[{"type": kind, "value": accession}], description="Hostile")


def ada(number: str) -> Response:
    """Ada's record, with this as her only number."""
    numbers = [{"use": "usual", "system": "urn:oid:1.2.3", "value": number}]
    name = [{"family": "Lindqvist", "given": ["Ada"]}]
    record = {"resourceType": "Patient", "id": "ada", "name": name, "birthDate": "1951-07-14", "identifier": numbers}
    return Response(json.dumps(record), mimetype="application/fhir+json")


def listed(user: EhrUser, ehr_answers: Answers, hostile: dict[str, Any]) -> Page:
    """A list in which this study stands above a harmless one."""
    hostile["started"] = "2026-01-01"
    ehr_answers(lambda _: searchset(hostile, imaging_study("1.2.840.1", description="Harmless")))
    return user.opens_chart("ada")


def assert_harmless_one_opens(user: EhrUser, page: Page) -> None:
    assert asked(user, user.opens_images(page, "Harmless"))["studyUID"] == ["1.2.840.1"]


def asked(user: EhrUser, viewer: Page) -> dict[str, list[str]]:
    """What the viewer is asked for when the frame goes to it: by one header, and by nothing besides."""
    answer = user.asks(viewer.frame)
    assert answer.status_code == 303
    assert "X-Injected" not in answer.headers
    assert answer.headers["Location"].isascii()
    assert answer.headers["Location"].isprintable()
    return parse_qs(urlsplit(answer.headers["Location"]).query, strict_parsing=True)


def assert_not_opened(user: EhrUser, page: Page, trail: Trail) -> None:
    """Neither by the list, which says why, nor by its address; and everything else as ever."""
    row = page.row("Hostile")
    assert (row.images, row.obstacle) == ("", NO_NUMBER)
    refused = user.visits(f"{page.url}view/{row.key}")
    assert (refused.status, refused.heading) == (409, "This study cannot be opened")
    assert NO_NUMBER in refused.text
    assert not refused.root.all("iframe")
    assert trail.records[-1]["outcome"] == "CannotOpen"
    assert_harmless_one_opens(user, page)


@each_unseen
def test_accession_number_with_a_sign_that_nobody_sees_opens_nothing(
    user: EhrUser, ehr_answers: Answers, trail: Trail, sign: str
) -> None:
    page = listed(user, ehr_answers, known_by(f"A-1{sign}2"))

    assert_not_opened(user, page, trail)


@each_seen
def test_accession_number_with_signs_of_an_address_reaches_the_viewer_as_it_is(
    user: EhrUser, ehr_answers: Answers, sign: str
) -> None:
    page = listed(user, ehr_answers, known_by(f"A-1{sign}2"))

    assert asked(user, user.opens_images(page, "Hostile"))["accessionNumber"] == [f"A-1{sign}2"]
    assert_harmless_one_opens(user, page)


@pytest.mark.parametrize("sign", [*UNSEEN.values(), *SEEN.values()], ids=[*UNSEEN, *SEEN])
def test_study_instance_uid_with_any_such_sign_opens_nothing(
    user: EhrUser, ehr_answers: Answers, trail: Trail, sign: str
) -> None:
    page = listed(user, ehr_answers, imaging_study(f"1.2.840.2{sign}3", id="hostile", description="Hostile"))

    assert_not_opened(user, page, trail)


@pytest.mark.parametrize("padding", ["\0", " ", "\r\n"], ids=repr)
def test_padding_around_a_number_is_no_part_of_it(user: EhrUser, ehr_answers: Answers, padding: str) -> None:
    by_uid = listed(user, ehr_answers, imaging_study(f"1.2.840.2{padding}", id="padded", description="Padded"))
    assert asked(user, user.opens_images(by_uid, "Padded"))["studyUID"] == ["1.2.840.2"]

    by_accession = listed(user, ehr_answers, known_by(f"A-1{padding}"))
    assert asked(user, user.opens_images(by_accession, "Hostile"))["accessionNumber"] == ["A-1"]


@each_unseen
def test_patients_number_with_a_sign_that_nobody_sees_opens_nothing_and_is_shown_nowhere(
    user: EhrUser, ehr_answers: Answers, sign: str
) -> None:
    ehr_answers(lambda _: ada(f"SB-1{sign}001"), "/fhir/r4/Patient/ada")
    page = user.opens_chart("ada")

    assert NO_PATIENT_NUMBER in page.text
    assert "SB-1" not in page.html
    refused = user.visits(f"{page.url}all-images")
    assert (refused.status, refused.root.all("iframe")) == (409, [])
    assert NO_PATIENT_NUMBER in refused.text
    assert asked(user, user.opens_images(page, "MR brain"))["requestType"] == ["STUDY"]


@each_seen
def test_patients_number_with_signs_of_an_address_reaches_the_viewer_as_it_is_or_not_at_all(
    user: EhrUser, ehr_answers: Answers, sign: str
) -> None:
    ehr_answers(lambda _: ada(f"SB-1{sign}001"), "/fhir/r4/Patient/ada")
    page = user.opens_chart("ada")

    if set(sign) & {"&", "\\"}:  # HL7's own: receivers would split the number there
        assert "Image display cannot be asked for it" in page.text
    else:
        viewer = user.follows(page, "All images of this patient")
        assert asked(user, viewer)["patientID"] == [f"SB-1{sign}001^^^&1.2.3&ISO"]
    assert page.row("MR brain").images


# An EHR that asks by an address.

PLACES = {
    "studyUID": ("STUDY", "1.2.840.2{}3"),
    "accessionNumber": ("STUDY", "A-1{}2"),
    "patientID": ("PATIENT", "SB-1{}001^^^FJORDVIEW"),
}


def answered(pair: Pair, place: str, sign: str, ehr: str = "r4-open") -> Page:
    """Where a link leads that has this sign in the number of that place, from a page of the EHR."""
    kind, number = PLACES[place]
    value = quote(number.format(sign), safe="")
    address = f"/invoke/{ehr}/IHEInvokeImageDisplay?requestType={kind}&{place}={value}"
    return InvokingUser(pair).goes_to(address, referer=f"{pair.hospital_url}/")


def assert_nobody_is_shown(page: Page, *statuses: int) -> None:
    assert page.status in statuses
    assert page.heading == "The images cannot be opened"
    assert page.patient == ""
    assert "X-Injected" not in page.headers
    assert not page.root.all("iframe")


@each_unseen
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ehr", ["r4-open", "r4-basic"])
def test_request_with_a_sign_that_nobody_sees_is_refused_as_malformed(
    pair: Pair, ehr: str, place: str, sign: str
) -> None:
    assert_nobody_is_shown(answered(pair, place, sign, ehr), 400)


@each_seen
@pytest.mark.parametrize("place", PLACES)
def test_request_with_signs_of_an_address_matches_no_other_number(pair: Pair, place: str, sign: str) -> None:
    assert_nobody_is_shown(answered(pair, place, sign), 400, 404)
