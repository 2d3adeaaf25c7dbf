"""Reads TOML tables by rows of `Key`, and collects every mistake with its place instead of stopping at the first.

A row says a key's name, the check that its value must pass, and what holds when it is left out. What the keys mean is
known only to `keys.py`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from sightline.settings.mistakes import Mistake, Wrong
from sightline.settings.toml_lines import KeyPath
from sightline.settings.toml_text import TomlText

Check = Callable[[Any], Any]
"""Takes a value as TOML gives it; returns it in our terms or raises `Wrong`."""

REQUIRED: Final = object()
"""Stands in a row of `Key` for "there is no default"."""


class Key(Struct, frozen=True):
    """One key of a table. The default is written as in TOML; `field` names what `check` returns, if not `name`."""

    name: str
    check: Check
    default: Any = REQUIRED
    field: str = ""


class Table(Struct, frozen=True):
    """A table: `[name]`, or `[[name]]` when `many`; without a name, the file's top.

    Of many blocks at least one is needed, unless they are `optional`. `kinds` are more keys for a block, by the word in
    its key `kind`.
    """

    name: str
    keys: tuple[Key, ...]
    many: bool = False
    optional: bool = False
    kinds: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)

    def keys_of(self, block: Mapping[str, Any]) -> tuple[Key, ...]:
        """The keys that this block may have."""
        kind = block.get("kind")
        return self.keys + (self.kinds.get(kind, ()) if isinstance(kind, str) else ())

    @property
    def header(self) -> str:
        """The line that begins the table; empty for the file's top."""
        return f"[[{self.name}]]" if self.many else f"[{self.name}]" if self.name else ""

    @property
    def where(self) -> str:
        """Where the table's keys stand, for a message."""
        return f"in {self.header}" if self.name else "at the top of the file"


class TomlFile:
    """A TOML file, its `document`, and the mistakes found in it so far. `SettingsError` at once if it is no TOML."""

    def __init__(self, path: Path) -> None:
        self._text = TomlText(path)
        self.document: dict[str, Any] = self._text.document
        self.mistakes: list[Mistake] = []

    def mistake(self, path: KeyPath, what: str, instead: str) -> None:
        """Notes a mistake at the name that `path` leads to, or at the nearest name around it."""
        self.mistakes.append(self._text.mistake(self._text.position(path), what, instead))

    def mistake_elsewhere(self, place: str, what: str, instead: str) -> None:
        """Notes a mistake that stands in no line of this file."""
        self.mistakes.append(Mistake(place, 0, 0, what, instead))

    def line(self, path: KeyPath) -> int:
        """The line in which the name at `path` stands."""
        return self._text.position(path).line

    def blocks(self, table: Table) -> list[tuple[KeyPath, dict[str, Any]]]:
        """Each block of a table as it stands, with its path; nothing where something else has the table's name."""
        if not table.name:
            return [((), self.document)]
        found = self.document.get(table.name, [] if table.many else {})
        if not table.many:
            return [((table.name,), found)] if isinstance(found, dict) else []
        items = found if isinstance(found, list) else []
        return [((table.name, nth), item) for nth, item in enumerate(items) if isinstance(item, dict)]

    def one(self, table: Table) -> dict[str, Any]:
        """The fields of `[table]` or of the file's top; all defaults where the table is left out."""
        for path, block in self.blocks(table):
            return self._fields(table, block, path)
        self.mistake((table.name,), f"{table.name} is not one table", f"{table.header}, with its keys below")
        return {}

    def many(self, table: Table) -> list[dict[str, Any]]:
        """The fields of each `[[table]]`, in the file's order."""
        found = self.document.get(table.name, [])
        blocks = self.blocks(table)
        if not isinstance(found, list) or len(found) != len(blocks):
            self.mistake((table.name,), f"{table.name} is not a list of blocks", f"{table.header}, with two brackets")
            return []
        if not found and not table.optional:
            self.mistake((table.name,), f"there is no {table.header}", "at least one, as config.example.toml shows")
        return [self._fields(table, block, path) for path, block in blocks]

    def _fields(self, table: Table, raw: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        """The checked values of a table by field name, without those that are wrong or missing: these are mistakes."""
        fields = {}
        for key in table.keys_of(raw):
            if key.name not in raw and key.default is REQUIRED:
                instead = f"a line {key.name} = …, as config.example.toml explains it"
                self.mistake(path, f"{key.name} is missing {table.where}", instead)
                continue
            try:
                fields[key.field or key.name] = key.check(raw.get(key.name, key.default))
            except Wrong as wrong:
                self._refuse((*path, key.name), wrong)
        return fields

    def _refuse(self, path: KeyPath, wrong: Wrong) -> None:
        if wrong.item is None:
            self.mistake(path, f"{path[-1]} {wrong.what}", wrong.instead)
        else:
            self.mistake((*path, wrong.item), f"item {wrong.item + 1} of {path[-1]} {wrong.what}", wrong.instead)
