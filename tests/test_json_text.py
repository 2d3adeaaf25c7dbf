"""JSON from outside: what is not safe to read is refused before it becomes values, and no text has two meanings."""

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from sightline.json_text import NotReadable, refuse_crowd, value, without_mark
from tests import any_json

MEGABYTE = 1_000_000
REPLACED = "\ufffd"


@given(any_json.values)
@settings(deadline=None)
def test_plain_json_is_what_it_says(said: Any) -> None:
    assert value(json.dumps(said).encode()) == said
    assert value(json.dumps(said, ensure_ascii=False, indent=1).encode()) == said


def test_byte_order_mark_is_no_part_of_the_text() -> None:
    assert value(b'\xef\xbb\xbf{"a":"\xc3\xa9"}') == {"a": "é"}
    assert without_mark(b"\xef\xbb\xbf{}") == without_mark(b"{}") == b"{}"


@pytest.mark.parametrize(
    "body",
    [
        '{"patient":"ada","patient":"cleo"}',
        '{"patient":"ada","patient":"ada"}',
        r'{"patient":"ada","p\u0061tient":"cleo"}',
        '[{"deep":{"a":1,"b":2,"a":3}}]',
        '{"":1,"":2}',
    ],
)
def test_name_that_stands_twice_is_refused(body: str) -> None:
    with pytest.raises(NotReadable, match="twice"):
        value(body.encode())


def test_same_name_in_different_objects_is_none_twice() -> None:
    assert value(b'[{"a":1},{"a":{"a":2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1.5e400", "1" * 5000])
def test_number_that_is_none_is_refused(number: str) -> None:
    for body in (number, f'{{"expires_in":{number}}}', f"[[{number}]]"):
        with pytest.raises(NotReadable):
            value(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"{'a':1}",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\x00"',
        b"\xff\xfe1\x00",
        b"\x00\x00\x00[",
        b"\x1f\x8b",
        b"[]]",
        b'["]',
        b'"\\',
        b"<html>",
        b"1 2",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
    ],
)
def test_text_that_is_no_json_in_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(NotReadable):
        value(body)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'"\ud800"', REPLACED),
        (rb'"a\uDC00b"', f"a{REPLACED}b"),
        (rb'{"\ud83d":["\ud83d\ude00",{"x":"\ude00\ud83d"}]}', {REPLACED: ["😀", {"x": REPLACED * 2}]}),
        (rb'"\\ud800"', r"\ud800"),
    ],
)
def test_half_a_character_is_replaced_so_that_pages_and_logs_can_be_written(body: bytes, read: Any) -> None:
    found = value(body)

    assert found == read
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_text_is_read_to_a_hundred_levels_and_no_deeper(brackets: str) -> None:
    begin, end = ("[", "]") if brackets == "[]" else ('{"a":', "}")
    for depth, readable in ((99, True), (100, True), (101, False), (MEGABYTE, False)):
        body = (begin * (depth - 1) + brackets + end * (depth - 1)).encode()
        if readable:
            value(body)
        else:
            with pytest.raises(NotReadable, match="too"):
                value(body)


@pytest.mark.parametrize("text", ["[" * 500, '\\"' + "[" * 500, "]" * 500, "\\\\", '{"\\u0022[[[['])
def test_brackets_in_a_text_are_no_levels(text: str) -> None:
    body = json.dumps({"div": text, "more": [text]}).encode()

    assert value(body) == {"div": text, "more": [text]}


BOMBS = {
    "objects": b"[" + b"{}," * (2 * MEGABYTE) + b"{}]",
    "lists": b"[" + b"[]," * (2 * MEGABYTE) + b"[]]",
    "numbers": b"[" + b"0," * (3 * MEGABYTE) + b"0]",
    "names": b"{" + b'"":0,' * MEGABYTE + b'"":0}',
    "behind much that is harmless": b'["' + b"x" * 4 * MEGABYTE + b'",' + b"{}," * 2 * MEGABYTE + b"{}]",
    "without end": b"[" * 4 * MEGABYTE,
}


@pytest.mark.parametrize("name", BOMBS)
def test_text_of_countless_values_is_refused_before_they_are_made(name: str) -> None:
    body = BOMBS[name]
    tracemalloc.start()
    try:
        for read in (value, refuse_crowd):
            with pytest.raises(NotReadable):
                read(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * len(body)


@pytest.mark.parametrize("body", [b'"' * 8 * MEGABYTE, b'"\\' * 4 * MEGABYTE, b'"' + b'\\"' * 4 * MEGABYTE, b"\\" * 9])
def test_text_made_to_be_slow_to_look_at_is_not(body: bytes) -> None:
    begin = time.thread_time()

    with pytest.raises(NotReadable):
        value(body)

    assert time.thread_time() - begin < 5


def test_document_of_an_unheard_of_size_is_refused() -> None:
    assert value(b'"' + b"x" * 10 * MEGABYTE + b'"')
    with pytest.raises(NotReadable, match="large"):
        value(b'"' + b"x" * 16 * MEGABYTE + b'"')


def test_large_answer_of_an_honest_server_is_no_crowd() -> None:
    instance = {"uid": "1.2.840.113619.2.55.3.604688", "number": 1, "sopClass": {"code": "1.2.840.10008.5.1.4.1.1.2"}}
    body = json.dumps({"entry": [instance] * 330_000}, separators=(",", ":")).encode()
    assert len(body) > 30 * MEGABYTE

    for _ in range(20):
        refuse_crowd(body)


def test_little_text_is_no_crowd_however_dense() -> None:
    refuse_crowd(b"[" + b"{}," * 20_000 + b"{}]")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_a_value_or_not_readable(body: bytes) -> None:
    try:
        found = value(body)
    except NotReadable:
        return

    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
