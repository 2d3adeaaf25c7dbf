"""docs/user-experience.md names, for each point, the test that holds it; a point without one says so."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = re.findall(r"^\| (\d+) \| (.+) \| (.+) \|$", (ROOT / "docs" / "user-experience.md").read_text(), re.MULTILINE)


def test_every_point_names_a_test_that_is_there_or_says_that_none_is() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 56))
    for number, _, held_by in ROWS:
        if held_by.startswith("not "):
            continue
        file, name = held_by.strip("`").split("::")
        functions = {
            node.name for node in ast.parse((ROOT / file).read_text()).body if isinstance(node, ast.FunctionDef)
        }
        assert name in functions, number
