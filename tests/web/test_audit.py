"""What the pages write on the audit trail: who did what, from where, by which request; and what if they cannot."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import request, request_started

from sightline.audit_record import chart_digest
from sightline.web.provenance import plain_address
from tests.conftest import Pair
from tests.ehr_user import EhrUser
from tests.far_side import as_json
from tests.hostile_ehr import Clinician, HostileEhr, trusting_sightline
from tests.web.conftest import Trail

Start = Callable[[Callable[[str], str]], Pair]


def test_signing_in_looking_and_opening_are_written_with_all_that_is_known(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    user.opens_images(page, "CT chest with contrast")
    signed_in, looked, opened = trail.records
    ehr = f"{user.pair.hospital_url}/fhir/r4"

    for record in (signed_in, looked, opened):
        assert (record["ehr"], record["client"], record["patient"]) == (ehr, "sightline", "ada")
        assert record["user_issuer"] == f"{user.pair.hospital_url}/auth"
        assert record["user"]
        assert record["fhir_user"] == f"{ehr}/Practitioner/nordahl"
        assert record["chart"] == chart_digest(page.chart_id)
        assert record["browser"] == "127.0.0.1"
        assert re.fullmatch("[A-HJ-NP-Z2-9]{8}", record["request"])
        assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}\+00:00", record["recorded"])
    assert len({record["id"] for record in trail.records}) == 3
    assert len({record["request"] for record in trail.records}) == 3
    assert looked["query"] == f"GET {ehr}/ImagingStudy?patient=ada&_count=50&_sort=-started&_summary=true"
    assert re.fullmatch("ImagingStudy/[A-Za-z0-9.-]+", opened["study"])
    assert re.fullmatch(r"[\d.]+", opened["study_uid"])
    assert opened["accession"]
    assert (opened["viewer"], opened["viewer_origin"]) == ("display", user.pair.hospital_url)


def test_request_leads_from_the_error_page_to_the_trail_the_log_and_the_ehr(
    user: EhrUser, trail: Trail, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[str, str]] = []

    def hear(sender: object, **_: object) -> None:
        heard.append((request.path, request.headers.get("X-Request-Id", "")))

    with request_started.connected_to(hear, user.pair.hospital):
        page = user.opens_chart("ada", "fault-error")

    looked = trail.records[-1]
    assert (looked["action"], looked["outcome"], looked["request"]) == ("list", "SourceFailed", page.reference)
    assert [id_ for path, id_ in heard if path.endswith("/ImagingStudy")] == [page.reference]
    assert page.reference in caplog.text
    signed_in = trail.records[0]["request"]
    fhir = [(path.rsplit("/", 1)[1], id_) for path, id_ in heard if "/fault/error/fhir/r4/" in path]
    assert ("metadata", signed_in) in fhir
    assert ("ada", signed_in) in fhir


def test_request_says_nothing_of_the_ones_before_it(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    references = {user.visits(f"{page.url}view/x").reference for _ in range(3)}

    assert len(references) == 3
    assert references == {record["request"] for record in trail.records if record["outcome"] == "StudyNotFound"}


@pytest.mark.parametrize(("path", "action"), [("", "list"), ("view/x", "open"), ("ticket/x", "open")])
def test_who_comes_without_the_charts_cookie_is_refused_and_recorded(
    user: EhrUser, trail: Trail, path: str, action: str
) -> None:
    page = user.opens_chart("ada")
    stranger = EhrUser(user.pair)
    assert stranger.visits(f"{page.url}{path}").status == 401

    refused = trail.records[-1]
    assert (refused["action"], refused["outcome"], refused["refusal_code"]) == (action, "ChartClosed", "8")
    assert refused["chart"] == chart_digest(page.chart_id)
    assert refused["browser"] == "127.0.0.1"
    assert "patient" not in refused


def test_ticket_used_twice_is_recorded_in_its_chart(user: EhrUser, trail: Trail) -> None:
    viewer = user.opens_images(user.opens_chart("ada"), "CT chest with contrast")
    assert user.asks(viewer.frame).status_code == 303
    before = len(trail.records)
    assert user.visits(viewer.frame).status == 410

    (refused,) = trail.records[before:]
    assert (refused["action"], refused["outcome"], refused["patient"]) == ("open", "TicketSpent", "ada")


def test_way_into_a_new_tab_used_twice_is_recorded(user: EhrUser, trail: Trail) -> None:
    assert user.visits("/tab/unknown").status == 410
    assert (trail.records[-1]["action"], trail.records[-1]["outcome"]) == ("open", "TicketSpent")


@pytest.mark.parametrize(
    ("path", "action"),
    [("/s/x{}/", "list"), ("/s/x{}/asked-for", "list"), ("/s/x{}/view/y", "open"), ("/tab/x{}", "open")],
)
def test_strangers_who_try_again_and_again_leave_one_line_on_the_trail_a_minute(
    user: EhrUser, trail: Trail, clock_goes_on: Callable[[float], None], path: str, action: str
) -> None:
    def tries() -> None:
        for number in range(5):
            assert user.asks(path.format(number)).status_code in (401, 410)

    tries()
    assert [record["action"] for record in trail.records] == [action]
    assert path == "/tab/x{}" or trail.records[0]["chart"] == chart_digest("x0")
    clock_goes_on(61)
    tries()
    assert [record["action"] for record in trail.records] == [action] * 2


def test_what_is_refused_in_an_open_chart_is_recorded_each_time(user: EhrUser, trail: Trail) -> None:
    page = user.opens_chart("ada")
    for _ in range(3):
        assert user.asks(f"{page.url}ticket/x").status_code == 410

    assert [record["outcome"] for record in trail.records[-3:]] == ["TicketSpent"] * 3


# From where


@pytest.mark.parametrize(
    ("proxies", "forwarded", "browser"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "192.0.2.66, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9:50123", "203.0.113.9"),
        (1, "[2001:db8::9]:50123", "2001:db8::9"),
        (1, "unknown", None),
        (1, '<script>alert("x")</script>', None),
    ],
)
def test_browsers_address_is_what_our_own_proxies_saw(
    sightline_with: Start, proxies: int, forwarded: str, browser: str | None
) -> None:
    pair = sightline_with(lambda toml: f"trusted_proxies = {proxies}\n{toml}")
    trail = Trail(pair.data_folder)
    user = EhrUser(pair)
    user.browser.headers["X-Forwarded-For"] = forwarded
    user.visits("/s/none/")

    assert trail.records[-1].get("browser") == browser


def test_without_a_proxy_that_adds_it_the_address_is_the_one_that_connects(sightline_with: Start) -> None:
    pair = sightline_with(lambda toml: f"trusted_proxies = 1\n{toml}")
    trail = Trail(pair.data_folder)
    EhrUser(pair).visits("/s/none/")

    assert trail.records[-1]["browser"] == "127.0.0.1"


@pytest.mark.parametrize("text", ["", "a", "1.2.3", "1.2.3.4.5", "999.1.1.1:80", "[::1", "1.2.3.4:x", "fe80::1%<b>"])
def test_what_is_no_address_is_left_out(text: str) -> None:
    assert plain_address(text) in ("", "fe80::1%<b>")


# What cannot be recorded


def folder_of(toml: str) -> Path:
    found = re.search(r'data_folder = "([^"]+)"', toml)
    assert found
    return Path(found[1])


def disk_full(toml: str) -> str:
    (folder_of(toml) / "audit.ndjson").symlink_to("/dev/full")
    return toml


def no_file_may_be_made(toml: str) -> str:
    (folder_of(toml) / "audit.ndjson").mkdir()
    return toml


@pytest.mark.parametrize("trouble", [disk_full, no_file_may_be_made])
def test_nothing_is_shown_that_could_not_be_recorded(
    sightline_with: Start, caplog: pytest.LogCaptureFixture, trouble: Callable[[str], str]
) -> None:
    page = EhrUser(sightline_with(trouble)).opens_chart("ada")

    assert (page.status, page.heading) == (503, "Imaging is not shown now")
    assert "Nothing was opened." in page.text
    assert "This does not mean that there are no images." in page.text
    assert page.reference in caplog.text
    assert "audit trail not written: sign-in" in caplog.text
    assert "No space left" not in page.html
    assert "Traceback" not in page.html
    assert not page.rows
    assert page.patient == ""


def breaks(pair: Pair) -> None:
    """From here on the trail is on a disk that takes nothing."""
    (pair.data_folder / "audit.ndjson").rename(pair.data_folder / "before")
    (pair.data_folder / "audit.ndjson").symlink_to("/dev/full")


def test_list_and_images_of_an_open_chart_are_not_shown_either_until_they_can_be_recorded(
    sightline_with: Start,
) -> None:
    pair = sightline_with(str)
    user = EhrUser(pair)
    page = user.opens_chart("ada")
    images = page.row("MR brain").images
    breaks(pair)

    for address in (page.url, f"{page.url}?refresh=1", images):
        refused = user.visits(address)
        assert (refused.status, refused.heading) == (503, "Imaging is not shown now")
        assert not refused.rows
        assert not refused.root.all("iframe")
        assert "LINDQVIST" not in refused.html.upper()
        assert refused.link("Try again")
    (pair.data_folder / "audit.ndjson").unlink()
    assert user.visits(images).status == 200
    assert json.loads((pair.data_folder / "audit.ndjson").read_text())["action"] == "open"


def test_refusal_is_told_for_what_it_is_although_it_cannot_be_recorded(sightline_with: Start) -> None:
    pair = sightline_with(str)
    user = EhrUser(pair)
    page = user.opens_chart("ada")
    breaks(pair)

    assert user.visits(f"{page.url}ticket/x").status == 410
    assert EhrUser(pair).visits(page.url).heading == "This imaging session has ended"
    assert user.visits("/launch?iss=https://unknown.example&launch=x").status == 403


def test_site_that_would_rather_see_images_sees_them_and_its_log_says_what_is_missing(
    sightline_with: Start, caplog: pytest.LogCaptureFixture
) -> None:
    user = EhrUser(sightline_with(lambda toml: f"{disk_full(toml)}\n[audit]\nrequired = false\n"))
    page = user.opens_chart("ada")
    assert user.opens_images(page, "MR brain").status == 200

    missing = [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"]
    assert [words.split(": ")[1].split(",")[0] for words in missing] == ["sign-in", "list", "open"]
    assert all(chart_digest(page.chart_id) in words for words in missing)


def test_trail_that_waits_for_the_disk_is_the_same_trail(sightline_with: Start) -> None:
    pair = sightline_with(lambda toml: f"{toml}\n[audit]\nsync = true\n")
    trail = Trail(pair.data_folder)
    EhrUser(pair).opens_chart("ada")

    assert [record["action"] for record in trail.records] == ["sign-in", "list"]


def test_encounter_that_the_launch_names_is_on_each_record_of_its_chart(tmp_path: Path) -> None:
    ehr, trail = HostileEhr(), Trail(tmp_path)
    with ehr.far_side, trusting_sightline(ehr, tmp_path) as url:
        ehr.answers["/token"] = lambda _: as_json(ehr.token(encounter="e-1"))
        assert Clinician(ehr, url).opens_chart().status_code == 200
    assert [(record["action"], record["encounter"]) for record in trail.records] == [
        ("sign-in", "e-1"),
        ("list", "e-1"),
    ]
