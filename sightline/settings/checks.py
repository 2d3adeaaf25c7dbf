"""The checks that a setting's value can pass. Each takes what TOML gave, and returns it in our terms or raises `Wrong`.

A function named for a kind of value is a check (`text`, `truth`); one with arguments makes a check (`whole(1, 24)`).
"""

import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sightline.settings.mistakes import Wrong, nearest
from sightline.settings.toml_tables import Check

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text(value: Any) -> str:
    """One line of text that is not empty."""
    if not isinstance(value, str):
        raise Wrong("is not text", "text in double quotes")
    if not value.strip():
        raise Wrong("is empty", "a text with at least one letter")
    if CONTROL.search(value):
        raise Wrong("holds a line break or another control character", "one line of plain text")
    return value


def truth(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong("is neither true nor false", "true or false, without quotes")
    return value


def at_least_one(check: Check) -> Check:
    """A list that `check` takes and that is not empty."""

    def check_filled(value: Any) -> Any:
        if value == []:
            raise Wrong("is empty", "a list with at least one item")
        return check(value)

    return check_filled


def matching(pattern: str, what: str, instead: str) -> Check:
    """Text that is `pattern` from end to end."""
    whole_pattern = re.compile(pattern)

    def check(value: Any) -> str:
        if not whole_pattern.fullmatch(text(value)):
            raise Wrong(what, instead)
        return str(value)

    return check


def or_empty(check: Check) -> Check:
    """What `check` takes, or the empty text, which stays as it is."""

    def empty_or_checked(value: Any) -> Any:
        return value if value == "" else check(value)

    return empty_or_checked


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if text(value) not in words:
            raise Wrong(f"is not known: {value!r}", nearest(value, words))
        return str(value)

    return check


def list_of(check: Check) -> Check:
    """A list, as a tuple of checked items. It may be empty; an item that stands in it twice is refused."""

    def check_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Wrong("is not a list", '["…", "…"], in brackets')
        checked: list[Any] = []
        for nth, item in enumerate(value):
            try:
                checked.append(check(item))
            except Wrong as wrong:
                raise Wrong(wrong.what, wrong.instead, item=nth) from None
            if checked[-1] in checked[:-1]:
                raise Wrong("stands in the list twice", "each once", item=nth)
        return tuple(checked)

    return check_all


def set_of(check: Check) -> Check:
    """A list, as a frozen set of checked items."""
    as_list = list_of(check)

    def check_all(value: Any) -> frozenset[Any]:
        return frozenset(as_list(value))

    return check_all


def not_empty(check: Check) -> Check:
    """What `check` takes, with something in it."""

    def check_all(value: Any) -> Any:
        checked = check(value)
        if not checked:
            raise Wrong("is empty", "at least one item")
        return checked

    return check_all


def pairs(name_check: Check, value_check: Check) -> Check:
    """A table within the line, `{ "name" = "value" }`, as a tuple of checked (name, value)."""

    def check_all(value: Any) -> tuple[tuple[Any, Any], ...]:
        if not isinstance(value, dict):
            raise Wrong("is not a table in braces", '{ "name" = "value", … }')
        checked = []
        for name, inner in value.items():
            try:
                checked.append((name_check(name), value_check(inner)))
            except Wrong as wrong:
                raise Wrong(f"has {name!r}, which {wrong.what}", wrong.instead) from None
        return tuple(checked)

    return check_all


def whole(low: int, high: int, times: int = 1) -> Check:
    """A whole number from `low` to `high`, multiplied: `whole(1, 24, times=3600)` takes hours and returns seconds."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong("is not a whole number", f"a whole number from {low} to {high}, without quotes")
        if not low <= value <= high:
            raise Wrong("is out of range", f"a whole number from {low} to {high}")
        return value * times

    return check


def number(low: float, high: float) -> Check:
    """A number from `low` to `high`, with or without a fraction."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong("is not a number", f"a number from {low:g} to {high:g}, without quotes")
        if not low <= value <= high:
            raise Wrong("is out of range", f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def time_zone(value: Any) -> ZoneInfo:
    """A time zone by its IANA name."""
    name = text(value)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, such as "Europe"
        instead = nearest(name, sorted(available_timezones()), otherwise="an IANA name such as Europe/Berlin")
        raise Wrong(f"is no time zone: {name!r}", instead) from None


scope = matching(r"[\x21\x23-\x5b\x5d-\x7e]+", "is not one scope", "one scope without spaces in each pair of quotes")
"""One OAuth scope (RFC 6749, 3.3)."""


def scopes(value: Any) -> tuple[str, ...]:
    """OAuth scopes (RFC 6749, 3.3) with `openid` among them, for without an id_token nobody knows who the user is."""
    words: tuple[str, ...] = list_of(scope)(value)
    if "openid" not in words:
        raise Wrong("do not contain openid", '"openid" as one more item')
    return words
