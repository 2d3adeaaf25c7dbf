"""Small pictures beside the series of a study: this patient's only, through Sightline, and never before a list."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.parse import urljoin

import pytest
import requests
from flask import Request, Response
from msgspec.structs import replace

from sightline.dicomweb import thumbnail
from sightline.outbound import Bulkhead
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.far_side import seconds_since
from tests.html_page import Element
from tests.searchset import imaging_study, searchset
from tests.small_pictures import jpeg, png
from tests.web.conftest import Overheard, Trail, ehr_answering
from tests.web.test_details import CT, address_of
from tests.web.test_listing import Answers

NONE, FAILED = 'width="1"', 'width="2"'
"""The signs in the place of a picture."""
PHOTOS = "Skin lesion, left forearm"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    thumbnail._without_thumbnails.clear()


def study_of(user: EhrUser, words: str = CT, ehr: str = "r4") -> Page:
    return user.visits(address_of(user.opens_chart("ada", ehr), words))


def pictures(page: Page) -> list[Element]:
    return page.root.all("img", "picture")


def address(page: Page, number: int = 0) -> str:
    return urljoin(page.url, pictures(page)[number]["src"])


def fetches(user: EhrUser, page: Page, number: int = 0) -> requests.Response:
    return user.asks(address(page, number))


def uid_of(pair: Pair, patient: str, words: str) -> str:
    studies = pair.hospital.extensions["hospital"].studies_of(patient)
    found: str = next(study.uid for study in studies if study.description == words)
    return found


def way_to(pair: Pair, what: str, words: str = CT, patient: str = "ada") -> str:
    """The path at the archive of this resource of the study's first series."""
    studies = pair.hospital.extensions["hospital"].studies_of(patient)
    study = next(study for study in studies if study.description == words)
    return f"/dicom-web/studies/{study.uid}/series/{study.series[0].uid}/{what}"


def test_every_series_has_its_picture_which_comes_when_it_is_scrolled_to(user: EhrUser) -> None:
    page = study_of(user)

    first, second = pictures(page)
    assert first["alt"] == "Picture of the series: CT CT for attenuation correction"
    assert (first["loading"], first["width"], first["height"]) == ("lazy", "96", "96")
    answers = [fetches(user, page, number) for number in (0, 1)]
    assert [answer.headers["Content-Type"] for answer in answers] == ["image/jpeg", "image/jpeg"]
    assert all(answer.content.startswith(b"\xff\xd8\xff") for answer in answers)
    assert answers[0].content != answers[1].content
    assert first["src"] != second["src"]


