"""Tables and keys of the file that Sightline does not know, each with the one that was probably meant."""

from collections.abc import Mapping
from typing import Any

from sightline.settings.keys import NAME, TABLES
from sightline.settings.mistakes import Wrong, nearest
from sightline.settings.secrets import ACCESS, SECRET_KEY, variable_of
from sightline.settings.toml_tables import Table, TomlFile


def refuse_unknown_names(file: TomlFile) -> None:
    """Notes every table and key that is in no row, with the one that was probably meant."""
    for table in TABLES:
        for path, block in file.blocks(table):
            for name in block.keys() - _names(table, block):
                file.mistake((*path, name), *_unknown(table, name, block))


def _names(table: Table, block: Mapping[str, Any]) -> list[str]:
    if table.kinds and block.get("kind") not in [*table.kinds]:
        return list(block)  # what may stand here is not known before the kind is; that one is a mistake of its own
    tables = [] if table.name else [other.name for other in TABLES if other.name]
    return [key.name for key in table.keys_of(block)] + tables


def _unknown(table: Table, name: str, block: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a name in a block, and what to write instead."""
    if name in ("secret_key", "client_secret", *ACCESS):
        variable = SECRET_KEY if name == "secret_key" else _variable_of(table, block, name)
        return f"{name} stands in the file, but secrets never do", f"the environment variable {variable}"
    if _holds_tables(block[name]):
        headers = {other.name: other.header for other in TABLES if other.name}
        meant = nearest(name, list(headers))
        return f"there is no table {name!r} {table.where}", headers.get(meant) or " or ".join(headers.values())
    where, known = _where(table, block), table.keys_of(block)
    homes = [other.where for other in TABLES if name in {key.name for key in other.keys}]
    homes += [f'in {other.header} of kind = "{kind}"' for other, kind in _kinds_with(name)]
    if homes:
        return f"{name} does not belong {where}", f"{name} {' or '.join(homes)}"
    return f"there is no key {name!r} {where}", nearest(name, [key.name for key in known])


def _where(table: Table, block: Mapping[str, Any]) -> str:
    return f'{table.where} of kind = "{block["kind"]}"' if table.kinds else table.where


def _kinds_with(name: str) -> list[tuple[Table, str]]:
    """The kinds of blocks that have a key of this name."""
    kinds = [(table, kind, keys) for table in TABLES for kind, keys in table.kinds.items()]
    return [(table, kind) for table, kind, keys in kinds if name in {key.name for key in keys}]


def _variable_of(table: Table, block: Mapping[str, Any], key: str) -> str:
    whose = table.name if table.name == "archive" else "ehr"
    try:
        return variable_of(NAME(block.get("name")), key, whose)
    except Wrong:
        return variable_of("<name>", key, whose)


def _holds_tables(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))
