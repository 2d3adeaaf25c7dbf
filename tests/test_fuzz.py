"""A little of `make fuzz`: nothing from outside gives anything but a value or an error of ours."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.fuzz.targets import Target, targets
from tests.fuzz.trial import tried

NAMES = [
    "Bundle",
    "Patient",
    "CapabilityStatement",
    "smart-configuration",
    "token response",
    "id_token",
    "id_token's claims",
    "JWKS",
    "launch",
    "callback",
]


@pytest.fixture(scope="module")
def known() -> Iterator[dict[str, Target]]:
    with targets() as found:
        yield found


def test_everything_that_is_parsed_from_outside_is_tried(known: dict[str, Target]) -> None:
    assert list(known) == NAMES


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize("name", NAMES)
def test_real_document_is_taken_as_it_stands_and_broken_ones_give_a_value_or_an_error_of_ours(
    known: dict[str, Target], name: str
) -> None:
    target = known[name]
    target.read(target.seeds[0]) if name != "callback" else None

    for finding in (tried(name, target, Random(f"{name} {n}")) for n in range(120)):
        assert finding is None, str(finding)


@pytest.mark.parametrize("fault", [ValueError, KeyError, RecursionError, UnicodeError, AssertionError])
def test_reader_that_cannot_take_an_input_is_found_with_it(fault: type[Exception]) -> None:
    def read(body: bytes) -> object:
        raise fault(body)

    finding = tried("broken", Target((b"{}",), read), Random(7))

    assert finding
    assert fault.__name__ in str(finding)
    assert repr(finding.body) in str(finding)
