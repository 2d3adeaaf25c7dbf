"""The stylesheet: it knows beginnings and ends, not left and right, and is small; so are the modules."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parent.parent / "static" / "sightline.css").read_text(encoding="utf-8")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-padding)-(?:left|right|top|bottom)\b|(?:left|right|float|clear)\s*:"
    r"|(?:text-align|justify-\w+|align-\w+|place-\w+)\s*:\s*(?:left|right)|(?:min-|max-)?(?:width|height)\s*:)"
)


def test_layout_turns_with_the_direction_of_the_page() -> None:
    declarations = re.sub(r"@media[^{]*\{", "", TEXT)

    assert PHYSICAL.findall(declarations) == []


@pytest.mark.parametrize("rule", ["margin-left: 1px", "left: 0", "text-align: right", "float: left", "max-width: 3rem"])
def test_declaration_that_would_not_turn_is_found(rule: str) -> None:
    assert PHYSICAL.search(f".x {{ {rule}; }}")


def test_stylesheet_is_small_enough_to_be_read() -> None:
    assert len(TEXT.encode()) <= 20_000


@pytest.mark.parametrize("module", ["sightline.js", "list.js"])
def test_module_is_small_enough_to_be_read(module: str) -> None:
    assert (Path(__file__).parent.parent / "static" / module).stat().st_size <= 10_000