def test_picture_may_do_nothing_and_stays_nowhere(user: EhrUser) -> None:
    headers = fetches(user, study_of(user)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_browser_is_told_neither_where_the_archive_is_nor_what_it_calls_the_series(user: EhrUser, pair: Pair) -> None:
    page = study_of(user)

    assert "dicom-web" not in page.html
    assert uid_of(pair, "ada", CT) not in page.root.words_of("main").split("Identifiers")[0]
    assert all(uid_of(pair, "ada", CT) not in picture["src"] for picture in pictures(page))


def test_pictures_are_on_the_trail_once_for_the_page_and_before_the_first_is_fetched(
    user: EhrUser, pair: Pair, trail: Trail
) -> None:
    page = study_of(user)

    [seen] = [record for record in trail.records if record["action"] == "pictures"]
    assert (seen["outcome"], seen["patient"], seen["series"]) == ("success", "ada", 2)
    assert (seen["study_uid"], seen["archive"]) == (uid_of(pair, "ada", CT), f"{pair.hospital_url}/dicom-web")
    before = len(trail.records)
    assert fetches(user, page).status_code == 200
    assert len(trail.records) == before


def test_page_that_cannot_be_recorded_shows_no_picture(user: EhrUser, pair: Pair) -> None:
    page = study_of(user)
    parts = pair.sightline.extensions["sightline"]

    def full(line: bytes) -> None:
        if b'"pictures"' in line:
            raise OSError(28, "disk full")

    pair.sightline.extensions["sightline"] = replace(parts, trail=type(parts.trail)(full))
    try:
        again = user.visits(page.url)
    finally:
        pair.sightline.extensions["sightline"] = parts

    assert again.status == 503
    assert not pictures(again)


def test_picture_that_no_page_of_this_chart_has_is_refused_and_nothing_is_asked(
    user: EhrUser, pair: Pair, overheard: Overheard, trail: Trail
) -> None:
    cleos = EhrUser(pair)
    listed = cleos.opens_chart("cleo")
    cleo = cleos.visits(address_of(listed, "CT head"))
    assert fetches(cleos, cleo).status_code == 200
    adas = study_of(user)
    chart = adas.url.partition("/study/")[0]
    overheard.asked.clear()
    before = len(trail.records)

    foreign = [
        chart + address(cleo).partition(listed.chart_id)[2],
        f"{address(adas).rpartition('/')[0]}/{address(cleo).rpartition('/')[2]}",
        f"{address(adas).rpartition('/')[0]}/{24 * '0'}",
    ]
    answers = [user.asks(each) for each in foreign]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert not any(answer.headers["Content-Type"].startswith("image") for answer in answers)
    assert not [path for path in overheard.asked if "/dicom-web" in path]
    refused = trail.records[before:]
    assert [(record["action"], record["outcome"]) for record in refused] == [("pictures", "StudyNotFound")] * 3
    assert user.asks(address(cleo)).status_code == 401


def test_uid_of_another_patient_in_the_record_shows_nothing_of_that_patient(
    user: EhrUser, pair: Pair, ehr_answers: Answers, overheard: Overheard
) -> None:
    wrong = imaging_study(uid_of(pair, "cleo", "CT head"), description="Head of another")
    ehr_answers(lambda _: searchset(wrong))
    page = study_of(user, "Head of another")

    assert page.status == 200
    assert not pictures(page)
    assert [path.partition("?")[0] for path in overheard.asked if "/dicom-web" in path] == ["/dicom-web/studies"]


def test_archive_that_does_not_say_whose_the_study_is_is_asked_for_no_picture(
    user: EhrUser, ehr_answers: Answers, overheard: Overheard
) -> None:
    ehr_answers(lambda _: Response(status=204), "/dicom-web/studies")

    page = study_of(user)

    assert not pictures(page)
    assert "Pictures are missing" not in page.text
    assert not [path for path in overheard.asked if "/series/" in path]


def test_chart_that_was_closed_gives_out_no_picture(user: EhrUser) -> None:
    page = study_of(user)
    assert user.follows(page, "All imaging studies").status == 200
    picture = address(page)
    user.presses(page, "Sign out")

    answer = user.asks(picture)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (401, "text/html")


def test_what_the_ehr_no_longer_permits_gives_out_no_picture(user: EhrUser) -> None:
    page = study_of(user)
    with ehr_answering(user.pair, lambda _: Response(status=403)):
        refused = user.visits(f"{page.url.partition('study/')[0]}?refresh=1")

    assert refused.status == 403
    assert fetches(user, page).status_code == 404


def test_study_that_is_not_opened_shows_no_picture(user: EhrUser, pair: Pair, ehr_answers: Answers) -> None:
    ehr_answers(lambda _: searchset(imaging_study(uid_of(pair, "ada", CT), status="registered", description=CT)))

    assert not pictures(study_of(user))


def test_ehr_without_an_archive_has_a_page_without_places_for_pictures(user: EhrUser) -> None:
    page = study_of(user, ehr="r4-old")

    assert next(head.text for head in page.root.one("thead").all("th")) == "No."
    assert "icture" not in page.text


def test_archive_that_has_no_picture_of_a_series_is_a_sign_of_its_own(user: EhrUser, ehr_answers: Answers) -> None:
    page = study_of(user)
    for what in ("thumbnail", "instances"):
        ehr_answers(lambda _: Response(status=404), way_to(user.pair, what))

    answer = fetches(user, page)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert NONE in answer.text
    assert fetches(user, page, 1).status_code == 200


def test_archive_without_thumbnails_has_a_picture_rendered(
    user: EhrUser, ehr_answers: Answers, overheard: Overheard
) -> None:
    page = study_of(user)
    ehr_answers(lambda _: Response(status=404), way_to(user.pair, "thumbnail"))
    overheard.asked.clear()

    assert fetches(user, page).headers["Content-Type"] == "image/jpeg"
    assert "/rendered?viewport=192" in overheard.asked[-1]


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html><script>alert(1)</script>", mimetype="image/jpeg"),
        Response("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", mimetype="image/svg+xml"),
        Response(png(20_000, 20_000), mimetype="image/png"),
        Response(png(filling=2_000_000), mimetype="image/png"),
        Response(status=500),
        Response(status=401),
    ],
    ids=["html", "svg", "huge when drawn", "huge", "error", "refused"],
)
def test_what_is_no_small_picture_is_never_given_out(user: EhrUser, ehr_answers: Answers, answer: Response) -> None:
    page = study_of(user)
    ehr_answers(lambda _: answer, way_to(user.pair, "thumbnail"))
    ehr_answers(lambda _: Response(status=500), way_to(user.pair, "instances"))

    given = fetches(user, page)

    assert (given.status_code, given.headers["Content-Type"]) == (502, "image/svg+xml")
    assert FAILED in given.text
    assert "alert" not in given.text


