"""Where each table, key and array item of a TOML text stands (TOML 1.0).

The standard library's `tomllib` gives values without their places. `TomlLines` walks a text that `tomllib` has already
accepted, so it need not judge it: it only tells strings, comments and brackets apart, and notes where names begin.
"""

import re
import tomllib
from typing import NamedTuple

KeyPath = tuple[str | int, ...]
"""The steps from the top of a document to a value: `("ehr", 0, "scopes", 2)`."""

_TOKEN = re.compile(
    r"""
      "{3} (?: \\. | [^\\] )*? "{3} "{0,2}      # a text over several lines may end in two quotes of its own
    | '{3} .*? '{3} '{0,2}
    | "(?: \\. | [^"\\\n] )*"
    | '[^'\n]*'
    | \#[^\n]*
    | [\[\]{},=.\n]
    | [^\s\#"'\[\]{},=.]+
    """,
    re.VERBOSE | re.DOTALL,
)


class Position(NamedTuple):
    """A place in a text, line and column counted from 1."""

    line: int
    column: int


class TomlLines:
    """The places of all names in one TOML text that `tomllib` accepts, with its line ends as `\\n`."""

    def __init__(self, text: str) -> None:
        self._places = _Walk(text).places

    def position(self, path: KeyPath) -> Position:
        """Where the name at `path` begins, or the nearest name around it, or the start of the text."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, Position(1, 1))


class _Walk:
    """One pass over the tokens of a text; `places` holds what it met."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [(m[0], m.start()) for m in _TOKEN.finditer(text) if not m[0].startswith("#")]
        self._tokens.append(("", len(text)))
        self._at = 0
        self._last_item: dict[KeyPath, int] = {}
        self.places: dict[KeyPath, Position] = {}
        self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        while self._next:
            if self._next == "\n":
                self._take()
            elif self._next == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        start = self._at
        self._take()
        many = self._next == "["
        if many:
            self._take()
        names = self._names()
        while self._next == "]":
            self._take()
        path = self._table_path(names, many)
        self._note(path, start)
        return path

    def _table_path(self, names: list[str], many: bool) -> KeyPath:
        """A header's names with the number of the array item that each one means, which TOML leaves unsaid."""
        path: KeyPath = ()
        for nth, name in enumerate(names, start=1):
            path += (name,)
            if many and nth == len(names):
                self._last_item[path] = self._last_item.get(path, -1) + 1
            if path in self._last_item:
                path += (self._last_item[path],)
        return path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table + tuple(self._names())
        self._note(path, start)
        self._take()  # the equals sign
        self._value(path)

    def _names(self) -> list[str]:
        names = [_plain(self._take())]
        while self._next == ".":
            self._take()
            names.append(_plain(self._take()))
        return names

    def _value(self, path: KeyPath) -> None:
        if self._next == "{":
            self._inline_table(path)
        elif self._next == "[":
            self._array(path)
        else:
            while self._next not in {",", "]", "}", "\n", ""}:
                self._take()

    def _inline_table(self, path: KeyPath) -> None:
        self._take()
        while self._next != "}":
            if self._next in {",", "\n"}:
                self._take()
            else:
                self._pair(path)
        self._take()

    def _array(self, path: KeyPath) -> None:
        self._take()
        nth = 0
        while self._next != "]":
            if self._next in {",", "\n"}:
                self._take()
            else:
                self._note((*path, nth), self._at)
                self._value((*path, nth))
                nth += 1
        self._take()

    @property
    def _next(self) -> str:
        return self._tokens[self._at][0]

    def _take(self) -> str:
        token = self._next
        self._at += 1
        return token

    def _note(self, path: KeyPath, token: int) -> None:
        """Notes `path`, and the tables that it opens on its way, at the place of a token."""
        offset = self._tokens[token][1]
        line_start = self._text.rfind("\n", 0, offset) + 1
        position = Position(self._text.count("\n", 0, offset) + 1, offset - line_start + 1)
        for length in range(1, len(path) + 1):
            self.places.setdefault(path[:length], position)


def _plain(name: str) -> str:
    """A key without its quotes and escapes."""
    if name[0] not in "\"'":
        return name
    return next(iter(tomllib.loads(f"{name} = 0")))
