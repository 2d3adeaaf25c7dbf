"""Names that stand twice in an object are found, wherever else the same words stand."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from sightline.fhir import twins
from tests import any_json

NAMES = ("subject", "total")


@pytest.mark.parametrize(
    "text",
    [
        '{"subject":1,"subject":1}',
        '{"subject":{"subject":1},"x":[{"subject":2}],"subject" : 3}',
        '{"x":"\\"total\\"","total":1,"y":0,"total":1}',
        '{"subject":1,"\\u0073ubject":2}',
        '{"\\u0073ubject":2}',
    ],
)
def test_name_that_stands_twice_or_in_disguise_is_found(text: str) -> None:
    assert twins.named(text.encode(), NAMES)


@pytest.mark.parametrize(
    "text",
    [
        '{"subject":1,"total":2}',
        '{"subject":{"subject":1},"x":[{"subject":2},"subject","a \\"subject\\""]}',
        '{"x":1,"x":2}',
        "{}",
        "[]",
        "7",
        "",
        "{",
    ],
)
def test_name_that_stands_once_there_is_no_twin_whatever_is_inside(text: str) -> None:
    assert not twins.named(text.encode(), NAMES)


@given(any_json.values, any_json.values)
@settings(deadline=None)
def test_any_value_has_no_twin_beside_it_and_is_its_own_twin(one: Any, other: Any) -> None:
    first, second = json.dumps(one, allow_nan=False), json.dumps(other, allow_nan=False)

    assert not twins.named(f'{{"subject":{first},"total":{second}}}'.encode(), NAMES)
    assert twins.named(f'{{"subject":{first},"subject":{second}}}'.encode(), NAMES)


class Named(msgspec.Struct):
    number: int = twins.number()


class Holder(msgspec.Struct):
    one: Named | None = None


@pytest.mark.parametrize(
    ("text", "expected"), [('{"one":{}}', 1), ('{"one":{},"one":{}}', 2), ('{"one":{"number":7}}', 1)]
)
def test_each_struct_that_the_decoder_makes_is_counted_also_one_that_is_overwritten(text: str, expected: int) -> None:
    before = twins.made()
    msgspec.json.decode(text, type=Holder)

    assert twins.made() - before - 1 == expected
