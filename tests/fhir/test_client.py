"""Ada's studies from a FHIR server, over HTTP: every page, within limits, and never a byte of the token elsewhere."""

import json
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from sightline.authorization import FixedHeader
from sightline.batch import Batch, LeftOut
from sightline.endpoint import Endpoint, Leads
from sightline.errors import (
    NotAllowed,
    SignInEnded,
    SourceBusy,
    SourceError,
    SourceFailed,
    SourceRefusedQuestion,
    SourceSlow,
    SourceTooLarge,
    SourceUnreachable,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.fhir.client import FhirClient
from sightline.fhir.versions import VERSIONS, Version, named
from sightline.outbound import Door
from sightline.patient_criteria import Criteria
from tests import searchset as answers
from tests.far_side import (
    HTML,
    Asked,
    FarSide,
    Reply,
    as_json,
    ehr_at,
    in_turn,
    limits_of,
    seconds_since,
    unused_origin,
    zipped,
)
from tests.searchset import imaging_study as study

BASE = "/fhir/r4"
TOKEN = "Bearer t0ken-of-ada"


def searchset(*resources: Any, **more: Any) -> Reply:
    return as_json(answers.searchset(*resources, **more))


class Pages:
    """A server with canned pages: the small first one, then the large ones, which name each other by `?page=`."""

    def __init__(self, first: Reply, *large: Reply) -> None:
        self._first, self._large = first, large

    def __call__(self, asked: Asked) -> Reply:
        if asked.query.get("_count") == "50":
            return self._first
        return self._large[int(asked.query.get("page", "0"))]


def client_of(server: FarSide, base: str = BASE, version: Version | None = None, **limits: Any) -> FhirClient:
    bounds = limits_of(**limits)
    door = Door(bounds.answer_seconds, bounds.answer_bytes)
    client = FhirClient(ehr_at(server.url + base), bounds, door, FixedHeader(TOKEN))
    return FhirClient(client.ehr, bounds, door, client.authorization, version) if version else client


def batches(answer: Callable[[Asked], Reply], **limits: Any) -> tuple[list[Batch], list[Asked]]:
    with FarSide(answer) as server:
        return list(client_of(server, **limits).studies("ada")), server.asked


def uids(found: list[Batch]) -> list[str | None]:
    return [study.uid for batch in found for study in batch.studies]


def test_one_page_is_one_question_with_the_token_and_fhirs_own_media_type() -> None:
    found, asked = batches(Pages(searchset(study("1.2.1"), study("1.2.2"))))

    assert uids(found) == ["1.2.1", "1.2.2"]
    assert not found[-1].more
    assert [question.target for question in asked] == [f"{BASE}/ImagingStudy?patient=ada&_count=50"]
    assert asked[0].headers["Authorization"] == TOKEN
    assert asked[0].headers["Accept"].startswith("application/fhir+json")


def test_every_question_asks_for_what_holds_now_and_not_for_what_a_cache_kept() -> None:
    small, large = searchset(study("1.2.1"), next_url="?page=0"), searchset(study("1.2.1"), study("1.2.2"))
    with FarSide(Pages(small, large)) as server:
        list(client_of(server).studies("ada"))
        server.answer = lambda _: searchset()
        client_of(server).patients(Criteria(identifier="SB-1001"))

    assert [question.method for question in server.asked] == ["GET", "GET", "POST"]
    assert {question.headers["Cache-Control"] for question in server.asked} == {"no-cache"}


def test_patient_without_studies_has_one_empty_page() -> None:
    found, _ = batches(Pages(searchset()))

    assert found == [Batch()]


def test_small_first_page_comes_at_once_and_the_large_ones_follow() -> None:
    pages = Pages(
        searchset(study("1.2.1"), next_url="?small"),
        searchset(study("1.2.1"), study("1.2.2"), next_url="?page=1"),
        searchset(study("1.2.3")),
    )

    found, asked = batches(pages)

    assert uids(found) == ["1.2.1", "1.2.1", "1.2.2", "1.2.3"]
    assert [(batch.more, batch.anew) for batch in found] == [(True, False), (True, True), (False, False)]
    assert [question.query.get("_count") for question in asked] == ["50", "1000", None]
    assert {question.headers["Authorization"] for question in asked} == {TOKEN}


def test_first_studies_are_handed_out_while_the_rest_is_on_its_way() -> None:
    were_handed_out = Event()
    pages = {"50": searchset(study("1.2.1"), next_url="?x"), "1000": searchset(study("1.2.1"), study("1.2.2"))}

    def answer(asked: Asked) -> Reply:
        assert asked.query["_count"] == "50" or were_handed_out.wait(10)
        return pages[asked.query["_count"]]

    with FarSide(answer) as server:
        coming = client_of(server).studies("ada")

        assert uids([next(coming)]) == ["1.2.1"]
        were_handed_out.set()
        assert uids(list(coming)) == ["1.2.1", "1.2.2"]


def test_question_that_nobody_waits_for_any_more_gives_its_place_back() -> None:
    with FarSide(Pages(searchset(study("1.2.1"), next_url="?x"), searchset(study("1.2.1")))) as server:
        bounds = limits_of()
        door = Door(bounds.answer_seconds, bounds.answer_bytes, in_flight=1)
        client = FhirClient(ehr_at(server.url + BASE), bounds, door, FixedHeader(TOKEN))
        coming = client.studies("ada")
        next(coming)
        with pytest.raises(SourceBusy):
            client.studies("ada")

        del coming

        assert uids([next(client.studies("ada"))]) == ["1.2.1"]


@pytest.mark.parametrize("link", ["?page=1", "ImagingStudy?page=1", f"{BASE}/ImagingStudy?page=1", f"{BASE}?page=1"])
def test_next_link_may_be_relative_or_lead_to_the_base_itself(link: str) -> None:
    found, _ = batches(Pages(searchset(next_url="?x"), searchset(next_url=link), searchset(study("1.2.3"))))

    assert uids(found) == ["1.2.3"]


def followed(server: FarSide, first_link: str, second_link: str) -> list[Batch]:
    replies = {
        "50": searchset(study("1.2.1"), next_url=first_link),
        "1000": searchset(study("1.2.1"), next_url=second_link),
    }
    server.answer = lambda asked: (
        replies[asked.query["_count"]] if "_count" in asked.query else searchset(study("6.6.6"))
    )
    return list(client_of(server).studies("ada"))


ELSEWHERE = {
    "another host": "{foreign}/fhir/r4/ImagingStudy?page=2",
    "a host hidden before a backslash": "http://{foreign_host}\\@{host}/fhir/r4/ImagingStudy?page=2",
    "a host hidden behind an at sign": "http://{host}@{foreign_host}/fhir/r4/ImagingStudy?page=2",
    "no scheme": "//{foreign_host}/fhir/r4/ImagingStudy?page=2",
    "another scheme": "https://{host}/fhir/r4/ImagingStudy?page=2",
    "another base on the same host": "{own}/fhir/r5/ImagingStudy?page=2",
    "a base that only begins the same": "{own}/fhir/r4x/ImagingStudy?page=2",
    "the root of the same host": "/ImagingStudy?page=2",
    "a way up": "../../admin?page=2",
    "a way up in the middle": "{own}/fhir/r4/../../admin?page=2",
    "a hidden way up": "{own}/fhir/r4/%2e%2e/%2E%2E/admin?page=2",
    "a way up with a parameter": "{own}/fhir/r4/..;x/admin?page=2",
    "a way up by a backslash": "{own}/fhir/r4/..\\..\\admin?page=2",
    "no URL at all": "http://[",
    "a file": "file:///etc/passwd",
}


@pytest.mark.parametrize("link", ELSEWHERE.values(), ids=ELSEWHERE)
def test_next_link_that_leads_away_is_not_followed_and_the_list_says_so(link: str) -> None:
    with FarSide(lambda _: searchset(study("6.6.6"))) as foreign, FarSide(lambda _: HTML) as server:
        hosts = {"host": server.url.removeprefix("http://"), "foreign_host": foreign.url.removeprefix("http://")}
        second = link.format(own=server.url, foreign=foreign.url, **hosts)

        found = followed(server, "?x", second)

        assert foreign.asked == []
        assert all("page" not in question.query for question in server.asked)
        assert uids(found[:1]) == ["1.2.1"]
        assert isinstance(found[-1].failure, SourceFailed)
        assert not found[-1].more
        assert TOKEN not in found[-1].failure.detail


def test_next_link_of_the_first_page_to_another_server_is_not_followed_and_ends_the_list() -> None:
    with FarSide(lambda _: HTML) as foreign, FarSide(lambda _: HTML) as server:
        found = followed(server, f"{foreign.url}/fhir/r4/ImagingStudy", "")

        assert uids(found) == ["1.2.1"]
        assert found[-1].failure is not None
        assert foreign.asked == []


@pytest.mark.parametrize("link", [f"{BASE}/ImagingStudy?patient=ada&_count=1000", "?page=1"])
def test_page_that_names_itself_or_an_earlier_one_as_next_ends_the_list(link: str) -> None:
    pages = Pages(searchset(next_url="?x"), searchset(next_url="?page=1"), searchset(study("1.2.2"), next_url=link))

    found, asked = batches(pages)

    assert len(asked) == 3
    assert found[-1].failure is not None
    assert "already read" in found[-1].failure.detail


def endless(asked: Asked) -> Reply:
    number = int(asked.query.get("page", "0"))
    return searchset(study(f"1.2.{number}"), next_url=f"?page={number + 1}")


def test_list_without_end_is_cut_after_the_pages_that_the_settings_allow() -> None:
    found, asked = batches(endless, pages=7)

    assert len(asked) == 1 + 7
    assert found[-1] == Batch(cut_after=7)


def test_list_of_other_peoples_studies_without_end_is_cut_too_and_not_called_whole() -> None:
    found, _ = batches(lambda asked: searchset(study("1.2.1", "cleo"), next_url=f"?page={asked.target}"), pages=3)

    assert found[-1].cut_after == 0


def test_list_is_cut_after_the_studies_that_the_settings_allow() -> None:
    found, asked = batches(endless, studies=4)

    assert found[-1].cut_after == 4
    assert not found[-1].more
    assert len(asked) == 1 + 4


def test_one_answer_with_more_studies_than_the_settings_allow_is_cut() -> None:
    found, _ = batches(Pages(searchset(*(study(f"1.2.{number}") for number in range(1, 6)))), studies=3)

    assert uids(found) == ["1.2.1", "1.2.2", "1.2.3"]
    assert found[-1].cut_after == 3


def test_list_as_long_as_allowed_is_not_cut() -> None:
    found, _ = batches(Pages(searchset(next_url="?x"), searchset(study("1.2.1"), study("1.2.2"))), studies=2)

    assert found[-1].cut_after is None


def test_list_that_takes_too_long_ends_with_what_came_in_time() -> None:
    def slow(asked: Asked) -> Reply:
        time.sleep(0.15)
        return endless(asked)

    begin = time.monotonic()
    found, _ = batches(slow, list_seconds=0.8, pages=1000)

    assert seconds_since(begin) < 3
    assert len(uids(found)) >= 2
    assert isinstance(found[-1].failure, SourceSlow)


def test_last_page_may_not_take_longer_than_the_list_has_left() -> None:
    begin = time.monotonic()
    found, _ = batches(Pages(searchset(next_url="?x"), searchset(next_url="?page=1"), Reply(wait=30)), list_seconds=0.5)

    assert seconds_since(begin) < 3
    assert isinstance(found[-1].failure, SourceSlow)


def outcome(status: int) -> Reply:
    return as_json(answers.outcome(code="forbidden"), status)


FAILURES: list[tuple[str, Reply, type[SourceError]]] = [
    ("401", Reply(401), SignInEnded),
    ("403", outcome(403), NotAllowed),
    ("404", Reply(404, HTML.body), SourceWithoutStudies),
    ("405", Reply(405), SourceWithoutStudies),
    ("410", Reply(410), SourceWithoutStudies),
    ("501", Reply(501), SourceWithoutStudies),
    ("400", outcome(400), SourceRefusedQuestion),
    ("500", outcome(500), SourceFailed),
    ("503", Reply(503), SourceFailed),
    ("204", Reply(204), SourceFailed),
    ("206", as_json({"resourceType": "Bundle"}, 206), SourceFailed),
    ("redirect", Reply(302, b"", {"Location": "/login"}), SourceFailed),
    ("OperationOutcome", outcome(200), SourceFailed),
    ("HTML", HTML, SourceUnreadable),
    ("nothing", Reply(), SourceUnreadable),
    ("truncated JSON", Reply(body=searchset(study("1.2.1")).body[:-9]), SourceUnreadable),
    ("broken off", Reply(body=b"{", promised=99), SourceUnreachable),
    ("another resource", as_json({"resourceType": "Patient", "id": "ada"}), SourceUnreadable),
    ("a list", as_json([]), SourceUnreadable),
    ("too large", zipped(b" " * 2_000_000), SourceTooLarge),
    ("hangs up", Reply(silent=True), SourceUnreachable),
    ("deep JSON", Reply(body=b"[" * 100_000), SourceUnreadable),
]


@pytest.mark.parametrize(("reply", "error"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_first_answer_that_is_no_list_raises_and_a_later_one_ends_the_list(
    reply: Reply, error: type[SourceError]
) -> None:
    with pytest.raises(error):
        batches(Pages(reply))

    # A page that is gone does not mean a server without studies.
    late = SourceFailed if error is SourceWithoutStudies else error
    found, _ = batches(Pages(searchset(study("1.2.1"), next_url="?x"), reply))
    assert uids(found) == ["1.2.1"]
    assert type(found[-1].failure) is late
    assert not found[-1].more

    found, _ = batches(Pages(searchset(next_url="?x"), searchset(study("1.2.2"), next_url="?page=1"), reply))
    assert uids(found) == ["1.2.2"]
    assert type(found[-1].failure) is late


@pytest.mark.parametrize("reply", [outcome(400), zipped(b" " * 2_000_000), Reply(500), HTML, Reply(wait=9)])
def test_server_that_cannot_answer_the_large_question_is_followed_in_its_own_small_pages(reply: Reply) -> None:
    small = [searchset(study("1.2.2"), next_url="?page=1"), searchset(study("1.2.3"))]

    def answer(asked: Asked) -> Reply:
        if asked.query.get("_count") == "1000":
            return reply
        return (
            small[int(asked.query["page"])] if "page" in asked.query else searchset(study("1.2.1"), next_url="?page=0")
        )

    found, asked = batches(answer, answer_seconds=0.5)

    assert uids(found) == ["1.2.1", "1.2.2", "1.2.3"]
    assert not any(batch.anew or batch.failure or batch.left_out for batch in found)
    assert [question.query.get("_count") for question in asked] == ["50", "1000", None, None]


def test_server_that_refuses_sort_and_summary_is_asked_the_bare_question() -> None:
    def strict(asked: Asked) -> Reply:
        return outcome(400) if "_sort" in asked.query or "_summary" in asked.query else searchset(study("1.2.1"))

    with FarSide(strict) as server:
        ehr = ehr_at(server.url + BASE, search=frozenset({"sort", "summary"}))
        bounds = limits_of()
        found = list(FhirClient(ehr, bounds, Door(5, 1_000_000), FixedHeader(TOKEN)).studies("ada"))

        assert uids(found) == ["1.2.1"]
        assert [set(question.query) for question in server.asked] == [
            {"patient", "_count", "_sort", "_summary"},
            {"patient", "_count"},
        ]


DISPLAY = "https://pacs.hospital.example/IHEInvokeImageDisplay"


def endpoint(id_: str = "display", **more: Any) -> dict[str, Any]:
    connection = {"connectionType": {"code": "ihe-iid"}, "address": DISPLAY}
    return {"resourceType": "Endpoint", "id": id_, "status": "active", **connection, **more}


def asked_with_endpoints(answer: Callable[[Asked], Reply]) -> tuple[list[Batch], list[str | None]]:
    """What came from a server that is known to include endpoints, and what it was asked to include."""
    with FarSide(answer) as server:
        ehr = ehr_at(server.url + BASE, search=frozenset({"include"}))
        found = list(FhirClient(ehr, limits_of(), Door(5, 1_000_000), FixedHeader(TOKEN)).studies("ada"))
        return found, [question.query.get("_include") for question in server.asked]


def test_endpoints_that_come_beside_the_studies_are_theirs_and_no_studies() -> None:
    referring = study("1.2.1", endpoint=[{"reference": "Endpoint/display"}, {"reference": "Endpoint/other"}])
    entries = [{"resource": referring, "search": {"mode": "match"}}]
    entries += [{"resource": endpoint(), "search": {"mode": "include"}}]
    answer = as_json({"resourceType": "Bundle", "total": 1, "entry": entries})

    (batch,), included = asked_with_endpoints(lambda _: answer)

    assert included == ["ImagingStudy:endpoint"]
    assert batch.studies[0].addresses == (Endpoint(DISPLAY, Leads.TO_A_VIEWER),)
    assert batch.studies[0].endpoints == ("Endpoint/other",)
    assert not batch.left_out


@pytest.mark.parametrize("refusal", [Reply(400), Reply(403), Reply(404), Reply(500), HTML], ids=str)
def test_server_that_includes_no_endpoints_after_all_is_asked_without_and_the_list_comes(refusal: Reply) -> None:
    found, included = asked_with_endpoints(in_turn(refusal, searchset(study("1.2.1"))))

    assert uids(found) == ["1.2.1"]
    assert included == ["ImagingStudy:endpoint", None]


def test_server_that_takes_the_token_no_longer_is_not_asked_again_without_endpoints() -> None:
    with pytest.raises(SignInEnded):
        asked_with_endpoints(in_turn(Reply(401)))


def read_endpoint(reply: Reply) -> tuple[Endpoint | None, list[Asked]]:
    with FarSide(lambda _: reply) as server:
        return client_of(server, f"{BASE}/").endpoint("Endpoint/display", 5), server.asked


def test_endpoint_is_read_by_its_id_with_the_token_of_the_chart() -> None:
    found, (asked,) = read_endpoint(as_json(endpoint()))

    assert found == Endpoint(DISPLAY, Leads.TO_A_VIEWER)
    assert asked.target == f"{BASE}/Endpoint/display"
    assert asked.headers["Authorization"] == TOKEN


def test_endpoint_that_is_out_of_use_is_no_address() -> None:
    assert read_endpoint(as_json(endpoint(status="off")))[0] is None


@pytest.mark.parametrize("reply", [Reply(500), Reply(404), HTML, as_json({"resourceType": "Patient"}), as_json([])])
def test_endpoint_that_cannot_be_read_is_an_error_of_the_source(reply: Reply) -> None:
    with pytest.raises(SourceError):
        read_endpoint(reply)


def test_patient_whom_the_server_does_not_know_is_said_to_be_unknown() -> None:
    with FarSide(lambda _: Reply(404)) as server, pytest.raises(SourceFailed, match="404") as refusal:
        client_of(server).patient("ada")

    assert refusal.value.sentence == "The EHR does not know the patient of this chart."


def test_server_that_is_not_there_is_unreachable() -> None:
    bounds = limits_of()
    client = FhirClient(ehr_at(f"{unused_origin()}/fhir"), bounds, Door(1, 1000), FixedHeader(TOKEN))

    with pytest.raises(SourceUnreachable):
        list(client.studies("ada"))


def test_codes_of_the_servers_refusal_are_kept_for_the_log_and_its_words_are_not() -> None:
    with pytest.raises(NotAllowed) as refusal:
        batches(Pages(outcome(403)))

    assert refusal.value.detail == "HTTP 403: error/forbidden"


def test_list_that_the_server_calls_longer_than_it_came_is_announced_so() -> None:
    one, _ = batches(Pages(searchset(study("1.2.1"), total=77)))
    two, _ = batches(
        Pages(
            searchset(study("1.2.1"), next_url="?x", totalResults=3),
            searchset(study("1.2.1"), next_url="?page=1", total=3),
            searchset(study("1.2.2"), total=3),
        )
    )

    assert [batch.left_out.announced for batch in one] == [77]
    assert [batch.left_out.announced for batch in two] == [None, None, 3]


@pytest.mark.parametrize("total", [0, 1, 2])
def test_list_as_long_as_the_server_calls_it_is_not_announced_longer(total: int) -> None:
    found, _ = batches(Pages(searchset(study("1.2.1"), study("6.6.6", "cleo"), total=total)))

    assert found[0].left_out.announced is None


def test_error_beside_the_studies_is_kept_as_trouble() -> None:
    found, _ = batches(Pages(searchset(study("1.2.1"), json.loads(outcome(200).body))))

    assert found[0].left_out.troubled


def test_study_of_another_patient_is_remembered_by_its_uid() -> None:
    found, _ = batches(Pages(searchset(study("1.2.1"), study("1.2.1", "cleo"))))

    assert found[0].left_out.foreign_uids == {"1.2.1"}


def test_study_of_another_patient_is_remembered_by_all_its_uids() -> None:
    theirs = study("1.2.1", "cleo")
    theirs["identifier"].append({"system": "urn:dicom:uid", "value": "urn:oid:1.2.9"})
    found, _ = batches(Pages(searchset(study("1.2.9"), theirs)))

    assert found[0].left_out.foreign_uids == {"1.2.1", "1.2.9"}


def test_study_of_another_patient_is_left_out_and_counted() -> None:
    found, _ = batches(Pages(searchset(study("1.2.1"), study("6.6.6", "cleo"), study("6.6.7", "cleo"))))

    assert uids(found) == ["1.2.1"]
    assert found[0].left_out.other_patient == 2


def test_each_study_of_a_page_is_told_by_its_own_words_for_its_patient() -> None:
    words = ["Patient/ada", "Patient/cleo", "#ada", "Patient/ada/_history/2", "Patient/cleo", "Patient/ada"]
    named = (study(f"1.2.{at}", subject={"reference": words}) for at, words in enumerate(words))
    found, _ = batches(Pages(searchset(*named)))

    assert uids(found) == ["1.2.0", "1.2.3", "1.2.5"]
    assert found[0].left_out == LeftOut(2, 1, foreign_uids=frozenset({"1.2.1", "1.2.4"}))


def test_study_whose_patient_is_not_said_is_left_out_and_counted_apart() -> None:
    nobody = [
        study("6.6.1") | {"subject": None},
        study("6.6.2")
        | {"subject": {"reference": "#patient1"}, "contained": [{"resourceType": "Patient", "id": "ada"}]},
        study("6.6.3") | {"subject": {"identifier": {"value": "ada"}}},
        study("6.6.4") | {"subject": {"reference": "https://elsewhere.example/fhir/Patient/ada"}},
        study("6.6.5") | {"subject": {"display": "Ada"}},
        study("6.6.6") | {"subject": "Patient/ada"},
        study("6.6.7") | {"patient": {"reference": "Patient/cleo"}},
        study("6.6.8") | {"patient": "Patient/cleo"},
    ]

    found, _ = batches(Pages(searchset(*nobody)))

    assert found == [Batch(left_out=LeftOut(unconfirmed=8))]


def test_resource_that_nobody_can_read_is_a_footnote_with_a_count() -> None:
    found, _ = batches(Pages(searchset({"resourceType": "ImagingStudy"}, study("1.2.1"), {"resourceType": "Basic"}, 7)))

    assert uids(found) == ["1.2.1"]
    assert found[0].left_out.unreadable == 3


def test_warning_of_the_server_is_handed_on() -> None:
    found, _ = batches(Pages(searchset(study("1.2.1"), json.loads(outcome(200).body))))

    assert found[0].left_out.warnings == ("Archive is down",)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_each_version_is_asked_in_its_own_words_and_only_for_what_the_server_takes(version: Version) -> None:
    with FarSide(Pages(searchset())) as server:
        bare = client_of(server, version=version)
        every = FhirClient(
            ehr_at(bare.ehr.iss, search=frozenset({"sort", "summary"})),
            bare.limits,
            bare.door,
            bare.authorization,
            version,
        )
        list(bare.studies("ada"))
        list(every.studies("ada"))

        assert [question.query for question in server.asked] == [
            {version.patient_parameter: "ada", "_count": "50"},
            {version.patient_parameter: "ada", "_count": "50", **version.sort, **version.summary},
        ]


def test_base_with_a_slash_at_its_end_is_asked_like_one_without() -> None:
    pages = Pages(searchset(next_url="?x"), searchset(next_url="?page=1"), searchset(study("1.2.1")))
    with FarSide(pages) as server:
        found = list(client_of(server, f"{BASE}/").studies("ada"))

        assert uids(found) == ["1.2.1"]
        assert {question.path for question in server.asked} == {f"{BASE}/ImagingStudy"}


class Renewing:
    """An authorization with another header for each request, and one more after a refusal."""

    def __init__(self, *headers: str, after_refusal: str = "", covers_all: bool = True) -> None:
        self.covers_all, self.refused = covers_all, []
        self._headers, self._after_refusal = iter(headers), after_refusal

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return True

    def header(self) -> str:
        return next(self._headers)

    def after_refusal(self, header: str) -> str:
        self.refused.append(header)
        return self._after_refusal


def asked_with(authorization: Renewing, answer: Callable[[Asked], Reply]) -> tuple[list[Batch], list[str | None]]:
    """What came, and the header of each request."""
    with FarSide(answer) as server:
        client = FhirClient(ehr_at(server.url + BASE), limits_of(), Door(5, 1_000_000), authorization)
        return list(client.studies("ada")), [question.headers["Authorization"] for question in server.asked]


def test_token_is_asked_for_at_each_request_and_an_empty_one_is_not_sent() -> None:
    _, sent = asked_with(Renewing("Bearer one", ""), Pages(searchset(next_url="?x"), searchset(study("1.2.1"))))

    assert sent == ["Bearer one", None]


def test_request_that_was_refused_is_sent_once_more_with_a_renewed_token() -> None:
    authorization = Renewing("Bearer old", after_refusal="Bearer new")
    found, sent = asked_with(authorization, in_turn(Reply(401), searchset(study("1.2.1"))))

    assert uids(found) == ["1.2.1"]
    assert (sent, authorization.refused) == (["Bearer old", "Bearer new"], ["Bearer old"])


def test_request_that_is_refused_with_the_renewed_token_too_is_not_sent_again() -> None:
    authorization = Renewing("Bearer old", after_refusal="Bearer new")
    with FarSide(lambda _: Reply(401)) as server:
        client = FhirClient(ehr_at(server.url + BASE), limits_of(), Door(5, 1_000_000), authorization)
        with pytest.raises(SignInEnded):
            list(client.studies("ada"))

        assert len(server.asked) == 2


def test_list_outlives_the_token_that_it_began_with() -> None:
    authorization = Renewing("Bearer 1", "Bearer 1", "Bearer 1", after_refusal="Bearer 2")
    first, second = searchset(next_url="?x"), searchset(study("1.2.1"), next_url="?y")
    found, sent = asked_with(authorization, in_turn(first, second, Reply(401), searchset(study("1.2.2"))))

    assert uids(found) == ["1.2.1", "1.2.2"]
    assert found[-1].failure is None
    assert sent == ["Bearer 1", "Bearer 1", "Bearer 1", "Bearer 2"]


def test_list_under_a_scope_that_a_query_narrows_is_not_whole() -> None:
    found, _ = asked_with(Renewing("Bearer one", covers_all=False), Pages(searchset(study("1.2.1"))))

    assert found[0].left_out.restricted
    assert bool(found[0].left_out)


def patient_from(reply: Reply, patient_id: str = "ada", version: str = "r4") -> tuple[str, list[Asked]]:
    with FarSide(lambda _: reply) as server:
        return client_of(server, version=named(version)).patient(patient_id).formal_name, server.asked


def test_patient_is_read_by_id() -> None:
    name, asked = patient_from(as_json({"resourceType": "Patient", "id": "ada", "name": [{"family": "Lovelace"}]}))

    assert name == "LOVELACE"
    assert [question.target for question in asked] == [f"{BASE}/Patient/ada"]


def test_patient_without_an_id_is_believed_of_a_dstu1_server_only() -> None:
    nameless = as_json({"resourceType": "Patient", "name": [{"family": ["Lovelace"]}]})

    assert patient_from(nameless, version="dstu1")[0] == "LOVELACE"
    for version in VERSIONS[1:]:
        with pytest.raises(SourceFailed, match="another"):
            patient_from(nameless, version=version.name)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (as_json({"resourceType": "Patient", "id": "cleo"}), SourceFailed),
        (as_json({"resourceType": "Patient", "id": None}), SourceFailed),
        (outcome(200), SourceUnreadable),
        (as_json([]), SourceUnreadable),
        (HTML, SourceUnreadable),
        (Reply(body=b"[" * 100_000), SourceUnreadable),
        (Reply(body=b'{"resourceType":"Patient","id":"\xff"}'), SourceUnreadable),
        (Reply(body=b'{"resourceType":"Patient","id":"cleo","id":"ada"}'), SourceUnreadable),
        (Reply(body=b'{"resourceType":"Patient","id":"ada","name":[{"family":"A","family":"B"}]}'), SourceUnreadable),
        (Reply(body=b'{"resourceType":"Patient","id":"ada","multipleBirthInteger":NaN}'), SourceUnreadable),
        (Reply(401), SignInEnded),
        (Reply(403), NotAllowed),
        (Reply(500), SourceFailed),
    ],
)
def test_answer_that_is_not_this_patient_is_no_patient(reply: Reply, error: type[SourceError]) -> None:
    with pytest.raises(error):
        patient_from(reply)


def test_half_a_character_in_a_name_can_be_written_on_a_page() -> None:
    body = rb'{"resourceType":"Patient","id":"ada","name":[{"family":"Love\ud83d","given":["Ada"]}]}'

    assert patient_from(Reply(body=b"\xef\xbb\xbf" + body))[0].encode() == "LOVE\ufffd, Ada".encode()


def test_id_cannot_change_the_address() -> None:
    _, asked = patient_from(as_json({"resourceType": "Patient"}), "../Patient?x=1#y", "dstu1")

    assert asked[0].target == f"{BASE}/Patient/..%2FPatient%3Fx%3D1%23y"


@pytest.mark.parametrize("kind", ["Conformance", "CapabilityStatement"])
def test_version_is_what_the_server_states(kind: str) -> None:
    with FarSide(lambda _: as_json({"resourceType": kind, "fhirVersion": "1.0.2", "rest": "odd"})) as server:
        assert client_of(server).stated_version().name == "dstu2"
        assert server.asked[0].target == f"{BASE}/metadata"


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"fhirVersion": "6.0.0"}),
        as_json({}),
        as_json({"fhirVersion": 4}),
        as_json([]),
        HTML,
        Reply(body=b"[" * 99_999),
    ],
)
def test_server_that_states_no_version_we_know_is_an_error(reply: Reply) -> None:
    with FarSide(lambda _: reply) as server, pytest.raises(SourceUnreadable):
        client_of(server).stated_version()
