"""Threats in what an EHR answers: somebody else's, from another server, without end, or with words that are code."""

import gzip
import json
import time
from typing import Any

import pytest

from tests.far_side import FarSide, Reply, as_json, zipped
from tests.hostile_ehr import TOKEN, Clinician, HostileEhr
from tests.html_page import read
from tests.searchset import imaging_study, searchset

SEARCH = "/fhir/ImagingStudy"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_other_patients_study(clinician: Clinician, ehr: HostileEhr) -> None:
    """It is left out, counted and said; and opening asks again whose it is."""
    foreign = imaging_study("1.2.3", patient="cleo", description="Cleo's secret CT")
    elsewhere = imaging_study("1.2.4", description="Not here") | {
        "subject": {"reference": "https://x.example/Patient/ada"}
    }
    ehr.answers[SEARCH] = as_json(searchset(foreign, elsewhere, imaging_study("1.2.5", description="Her own")))
    page = clinician.opens_chart()
    assert "Her own" in page.text
    assert "Cleo" not in page.text
    assert "Not here" not in page.text
    assert "incomplete" in page.text


def test_patient_record_of_somebody_else(clinician: Clinician, ehr: HostileEhr) -> None:
    ehr.answers["/fhir/Patient/ada"] = as_json({"resourceType": "Patient", "id": "cleo", "name": [{"text": "Cleo"}]})
    answer = clinician.opens_chart()
    assert answer.status_code == 502
    assert "Cleo" not in answer.text
    assert ehr.asked_for(SEARCH) == []


@pytest.mark.parametrize(
    "link", ["{stranger}/fhir/ImagingStudy?p=2", "//evil.example/x", "{ehr}/other-tenant/ImagingStudy?p=2", "{ehr}@x/"]
)
def test_next_link_to_another_server(clinician: Clinician, ehr: HostileEhr, stranger: FarSide, link: str) -> None:
    """The token goes to the configured base alone, and the list says that it is incomplete."""
    away = link.format(stranger=stranger.url, ehr=ehr.url)
    ehr.answers[SEARCH] = as_json(searchset(imaging_study("1.2.5", description="Her own"), next_url=away))
    page = clinician.opens_chart()
    assert "incomplete" in page.text
    assert stranger.asked == []
    assert all(
        asked.path.startswith("/fhir/")
        for asked in ehr.asked
        if asked.headers.get("Authorization") == f"Bearer {TOKEN}"
    )


def test_next_link_without_end(clinician: Clinician, ehr: HostileEhr) -> None:
    pages = iter(range(10**9))

    def endless(asked: Any) -> Reply:
        number = next(pages)
        return as_json(searchset(imaging_study(f"1.2.{number + 1}"), next_url=f"{ehr.url}{SEARCH}?page={number}"))

    ehr.answers[SEARCH] = endless
    page = clinician.opens_chart()
    assert "incomplete" in page.text
    assert len(ehr.asked_for(SEARCH)) < 60


@pytest.mark.parametrize("slow", [{"wait": 8}, {"drip": 0.01}, {"drip_headers": 0.01}])
def test_slow_or_never_ending_replies(clinician: Clinician, ehr: HostileEhr, slow: dict[str, float]) -> None:
    ehr.answers[SEARCH] = Reply(body=b" " * 100_000, headers={"Content-Type": "application/fhir+json"}, **slow)  # type: ignore[arg-type]
    begin = time.monotonic()
    answer = clinician.opens_chart()
    assert answer.status_code == 504
    assert "did not answer in time" in answer.text
    assert time.monotonic() - begin < 7


def test_huge_reply_or_gzip_bomb(clinician: Clinician, ehr: HostileEhr) -> None:
    for bomb in (Reply(body=b" " * 3_000_000), zipped(b" " * 50_000_000)):
        ehr.answers[SEARCH] = bomb
        answer = clinician.opens_chart()
        assert answer.status_code == 502
        assert "more than Sightline may read" in answer.text


@pytest.mark.parametrize(
    "body",
    [b"[" * 400_000, b'{"a":' * 100_000, b"{}" * 10, b"\xff\xfe", b"NaN", b'{"resourceType": "Bundle"', b"null", b""],
)
@pytest.mark.parametrize(
    "path", [SEARCH, "/token", "/keys", "/fhir/Patient/ada", "/fhir/.well-known/smart-configuration"]
)
def test_json_bombs(clinician: Clinician, ehr: HostileEhr, path: str, body: bytes) -> None:
    ehr.answers[path] = Reply(body=body, headers={"Content-Type": "application/json"})
    answer = clinician.opens_chart() if "well-known" not in path else clinician.is_launched()
    assert answer.status_code in (400, 403, 502)
    assert "No imaging studies found" not in answer.text


