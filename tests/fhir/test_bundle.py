"""One page of a search, of any version: its studies, its next page, its warnings; one bad entry costs only itself."""

import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from sightline.errors import SourceError, SourceFailed, SourceUnreadable
from sightline.fhir.bundle import Page, page
from tests import any_json

DATA = Path(__file__).parent.parent / "data" / "fhir"
STUDY = {"resourceType": "ImagingStudy", "id": "a"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "diagnostics": "Archive is slow"}]}


def read(*entries: Any, **more: Any) -> Page:
    return page(json.dumps({"resourceType": "Bundle", "entry": entries, **more}).encode())


def ids(found: Page) -> list[Any]:
    return [element.id for element, _ in found.studies]


def test_studies_of_a_page_are_read_in_their_order() -> None:
    found = read({"resource": STUDY}, {"resource": {**STUDY, "id": "b"}})

    assert ids(found) == ["a", "b"]
    assert found == Page(found.studies, matches=2)


def test_page_of_dstu1_is_read_from_content_and_its_ids_from_the_entries() -> None:
    found = page((DATA / "dstu1" / "Bundle-search.derived.json").read_bytes())

    assert len(found.studies) == 1
    ((element, resource_id),) = found.studies
    assert element.id is None
    assert resource_id
    assert "/" not in resource_id


def test_id_of_dstu1_is_kept_beside_a_broken_entry() -> None:
    feed = {"id": "http://h/fhir/ImagingStudy/7", "content": {"resourceType": "ImagingStudy"}}

    assert [resource_id for _, resource_id in read(feed, 7).studies] == ["7"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("http://h/fhir/ImagingStudy/7", "7"), ("http://h/fhir/ImagingStudy/7/_history/2", "7"), ("7", "7"), (7, None)],
)
def test_id_of_dstu1_is_the_last_part_of_the_entrys_address(address: Any, expected: str | None) -> None:
    assert read({"id": address, "content": {"resourceType": "ImagingStudy"}}).studies[0][1] == expected


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([{"relation": "self", "url": "s"}, {"relation": "next", "url": "n"}], "n"),
        ([{"rel": "self", "href": "s"}, {"rel": "next", "href": "n"}], "n"),
        ([{"relation": "self", "url": "s"}], None),
        ([{"relation": "next", "url": ""}], None),
        ([{"relation": "next"}], None),
        ([], None),
        ("next", None),
        ([None, 7, {"relation": "next", "url": "n"}], "n"),
        ({"relation": "next", "url": "n"}, "n"),
    ],
)
def test_next_page_is_where_the_link_next_leads(links: Any, expected: str | None) -> None:
    assert read({"resource": STUDY}, link=links).next_url == expected


@pytest.mark.parametrize("links", [[{"relation": "next"}], [{"rel": "next", "href": ""}], {"relation": "next"}])
def test_next_page_without_an_address_is_trouble_and_not_the_end(links: Any) -> None:
    assert read({"resource": STUDY}, link=links).troubled
    assert not read({"resource": STUDY}, link=[{"relation": "self"}]).troubled


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"total": 77}, 77),
        ({"totalResults": "77"}, 77),
        ({"total": 0, "totalResults": 77}, 0),
        ({"total": -1}, None),
        ({"total": "many"}, None),
        ({}, None),
    ],
)
def test_total_is_what_the_server_says_in_whole_numbers(said: dict[str, Any], expected: int | None) -> None:
    assert read({"resource": STUDY}, **said).total == expected


def test_matches_are_the_studies_and_what_nobody_could_read() -> None:
    endpoint = {"resource": {"resourceType": "Endpoint", "id": "e"}, "search": {"mode": "include"}}

    assert read({"resource": STUDY}, {}, endpoint, {"resource": OUTCOME}).matches == 2


def test_warning_beside_the_studies_is_kept_as_words() -> None:
    found = read({"resource": STUDY}, {"resource": OUTCOME, "search": {"mode": "outcome"}}, {"resource": OUTCOME})

    assert found.warnings == ["Archive is slow", "Archive is slow"]
    assert ids(found) == ["a"]
    assert not found.troubled


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_error_beside_the_studies_is_trouble(severity: str) -> None:
    found = read({"resource": STUDY}, {"resource": {**OUTCOME, "issue": [{"severity": severity, "code": "timeout"}]}})

    assert found.troubled
    assert ids(found) == ["a"]


