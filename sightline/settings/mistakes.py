"""What is wrong in the settings: a check says `Wrong`, a `Mistake` adds its place, `SettingsError` carries them all."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from msgspec import Struct

SECRET_VALUE = re.compile(r"""((?:secret|password|token)\w*["']?\s*=).*""", re.IGNORECASE)
USER_OF_URL = re.compile(r"//[^/\s]*@")


class Wrong(ValueError):
    """A value that a check refuses: what it is (`"is not text"`), what to write instead, and which item of a list."""

    def __init__(self, what: str, instead: str, item: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.instead = instead
        self.item = item


class Mistake(Struct, frozen=True):
    """One mistake. Line and column count from 1; both are 0 for one that stands in no line. `source` is that line."""

    file: str
    line: int
    column: int
    what: str
    instead: str
    source: str = ""

    def __str__(self) -> str:
        """The mistake as a paragraph: place and sentence, the line with a caret under it, what would be right."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        caret = [f"    {self.source}", "    " + " " * (self.column - 1) + "^"] if self.source else []
        return "\n".join([f"{place}: {self.what}", *caret, f"Instead: {self.instead}"])


class SettingsError(Exception):
    """Settings that cannot be used, with all that is wrong in them. Its text has one paragraph for each mistake."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        """All paragraphs, with an empty line between."""
        return "\n\n".join(str(mistake) for mistake in self.mistakes)


def fit_to_print(line: str) -> str:
    """A line of the file as a log may show it: no secret that was written there by mistake, no control characters."""
    without_secret = USER_OF_URL.sub("//…@", SECRET_VALUE.sub(r"\1 …", line))
    return "".join(sign if sign.isprintable() else " " for sign in without_secret)


def nearest(word: str, known: Sequence[str], otherwise: str = "") -> str:
    """What to write instead of an unknown word: the known one most like it; else `otherwise`, or all that are known."""
    close = get_close_matches(word, known, n=1)
    return close[0] if close else otherwise or " or ".join(known)
