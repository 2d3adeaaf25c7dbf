"""Texts and counts out of JSON from outside: what is none is None, and nothing raises."""

from typing import Any

import pytest
from hypothesis import given, settings

from sightline import outside_text
from tests import any_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [("CT", "CT"), ("  CT Head\n", "CT Head"), ("", None), (" ", None), (7, None), (["CT"], None)],
)
def test_text_is_a_string_with_something_in_it(value: Any, expected: str | None) -> None:
    assert outside_text.text(value) == expected


def test_text_longer_than_any_a_person_reads_is_cut() -> None:
    assert outside_text.text("x" * 4096) == "x" * 4096
    assert outside_text.text("x" * 4097) == "x" * 4096
    assert outside_text.text(" " * 4096 + "x") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("SB 1001", "SB 1001"),
        ("\0 SB-1001\r\n", "SB-1001"),
        ("SB-1\u202e001", None),
        ("SB-1\n001", None),
        ("SB-1\u200b001", None),
        ("x" * 4097, None),
        (" \0", None),
        ("", None),
        (7, None),
    ],
)
def test_number_is_taken_as_it_is_but_for_padding_or_not_at_all(value: Any, expected: str | None) -> None:
    assert outside_text.unaltered(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (12, 12),
        ("12", 12),
        (-1, None),
        ("-1", None),
        ("", None),
        ("²", None),
        (1.5, None),
        (True, None),
        ([], None),
    ],
)
def test_count_is_a_whole_number_from_zero_also_where_it_comes_as_text(value: Any, expected: int | None) -> None:
    assert outside_text.count(value) == expected


@given(any_json.values)
@settings(deadline=None)
def test_any_value_is_a_text_a_count_or_none_of_them(value: Any) -> None:
    assert outside_text.text(value) is None or isinstance(value, str)
    assert (outside_text.unaltered(value) or "") in (value if isinstance(value, str) else "")
    assert (outside_text.count(value) or 0) >= 0