def test_resource_that_was_only_sent_along_is_no_study_of_the_list() -> None:
    endpoint = {"resource": {"resourceType": "Endpoint", "id": "e"}, "search": {"mode": "include"}}

    found = read({"resource": STUDY, "search": {"mode": "match"}}, endpoint)

    assert ids(found) == ["a"]
    assert found.matches == 1


@pytest.mark.parametrize("empty", [{}, {"id": "x"}, {"resource": None}, {"fullUrl": "x", "search": {"mode": "match"}}])
@pytest.mark.parametrize("beside", [{"resource": STUDY}, {"resource": {**STUDY, "series": 7}}, 7], ids=str)
def test_entry_without_a_resource_is_unreadable(empty: dict[str, Any], beside: Any) -> None:
    assert read(beside, empty).unreadable == read(beside).unreadable + 1


@pytest.mark.parametrize("beside", [{"resource": STUDY}, 7], ids=str)
def test_study_that_dstu1_says_was_deleted_is_not_missed(beside: Any) -> None:
    assert read(beside, {"deleted": "2014-01-01", "id": "x"}).matches == read(beside).matches


@pytest.mark.parametrize(
    "broken",
    [
        "null",
        "7",
        '"x"',
        "[]",
        '{"resource":7}',
        '{"resource":"x"}',
        '{"resource":[]}',
        '{"resource":{"series":7,"id":NaN}}',
        '{"resource":{"resourceType":"ImagingStudy","id":"b","numberOfSeries":NaN}}',
        '{"resource":{"resourceType":"ImagingStudy","id":"b","numberOfSeries":-Infinity}}',
        '{"resource":{"resourceType":"ImagingStudy","id":"b","numberOfSeries":1e999}}',
    ],
)
def test_broken_entry_costs_itself_and_not_the_page(broken: str) -> None:
    good = json.dumps({"resource": STUDY})
    body = f'{{"resourceType":"Bundle","entry":[{good},{broken},{good}],"link":[{{"relation":"next","url":"n"}}]}}'

    found = page(body.encode())

    assert ids(found).count("a") == 2
    assert found.unreadable + len(found.studies) == 3
    assert found.next_url == "n"


@pytest.mark.parametrize("text", ["\\ud800", "\xff"])
def test_entry_with_broken_characters_costs_itself_at_most(text: str) -> None:
    good = json.dumps({"resource": STUDY})
    broken = f'{{"resource":{{"resourceType":"ImagingStudy","id":"b","description":"{text}"}}}}'
    body = f'{{"resourceType":"Bundle","entry":[{good},{broken}]}}'

    assert "a" in ids(page(body.encode("latin-1")))


def test_operation_outcome_instead_of_a_page_is_a_failure_with_its_codes_and_none_of_its_words() -> None:
    issue = {"severity": "error", "code": "not-found", "diagnostics": "Ada is unknown", "details": {"text": "Ada who?"}}

    with pytest.raises(SourceFailed, match="error/not-found") as failure:
        page(json.dumps({**OUTCOME, "issue": [issue]}).encode())

    assert "Ada" not in failure.value.detail


def test_body_that_is_no_bundle_is_unreadable() -> None:
    for body in (
        b"",
        b" ",
        b"<html>",
        b"\x1f\x8b",
        b"[]",
        b"null",
        b'{"resourceType":"Patient"}',
        b"{}",
        b'{"entry":[]}',
    ):
        with pytest.raises(SourceUnreadable):
            page(body)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_number_that_is_none_is_not_taken_for_one(number: str) -> None:
    good = json.dumps({"resource": STUDY})
    for beside in (f'"total":{number}', f'"link":[{{"relation":"next","url":{number}}}]', f'"extra":{number}'):
        body = f'{{"resourceType":"Bundle","entry":[{good}],{beside}}}'
        with suppress(SourceUnreadable):
            assert (page(body.encode()).total, page(body.encode()).next_url) == (None, None)

    odd = json.dumps({"resource": {**STUDY, "id": "b", "numberOfSeries": "NUMBER"}}).replace('"NUMBER"', number)
    found = page(f'{{"resourceType":"Bundle","entry":[{good},{odd},{good}]}}'.encode())
    assert (ids(found), found.unreadable) == (["a", "a"], 1)


