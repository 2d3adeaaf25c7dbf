"""Two invented languages for tests: English in strange letters, and in letters that are written from right to left.

What is still read in plain letters was not translated. Their codes are real ones, since libraries know no others, and
stand in no settings file.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from babel.messages.catalog import Catalog

ACCENTED, MIRRORED = "en_Dsrt", "ar_001"

_ENGLISH = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ←→"
_STRANGE = "áƀćđéƒǵħíĵķĺɱñóþɋŕśŧúṽŵẋýžÁɃĆĐÉƑǴĦÍĴĶĹṀÑÓÞɊŔŚŦÚṼŴẊÝŽ←→"
_HEBREW = "אבגדהופזחטיכלמנסעפצקרשתאבגדהוזחטיכלמנסעפצקרשתאבגדהוז→←"
_KEPT = re.compile(r"%\(\w+\)[sd]|<[^>]*>|&\w+;")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def placeholders(text: str) -> list[str]:
    """`%(viewer)s`, each as it stands."""
    return _PLACEHOLDER.findall(text)


def without_kept(text: str) -> str:
    """The text without its placeholders and tags, which are the same in all languages."""
    return _KEPT.sub("", text)


def forms(text: Any) -> tuple[str, ...]:
    """Singular and plurals of a message, or the one text that it has."""
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def _spelled(text: str, letters: dict[int, int]) -> str:
    """Every letter between placeholders and tags in the other letters."""
    pieces, end = [], 0
    for kept in _KEPT.finditer(text):
        pieces += [text[end : kept.start()].translate(letters), kept[0]]
        end = kept.end()
    return "".join([*pieces, text[end:].translate(letters)])


def _invented(code: str, letters: str, phrases: Catalog) -> Catalog:
    """Every phrase, spelled in these letters."""
    catalogue, table = Catalog(locale=code), str.maketrans(_ENGLISH, letters)
    for message in phrases:
        if message.id:
            spelled = [_spelled(text, table) for text in forms(message.id)]
            plurals = (spelled[0], *spelled[-1:] * (catalogue.num_plurals - 1))
            catalogue.add(message.id, plurals if len(spelled) > 1 else spelled[0], context=message.context)
    return catalogue


LANGUAGES: dict[str, Callable[[Catalog], Catalog]] = {
    ACCENTED: partial(_invented, ACCENTED, _STRANGE),
    MIRRORED: partial(_invented, MIRRORED, _HEBREW),
}