def test_type_is_what_the_bytes_say(user: EhrUser, ehr_answers: Answers) -> None:
    page = study_of(user)
    ehr_answers(lambda _: Response(jpeg(), mimetype="text/html"), way_to(user.pair, "thumbnail"))

    assert fetches(user, page).headers["Content-Type"] == "image/jpeg"


def test_picture_that_never_comes_is_given_up_and_said_to_be_missing(user: EhrUser, ehr_answers: Answers) -> None:
    page, never = study_of(user), Event()
    ehr_answers(hanging(never), way_to(user.pair, "thumbnail"))
    begin = time.monotonic()

    answer = fetches(user, page)
    never.set()

    assert (answer.status_code, FAILED in answer.text) == (504, True)
    assert seconds_since(begin) < 5


def hanging(until: Event) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        until.wait(20)
        return Response(status=500)

    return answer


def test_pictures_that_never_come_keep_no_list_waiting(user: EhrUser, pair: Pair, ehr_answers: Answers) -> None:
    """Of twelve that one page wants at once two are waited for, two wait, and the others are refused at once."""
    page, never = study_of(user), Event()
    ehr_answers(hanging(never), way_to(pair, "thumbnail"))
    parts = pair.sightline.extensions["sightline"]
    few = replace(parts, pictures=Bulkhead(2, patience=0.3, queue=2))
    pair.sightline.extensions["sightline"] = few
    wanted, cookies = address(page), user.browser.cookies
    try:
        with ThreadPoolExecutor(12) as browser:
            begin = time.monotonic()
            waiting = [browser.submit(requests.get, wanted, cookies=cookies, timeout=20) for _ in range(12)]
            listed = user.visits(f"{page.url.partition('study/')[0]}?refresh=1")
            took = seconds_since(begin)
            statuses = sorted(each.result().status_code for each in waiting)
            never.set()
    finally:
        pair.sightline.extensions["sightline"] = parts

    assert (listed.status, bool(listed.rows)) == (200, True)
    assert took < 1.5
    assert statuses == [503] * 10 + [504] * 2


