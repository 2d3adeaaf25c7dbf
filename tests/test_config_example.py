"""config.example.toml: it loads as it stands, and it and the tables of keys speak of the same keys."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from sightline.settings import load
from sightline.settings.keys import TABLES
from sightline.settings.toml_lines import TomlLines
from sightline.settings.toml_tables import REQUIRED, Key, Table

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
DOCUMENT = tomllib.loads(TEXT)
ROWS = [pytest.param(table, key, id=f"{table.name or 'top'}.{key.name}") for table in TABLES for key in table.keys]

OF_THE_SANDBOX = {("ehr", "search"), ("ehr", "viewer"), ("ehr", "client_id")}
"""Where the example says what holds for the sandbox, and another hospital's default is to say nothing."""


def path_of(table: Table, key: str) -> tuple[str | int, ...]:
    return (table.name, 0, key) if table.many else (table.name, key) if table.name else (key,)


def block_of(table: Table) -> dict[str, Any]:
    found: Any = DOCUMENT[table.name] if table.name else DOCUMENT
    block: dict[str, Any] = found[0] if table.many else found
    return block


def is_commented(line: int) -> bool:
    """Beside the key, directly above it, or above the key before it when the two are explained together."""
    lines = ["", *TEXT.split("\n")]
    above, before = lines[line - 1], lines[line - 2]
    return " # " in lines[line] or above.startswith("#") or (" = " in above and before.startswith("#"))


def test_example_loads_as_it_stands_with_secrets_in_the_environment() -> None:
    environment = {"SIGHTLINE_SECRET_KEY": "k" * 32, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "a secret"}

    settings = load(EXAMPLE, environment)

    assert settings.viewer_of(settings.ehrs[0]) is settings.viewers[0]
    assert settings.data_folder == EXAMPLE.parent / "var"


@pytest.mark.parametrize(("table", "key"), ROWS)
def test_key_stands_in_the_example_with_a_comment(table: Table, key: Key) -> None:
    assert key.name in block_of(table)

    line = TomlLines(TEXT).position(path_of(table, key.name)).line

    assert TEXT.split("\n")[line - 1].startswith(f"{key.name} = ")
    assert is_commented(line)


@pytest.mark.parametrize(("table", "key"), ROWS)
def test_default_of_a_key_is_what_the_example_says(table: Table, key: Key) -> None:
    if key.default is REQUIRED:
        assert key.name in block_of(table)
    elif (table.name, key.name) in OF_THE_SANDBOX:
        assert not key.default
    else:
        assert block_of(table)[key.name] == key.default


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name or "top")
def test_example_has_no_other_key(table: Table) -> None:
    tables = set() if table.name else {other.name for other in TABLES if other.name}

    assert set(block_of(table)) - tables == {key.name for key in table.keys}


@pytest.mark.parametrize("table", TABLES[1:], ids=lambda table: table.name)
def test_table_stands_in_the_example_with_a_comment(table: Table) -> None:
    line = TomlLines(TEXT).position((table.name,)).line

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
