"""Attribute matching of QIDO-RS (PS3.18 8.3.4.1, PS3.4 C.2.2.2): does this header answer these keys?"""

import re
from collections.abc import Mapping
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from sandbox.archive.dicom_json import Header, values

RANGED = {"DA", "TM", "DT"}
WILDCARDED = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
CASELESS = {"PN"}


class BadQuery(ValueError):
    """The query cannot be understood; the message is the sentence for whoever asked (400)."""


def keyword(name: str) -> str:
    """The keyword of `PatientID` or `00100020`; BadQuery for what is neither."""
    number = int(name, 16) if re.fullmatch("[0-9A-Fa-f]{8}", name) else tag_for_keyword(name)
    found = keyword_for_tag(number) if number is not None else ""
    if not found:
        raise BadQuery(f"There is no attribute called {name!r}.")
    return found


def matches(header: Header, keys: Mapping[str, str]) -> bool:
    """True where every key (keyword -> matching text) fits. An empty text matches everything (universal matching)."""
    return all(_fits(dictionary_VR(name), wanted, values(header, name)) for name, wanted in keys.items() if wanted)


def check(name: str, wanted: str) -> None:
    """Refuse a key that no archive could match: a sequence, a malformed date or time range."""
    vr = dictionary_VR(name)
    if vr == "SQ":
        raise BadQuery(f"{name} is a sequence; this archive does not match inside sequences.")
    if vr == "DA" and wanted and not re.fullmatch(r"(\d{8})?-?(\d{8})?", wanted):
        raise BadQuery(f"{name} must be YYYYMMDD or a range such as 20240101-20241231.")
    if vr == "TM" and wanted and not re.fullmatch(r"([\d.]{2,13})?-?([\d.]{2,13})?", wanted):
        raise BadQuery(f"{name} must be HHMMSS or a range such as 0800-1200.")


def _fits(vr: str, wanted: str, have: list[Any]) -> bool:
    texts = [str(item) for item in have if item is not None]
    if vr in RANGED:
        return any(_in_range(text, wanted) for text in texts)
    if vr == "UI":
        return any(text in re.split(r"[,\\]", wanted) for text in texts)
    if vr in WILDCARDED and wanted.strip("*") == "":
        return True
    pattern = _pattern(wanted, vr)
    return any(pattern.fullmatch(text.strip()) for text in texts)


def _pattern(wanted: str, vr: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."} if vr in WILDCARDED else {}
    text = "".join(wild.get(character, re.escape(character)) for character in wanted.strip())
    return re.compile(text, re.DOTALL | (re.IGNORECASE if vr in CASELESS else 0))


def _in_range(text: str, wanted: str) -> bool:
    low, dash, high = wanted.partition("-")
    if not dash:
        return text.startswith(low)
    return (not low or text >= low) and (not high or text[: len(high)] <= high)