def test_archive_that_is_silent_leaves_the_page_whole_and_says_that_pictures_are_missing(
    user: EhrUser, ehr_answers: Answers
) -> None:
    never = Event()
    ehr_answers(hanging(never), "/dicom-web/studies")
    begin = time.monotonic()

    page = study_of(user)
    never.set()

    assert seconds_since(begin) < 6
    assert "Pictures are missing." in page.text
    assert page.link("Try again").partition("#")[0] == page.url
    assert len(page.root.one("tbody").all("tr")) == 2
    assert not pictures(page)


def test_browser_that_fetches_pages_ahead_sees_no_picture(user: EhrUser) -> None:
    page = study_of(user)

    for wanted in (page.url, address(page)):
        assert user.browser.get(wanted, headers={"Sec-Purpose": "prefetch"}).status_code == 503
        assert user.browser.head(wanted).status_code == 405


def shown_photos(page: Page) -> list[str]:
    return [picture["alt"] for picture in pictures(page)]


def test_photos_are_hidden_until_they_are_asked_for_series_by_series(user: EhrUser, trail: Trail) -> None:
    page = study_of(user, PHOTOS, "r4-archives")

    assert shown_photos(page) == []
    assert "pictures" not in {record["action"] for record in trail.records}

    asked = user.follows(page, "Show photos of this series: Close-up")
    assert shown_photos(asked) == ["Picture of the series: Photo Close-up"]
    assert fetches(user, asked).headers["Content-Type"] == "image/jpeg"
    [seen] = [record for record in trail.records if record["action"] == "pictures"]
    assert seen["series"] == 1


def test_photos_that_were_shown_are_hidden_again_by_the_next_look(user: EhrUser) -> None:
    page = study_of(user, PHOTOS, "r4-archives")
    asked = user.follows(page, "Show photos of this series: Close-up")
    photo = address(asked)

    assert user.follows(asked, "Hide photos").url.partition("#")[0] == page.url

    assert shown_photos(user.visits(page.url)) == []
    assert user.asks(photo).status_code == 404


def test_several_series_of_photos_can_be_looked_at_together(user: EhrUser) -> None:
    page = study_of(user, PHOTOS, "r4-archives")
    for name in ("Close-up", "Overview"):
        page = user.follows(page, f"Show photos of this series: {name}")

    assert len(pictures(page)) == 2


def test_study_that_only_an_archive_has_lists_the_series_of_that_archive(user: EhrUser, trail: Trail) -> None:
    page = study_of(user, PHOTOS, "r4-archives")

    assert [row.one("th").text for row in page.root.one("tbody").all("tr")] == ["Overview", "Close-up"]
    assert any(record.get("archive", "").endswith("/photos/dicom-web") for record in trail.records)


def test_archive_that_does_not_list_its_series_is_not_said_to_have_none(user: EhrUser, ehr_answers: Answers) -> None:
    page = study_of(user, PHOTOS, "r4-archives")
    uid = next(fact.words_of("code") for fact in page.root.all("div") if fact.words_of("dt") == "Study Instance UID")
    ehr_answers(lambda _: Response(status=500), f"/photos/dicom-web/studies/{uid}/series")

    again = user.visits(page.url)

    assert "Details are missing." in again.text
    assert "does not list the series" not in again.text


@pytest.mark.parametrize("modality", ["", "OT"])
def test_series_that_does_not_say_what_it_is_in_a_study_with_photos_is_hidden_too(
    user: EhrUser, pair: Pair, ehr_answers: Answers, modality: str
) -> None:
    uid = uid_of(pair, "ada", CT)
    untold = {"uid": "1.2.3.1"} | ({"modality": {"code": modality}} if modality else {})
    study = imaging_study(uid, description=CT, modality=[{"code": "XC"}], series=[untold])
    ehr_answers(lambda _: searchset(study))
    ehr_answers(lambda _: study, f"/fhir/r4/ImagingStudy/id-{uid}")

    page = study_of(user)

    assert shown_photos(page) == []
    assert [link.text for link in page.root.one("td", "thumb").all("a")] == ["Show photos"]
