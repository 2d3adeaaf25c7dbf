"""config.example.toml: it loads as it stands, and it and the tables of keys speak of the same keys."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sightline.settings import VIEWER_KINDS, load
from sightline.settings.keys import TABLES
from sightline.settings.toml_lines import TomlLines
from sightline.settings.toml_tables import REQUIRED, Key, Table

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
PLAIN = EXAMPLE.read_text(encoding="utf-8")
TEXT = re.sub(r"(?m)^#(?=[\[a-z])", "", PLAIN)
"""With the blocks that stand behind # alone."""
DOCUMENT = tomllib.loads(TEXT)
BLOCKS = [(table, "") for table in TABLES if not table.kinds]
BLOCKS += [(table, kind) for table in TABLES for kind in table.kinds]
"""Each table, and each kind of one that has kinds."""


def nth_of(table: Table, kind: str) -> int:
    return next(nth for nth, block in enumerate(DOCUMENT[table.name]) if block.get("kind", "") == kind)


def block_of(table: Table, kind: str) -> dict[str, Any]:
    found: Any = DOCUMENT[table.name] if table.name else DOCUMENT
    block: dict[str, Any] = found[nth_of(table, kind)] if table.many else found
    return block


def path_of(table: Table, kind: str, *key: str) -> tuple[str | int, ...]:
    return (table.name, nth_of(table, kind), *key) if table.many else (table.name, *key) if table.name else key


ROWS = [
    pytest.param(table, kind, key, id=f"{table.name or 'top'}.{kind}.{key.name}")
    for table, kind in BLOCKS
    for key in table.keys_of({"kind": kind})
]

NOT_DEFAULTS = {
    *[("ehr", "", key) for key in ("client_id", "search", "viewer")],  # where it says what holds for the sandbox
    ("viewer", "weasis", "dicomweb"),  # one of two that may be empty
    ("viewer", "oe2", "open"),  # Orthanc's own pages are a work place, not a picture
    ("viewer", "template", "patient_system"),
    ("rule", "", "modality"),
}
"""Where the example shows something that is nobody's default."""


def is_commented(line: int) -> bool:
    """Beside the key, directly above it, or above the key before it when the two are explained together."""
    lines = ["", *TEXT.split("\n")]
    above, before = lines[line - 1], lines[line - 2]
    return " # " in lines[line] or above.startswith("#") or (" = " in above and before.startswith("#"))


def test_example_loads_as_it_stands_with_secrets_in_the_environment() -> None:
    environment = {"SIGHTLINE_SECRET_KEY": "k" * 32, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "a secret"}

    settings = load(EXAMPLE, environment)

    assert settings.viewer(settings.ehrs[0].viewer) is settings.viewers[0]
    assert settings.data_folder == EXAMPLE.parent / "var"


def test_example_loads_too_with_every_block_that_it_offers(tmp_path: Path) -> None:
    everything = tmp_path / "config.toml"
    everything.write_text(TEXT, encoding="utf-8")

    settings = load(everything, {"SIGHTLINE_SECRET_KEY": "k" * 32, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "a secret"})

    assert {viewer.kind for viewer in settings.viewers} == VIEWER_KINDS.keys()
    assert len(settings.rules) == 1


@pytest.mark.parametrize(("table", "kind", "key"), ROWS)
def test_key_stands_in_the_example_with_a_comment(table: Table, kind: str, key: Key) -> None:
    assert key.name in block_of(table, kind)

    line = TomlLines(TEXT).position(path_of(table, kind, key.name)).line

    assert TEXT.split("\n")[line - 1].startswith(f"{key.name} = ")
    assert is_commented(line) or is_explained_in_the_first_block(table, kind, key)


def is_explained_in_the_first_block(table: Table, kind: str, key: Key) -> bool:
    """What every block has is explained once."""
    return table.kinds != {} and key.name in block_of(table, "iid") and kind != "iid"


@pytest.mark.parametrize(("table", "kind", "key"), ROWS)
def test_default_of_a_key_is_what_the_example_says(table: Table, kind: str, key: Key) -> None:
    if key.default is REQUIRED:
        assert key.name in block_of(table, kind)
    elif (table.name, kind, key.name) in NOT_DEFAULTS:
        assert block_of(table, kind)[key.name] != key.default
    else:
        assert block_of(table, kind)[key.name] == key.default


@pytest.mark.parametrize(("table", "kind"), BLOCKS)
def test_example_has_no_other_key(table: Table, kind: str) -> None:
    tables = set() if table.name else {other.name for other in TABLES if other.name}

    assert set(block_of(table, kind)) - tables == {key.name for key in table.keys_of({"kind": kind})}


@pytest.mark.parametrize(("table", "kind"), BLOCKS[1:])
def test_table_stands_in_the_example_with_a_comment(table: Table, kind: str) -> None:
    line = TomlLines(TEXT).position(path_of(table, kind)).line

    assert TEXT.split("\n")[line - 1] == table.header
    assert TEXT.split("\n")[line - 2].startswith("#")


@pytest.mark.parametrize(
    "variable",
    [
        "SIGHTLINE_SECRET_KEY",
        "SIGHTLINE_SECRET_KEY_FILE",
        "SIGHTLINE_EHR_<NAME>_CLIENT_SECRET",
        "SIGHTLINE_EHR_<NAME>_CLIENT_SECRET_FILE",
        "SIGHTLINE_CLIENT_KEYS",
        "SIGHTLINE_CLIENT_KEYS_FILE",
        "SIGHTLINE_REDIS_URL",
        "SIGHTLINE_REDIS_URL_FILE",
    ],
)
def test_example_names_every_variable_of_a_secret(variable: str) -> None:
    assert variable in TEXT
