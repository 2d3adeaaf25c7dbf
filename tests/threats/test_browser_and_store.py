"""Threats in the browser and at rest: who frames us, who reads caches, addresses, logs and the store's file."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.far_side import as_json
from tests.hostile_ehr import ENVIRONMENT, TOKEN, Clinician, HostileEhr


def test_clickjacking(clinician: Clinician) -> None:
    """RFC 9700 4.16: only this EHR's pages may frame us, error pages too."""
    for answer in (clinician.opens_chart(), clinician.goes_to("/s/nothing/"), clinician.goes_to("/launch")):
        ancestors = answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
        assert ancestors == "'self' https://ehr.example"


def test_caches(clinician: Clinician) -> None:
    page = clinician.opens_chart()
    for answer in (
        page,
        clinician.goes_to("/s/nothing/"),
        clinician.goes_to(clinician.signs_in()),
        clinician.goes_to("/"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"


def test_patient_data_in_addresses_or_logs(
    clinician: Clinician, ehr: HostileEhr, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "sightline"):
        page = clinician.opens_chart()
        ehr.answers["/fhir/ImagingStudy"] = as_json({"resourceType": "OperationOutcome", "issue": []}, 500)
        clinician.goes_to(f"{page.url}?refresh=1")
    assert "ada" not in page.url
    own = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("sightline"))
    assert "HTTP 500" in own
    for secret in ("Lindqvist", "patient=", TOKEN, urlsplit(page.url).path.split("/")[2]):
        assert secret not in own


def test_storage_at_rest(clinician: Clinician, tmp_path: Path) -> None:
    clinician.opens_chart()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("charts.sqlite*"))
    assert len(kept) > 4096
    for secret in (TOKEN, "Lindqvist", "CT chest", "dr-7", *ENVIRONMENT.values()):
        assert secret.encode() not in kept
    keys = [cookie.value or "" for cookie in clinician.browser.cookies if cookie.name != "kept"]
    assert [len(key) for key in keys] == [43]
    assert keys[0].encode() not in kept


def test_chart_in_another_browser(clinician: Clinician, ehr: HostileEhr) -> None:
    page = clinician.opens_chart()
    other = Clinician(ehr, clinician.sightline_url)
    answer = other.lands(page.url)
    assert answer.status_code == 401
    assert "Lindqvist" not in answer.text


def test_token_outside_the_server(clinician: Clinician) -> None:
    page = clinician.opens_chart()
    assert TOKEN not in page.text + str(page.headers) + page.url
    assert TOKEN not in str([cookie.value for cookie in clinician.browser.cookies])