def test_lone_surrogates(clinician: Clinician, ehr: HostileEhr) -> None:
    study = imaging_study("1.2.5", description="Chest \ud800 CT")
    ehr.answers[SEARCH] = Reply(body=json.dumps(searchset(study)).encode())
    page = clinician.opens_chart()
    assert page.status_code in (200, 502)
    assert "No imaging studies found" not in page.text


def test_cross_site_scripting_from_fhir_strings(clinician: Clinician, ehr: HostileEhr) -> None:
    study = imaging_study("1.2.5", description=SCRIPT, note=[{"text": SCRIPT}], text={"status": "x", "div": SCRIPT})
    study["modality"] = [{"code": SCRIPT, "display": SCRIPT}]
    study["series"] = [{"uid": "1.2.5.1", "bodySite": {"display": SCRIPT}, "modality": {"code": SCRIPT}}]
    ehr.answers[SEARCH] = as_json(searchset(study))
    patient = {
        "resourceType": "Patient",
        "id": "ada",
        "name": [{"family": SCRIPT}],
        "gender": SCRIPT,
        "birthDate": SCRIPT,
    }
    ehr.answers["/fhir/Patient/ada"] = as_json(patient)
    page = clinician.opens_chart()
    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)" in page.text
    for markup in ("<script>alert", "<img src=x", "onerror=alert(2)>"):
        assert markup not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("uid", ["1.2.3&requestType=PATIENT", "1.2.3#x", "1.2.3/../..", "1.2.3%26x=1", "1." * 40 + "1"])
def test_uid_or_url_injection(clinician: Clinician, ehr: HostileEhr, uid: str) -> None:
    """What is no UID opens nothing by UID; an accession number's every sign stays inside its parameter."""
    study = imaging_study(uid, description="Odd") | {"id": "odd"}
    accession = {"type": {"coding": [{"code": "ACSN"}]}, "value": "A&requestType=PATIENT#%26"}
    study["identifier"].append(accession)
    ehr.answers[SEARCH] = as_json(searchset(study))
    page = clinician.opens_chart()
    [link] = [cell.one("a", "button")["href"] for cell in read(page.text).all("td", "open")]
    strip = clinician.goes_to(page.url + link)
    viewer = clinician.goes_to(read(strip.text).one("iframe")["src"]).headers["Location"]
    assert viewer == (
        "https://viewer.example/IHEInvokeImageDisplay?requestType=STUDY"
        "&accessionNumber=A%26requestType%3DPATIENT%23%2526&viewerType=IHE_BIR"
    )


def test_endpoint_in_the_data(clinician: Clinician, ehr: HostileEhr) -> None:
    """An address in the data is never where a study is opened."""
    study = imaging_study("1.2.5", description="Chest", endpoint=[{"reference": "#e"}])
    address = {"connectionType": {"code": "ihe-iid"}, "address": "https://evil.example/IHEInvokeImageDisplay"}
    study["contained"] = [{"resourceType": "Endpoint", "id": "e", "status": "active", **address}]
    ehr.answers[SEARCH] = as_json(searchset(study))
    page = clinician.opens_chart()
    images = [link["href"] for link in read(page.text).all("a", "button") if link["href"].startswith("view/")]
    strip = clinician.goes_to(page.url + images[0])
    viewer = clinician.goes_to(read(strip.text).one("iframe")["src"])
    for answer in (page, strip, viewer):
        assert "evil.example" not in answer.text + str(answer.headers)
    assert viewer.headers["Location"].startswith("https://viewer.example/IHEInvokeImageDisplay?requestType=STUDY&")


def test_compressed_reply_that_is_cut_off(clinician: Clinician, ehr: HostileEhr) -> None:
    whole = gzip.compress(json.dumps(searchset(imaging_study("1.2.5"))).encode())
    ehr.answers[SEARCH] = Reply(body=whole[:-20], headers={"Content-Encoding": "gzip"})
    answer = clinician.opens_chart()
    assert answer.status_code == 502
    assert "No imaging studies found" not in answer.text
