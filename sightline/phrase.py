"""What a person reads, before it is in the person's language: an English sentence, and the values in it by name.

A phrase is its own English text, so that logs, the audit trail and tests read it as it stands; the pages say it in
their language (`web/languages.py`). So a phrase is never glued to another, and never made of an f-string.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Self

Value = str | int


class Phrase(str):
    """`Phrase("%(viewer)s needs a number.", viewer=title)`. What stands in no catalogue is said in English.

    `message` is what the catalogues know it by, with a `context` where one English word has two meanings (`meaning`).
    `counted` makes those that have a plural: `plural` is empty in others.
    """

    __slots__ = ("context", "message", "number", "plural", "values")

    context: str
    message: str
    plural: str
    number: int
    values: Mapping[str, Value]

    def __new__(cls, message: str, /, **values: Value) -> Self:
        phrase = super().__new__(cls, filled(message, values))
        phrase.context, phrase.message, phrase.plural, phrase.number, phrase.values = "", message, "", 0, values
        return phrase


def meaning(context: str, message: str, /) -> Phrase:
    """`meaning("sex", "Other")`: a word that other languages have two words for, and what it is said of."""
    phrase = Phrase(message)
    phrase.context = context
    return phrase


def counted(one: str, many: str, number: int, /, **values: Value) -> Phrase:
    """`counted("%(number)s day", "%(number)s days", 3)`: the phrase that fits the number, which stands in it."""
    values = {**values, "number": number}
    phrase = Phrase(one if number == 1 else many, **values)
    phrase.message, phrase.plural, phrase.number = one, many, number
    return phrase


def both(words: Sequence[str], /) -> str:
    """`A and B and C`, none of them lost."""
    return reduce(lambda said, word: Phrase("%(some)s and %(another)s", some=said, another=word), words)


def either(words: Sequence[str], /) -> str:
    """`A or B or C`."""
    return reduce(lambda said, word: Phrase("%(one)s or %(other)s", one=said, other=word), words)


def filled(message: str, values: Mapping[str, Value]) -> str:
    """The message with its values in it, whole numbers in groups of three digits."""
    return message % {name: f"{v:,}" if isinstance(v, int) else v for name, v in values.items()} if values else message