def test_byte_order_mark_before_a_page_is_not_minded() -> None:
    body = json.dumps({"resourceType": "Bundle", "entry": [{"resource": STUDY}]}).encode()

    assert ids(page(b"\xef\xbb\xbf" + body)) == ["a"]
    assert ids(page(b"\xef\xbb\xbf" + body.replace(b'"a"', b'"a","x":"\\ud800"'))) == ["a"]


@pytest.mark.parametrize("crowd", [b"{}", b"[]", b"0", b'{"resource":{}}', b'{"resource":{"series":[{},{},{},{}]}}'])
def test_page_of_countless_things_is_unreadable_before_they_are_made(crowd: bytes) -> None:
    body = b'{"resourceType":"Bundle","entry":[' + (crowd + b",") * (6_000_000 // len(crowd)) + crowd + b"]}"
    tracemalloc.start()
    try:
        with pytest.raises(SourceUnreadable, match="too many"):
            page(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(body)


def test_page_that_was_cut_off_is_unreadable_wherever_it_was_cut() -> None:
    body = (DATA / "dstu1" / "Bundle-search.derived.json").read_bytes().rstrip()

    for end in range(0, len(body), 97):
        with pytest.raises(SourceUnreadable):
            page(body[:end])


def test_what_came_instead_is_never_quoted() -> None:
    with pytest.raises(SourceUnreadable) as failure:
        page(b"<html>Ada Lovelace, born 1815")

    assert "Ada" not in failure.value.detail
    assert "HTML" in failure.value.detail


DEEP = b"[" * 5_000 + b"]" * 5_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Bundle","x":' + DEEP + b"}",
        b'{"resourceType":"Bundle","link":' + DEEP + b"}",
        b'{"resourceType":"Bundle","entry":[{"resource":' + DEEP + b"}]}",
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"ImagingStudy","id":"a","x":' + DEEP + b"}}]}",
        b"[" * 100_000,
        b'{"resourceType":"Bundle","total":NaN}',
        b'{"resourceType":"Bundle","link":[{"relation":"\xff"}]}',
    ],
    ids=lambda body: repr(body[:60]),
)
def test_hostile_page_raises_nothing_but_a_source_error(body: bytes) -> None:
    with suppress(SourceError):
        assert page(body).unreadable <= 1


entries = st.lists(any_json.objects_with("resource", "content", "id", "search") | any_json.values, max_size=4)
bundles = any_json.objects_with("link", "entry", "issue", resourceType=st.just("Bundle"), entry=entries)


A = json.dumps({"resource": STUDY})


@pytest.mark.parametrize(
    "facts",
    [
        '"total":3.0',
        '"total":"3 "',
        '"total":1000000000',
        '"total":-1',
        '"link":[{"relation":"Next"}]',
        '"link":[{"url":"n"}]',
        '"link":{"next":"n"}',
        '"link":"next"',
        '"total":1,"total":0',
        '"total":3,"total":1',
        '"link":[{"relation":"next","url":"n"}],"link":[]',
    ],
)
@pytest.mark.parametrize("entries", ["", A, "7"], ids=["empty", "one study", "broken"])
def test_bundle_that_cannot_be_understood_is_never_all_there_is(facts: str, entries: str) -> None:
    assert page(f'{{"resourceType":"Bundle",{facts},"entry":[{entries}]}}'.encode()).troubled
    assert not page(f'{{"resourceType":"Bundle","total":1,"link":[],"entry":[{entries}]}}'.encode()).troubled


def test_empty_bundle_whose_names_are_written_with_escapes_is_never_all_there_is() -> None:
    assert page(b'{"resourceType":"Bundle","total":3,"tot\\u0061l":0}').troubled
    assert page(b'{"resourceType":"Bundle","\\u0065ntry":[]}').troubled


