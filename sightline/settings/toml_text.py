"""One TOML file as text and as values, or the one sentence that says why it cannot be read."""

import re
import tomllib
from pathlib import Path

from sightline.settings.mistakes import Mistake, SettingsError, fit_to_print
from sightline.settings.toml_lines import KeyPath, Position, TomlLines

SYNTAX_ADVICE = {
    "Cannot overwrite": "each key once in its table; a block that may repeat has two brackets, as [[ehr]]",
    "Cannot declare": "each [table] once; a block that may repeat has two brackets, as [[ehr]]",
    "Expected '='": 'a line of the form: key = "text"',
    "Invalid value": 'text in double quotes; numbers, true and false without: key = "text"',
    "Unclosed array": "a ] at the end of the list",
    "Illegal character": "text that ends with its quote on the same line",
    "Unescaped '\\'": r'a backslash written twice ("C:\\folder"), or text in single quotes',
}
"""How messages of `tomllib` begin, and what to write instead. Without a row here, the example file is named."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlText:
    """A file that is TOML 1.0 in UTF-8: its `document`, and its lines. `SettingsError` if it is not."""

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        text = _decoded(path)
        self._lines = text.split("\n")
        try:
            self.document = tomllib.loads(text)
            self._places = TomlLines(text)
        except RecursionError:
            raise _unusable(path, "brackets are nested too deeply", "lists and tables one level deep") from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError((self._syntax_mistake(str(error)),)) from None
        except ValueError:  # the only other one that tomllib lets through
            raise _unusable(path, "a number has thousands of digits", "a number of a sensible size") from None

    def position(self, path: KeyPath) -> Position:
        """Where the name at `path` begins, or the nearest name around it."""
        return self._places.position(path)

    def mistake(self, position: Position, what: str, instead: str) -> Mistake:
        """A mistake at a position of this file."""
        return Mistake(self._name, *position, what, instead, fit_to_print(self._lines[position.line - 1]))

    def _syntax_mistake(self, message: str) -> Mistake:
        """`tomllib` ends its messages with the place: `(at line 3, column 5)` or `(at end of document)`."""
        place = _PLACE.search(message)
        what = _PLACE.sub("", message)
        end = Position(len(self._lines), len(self._lines[-1]) + 1)
        position = Position(int(place[1]), int(place[2])) if place and place[1] else end
        advice = (advice for beginning, advice in SYNTAX_ADVICE.items() if what.startswith(beginning))
        instead = next(advice, "TOML 1.0, as config.example.toml shows")
        return self.mistake(position, f"this is not TOML: {what}", instead)


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _unusable(path, "there is no such file", "a copy of config.example.toml, made yours") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        what = f"the file cannot be read: {type(error).__name__}"
        raise _unusable(path, what, "a file that Sightline may read") from None
    try:
        # Editors on Windows put a byte order mark at the start, which TOML does not know.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unusable(path, f"line {line} is not UTF-8", "the file saved as UTF-8") from None


def _unusable(path: Path, what: str, instead: str) -> SettingsError:
    return SettingsError((Mistake(str(path), 0, 0, what, instead),))
