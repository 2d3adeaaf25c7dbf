"""One answer to a search: nothing is a 204 or an empty list, and nothing else is."""

import json

import pytest

from sightline.dicomweb.page import page
from sightline.errors import SourceUnreadable
from sightline.outbound import Answer
from tests.dicomweb.records import additional, record


def answered(body: bytes, status: int = 200, warning: str = "") -> Answer:
    return Answer(status, {"Warning": warning} if warning else {}, body)


@pytest.mark.parametrize("answer", [answered(b"", 204), answered(b"[]"), answered(b"\xef\xbb\xbf[]")])
def test_no_content_and_an_empty_list_are_both_nothing(answer: Answer) -> None:
    found = page(answer)

    assert (found.size, found.records, found.more) == (0, [], False)


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"<!doctype html>", b"[{}", b'"none"', b"[" * 100_000])
def test_anything_else_is_not_taken_for_nothing(body: bytes) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        page(answered(body))

    assert refused.value.sentence == "The archive sent an answer that is not readable as DICOM."


def test_bad_record_costs_itself_and_not_the_page() -> None:
    good = json.dumps(record("1.2.1"))
    twice = '{"00100020": {"vr": "LO", "Value": ["SB-1"]}, "00100020": {"vr": "LO", "Value": ["SB-2"]}}'

    found = page(answered(f"[{good}, 7, null, {{}}, [], {twice}, {good}]".encode()))

    assert (len(found.records), found.unreadable, found.size) == (2, 5, 7)


def test_broken_letter_costs_no_record() -> None:
    body = json.dumps([record("1.2.1", t00081030="X")]).encode().replace(b'"X"', b'"Sch\xe4del"')

    [found] = page(answered(body)).records

    assert found["00081030"]["Value"] == ["Sch\ufffddel"]


def test_answer_says_that_there_are_more() -> None:
    some, partial = page(answered(b"[]", warning=additional(3))), page(answered(b"[]", 206))

    assert (some.more, some.additional, some.warnings) == (True, 3, ())
    assert (partial.more, partial.additional) == (True, 0)


def test_number_of_additional_results_is_read_without_quotes_too() -> None:
    assert page(answered(b"[]", warning="299 archive There are 12 additional results that can be requested")).more


def test_other_warnings_are_words_to_show() -> None:
    stated = f'299 a: "The index is being rebuilt.", {additional(3)}'

    assert page(answered(b"[]", warning=stated)).warnings == ("The index is being rebuilt.",)