def test_next_page_is_next_in_any_case() -> None:
    assert read(link=[{"relation": " Next", "url": "n"}]).next_url == "n"


@pytest.mark.parametrize("entries", ['""', "{}", "7", "null", "false"])
def test_entries_that_are_no_list_are_not_nothing(entries: str) -> None:
    assert page(f'{{"resourceType":"Bundle","entry":{entries}}}'.encode()).unreadable == 1


def test_lone_entry_without_a_list_is_read() -> None:
    assert ids(page(f'{{"resourceType":"Bundle","entry":{A}}}'.encode())) == ["a"]


@pytest.mark.parametrize("mode", ["include", "outcome"])
def test_study_that_is_said_to_be_no_match_is_counted(mode: str) -> None:
    assert read({"resource": STUDY, "search": {"mode": mode}}).unreadable == 1


@pytest.mark.parametrize("second", ["[]", f"[{A}]"])
def test_entries_that_stand_twice_are_never_all_there_is(second: str) -> None:
    first = json.dumps([{"resource": {**STUDY, "id": "b", "subject": {"reference": "Patient/ada"}}}])

    assert page(f'{{"resourceType":"Bundle","entry":{first},"entry":{second}}}'.encode()).troubled
    assert page(f'{{"resourceType":"Bundle","entry":[{A}],"entry":[]}}'.encode()).troubled


@pytest.mark.parametrize(
    "twins",
    [
        '"subject":{"reference":"Patient/bob"},"subject":{"reference":"Patient/ada"}',
        '"subject":{"reference":"Patient/bob"},"subject":null',
        '"patient":{"reference":"Patient/bob"},"patient":{"reference":"Patient/ada"}',
        '"subject":{"reference":"Patient/bob"},"\\u0073ubject":{"reference":"Patient/ada"}',
        '"identifier":[{"value":"1.2.3"}],"identifier":[{"value":"1.2.4"}]',
        '"identifier":[{"value":"1.2.3"}],"identifier":[]',
    ],
)
def test_study_that_names_its_patient_or_its_number_twice_is_unreadable_and_costs_only_itself(twins: str) -> None:
    odd = f'{{"resource":{{"resourceType":"ImagingStudy","id":"b","description":"\\"subject\\"",{twins}}}}}'
    wrong_types = '{"resource":{"resourceType":"ImagingStudy","id":"c","series":7}}'
    for beside in (A, wrong_types):
        found = page(f'{{"resourceType":"Bundle","entry":[{A},{odd},{beside}]}}'.encode())

        assert (len(found.studies), found.unreadable) == (2, 1)


def test_subject_of_something_inside_a_study_is_no_twin() -> None:
    order = {"resourceType": "ServiceRequest", "subject": {"reference": "Patient/ada"}, "identifier": [{"value": "1"}]}
    inner = {**STUDY, "subject": {"identifier": {"value": "x"}}, "contained": [order, order]}

    found = read({"resource": inner}, {"resource": {**inner, "series": 7}})

    assert (len(found.studies), found.unreadable, found.troubled) == (2, 0, False)


def test_large_page_with_a_broken_character_is_not_mended() -> None:
    study = {"resource": {**STUDY, "description": "x" * 1_000_000 + "CHARACTER"}}
    body = json.dumps({"resourceType": "Bundle", "entry": [study] * 9}).encode().replace(b"CHARACTER", b"\x01", 1)

    with pytest.raises(SourceUnreadable, match="too large"):
        page(body)


@given(bundles | any_json.values)
@settings(deadline=None, max_examples=200)
def test_any_json_is_a_page_or_a_source_error(value: Any) -> None:
    try:
        found = page(json.dumps(value).encode())
    except SourceError:
        return

    assert found.next_url is None or isinstance(found.next_url, str)
    assert len(found.studies) + found.unreadable <= len(value["entry"])


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_any_bytes_are_a_source_error(body: bytes) -> None:
    with pytest.raises(SourceError):
        page(body)
