"""The part of a patient's list that is asked for, in its order and the page's words, by plain Python."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext, ngettext

from bench.naive_dates import ZONE, shown

Row = dict[str, Any]

ROWS_A_PAGE = 50
_TAKEN_IN_AT_A_GLANCE = 20  # studies; a list no longer than that needs no years
PERIODS = {
    "30d": ("last 30 days", 30),
    "1y": ("last year", 366),
    "3y": ("last 3 years", 3 * 366),
    "10y": ("last 10 years", 10 * 366),
}
ORDERS = {
    "": "newest first",
    "oldest": "oldest first",
    "type": "by type",
    "description": "by description",
    "body-part": "by body part",
}
_TYPES = {
    "CR": "X-ray",
    "DX": "X-ray",
    "CT": "CT",
    "MR": "MRI",
    "US": "Ultrasound",
    "MG": "Mammogram",
    "NM": "Nuclear medicine",
    "PT": "PET",
    "XA": "Angiogram",
    "RF": "Fluoroscopy",
    "XC": "Photo",
    "ES": "Endoscopy",
    "OT": "Other",
}
_SIDES = {"24028007": "RIGHT", "419465000": "RIGHT", "7771000": "LEFT", "419161000": "LEFT", "51440002": "BOTH"}
_STATUSES = {
    "registered": "Not ready yet",
    "cancelled": "Cancelled",
    "entered-in-error": "Entered in error",
    "inactive": "Inactive",
    "unknown": "Status unknown",
}
_OBSTACLES = {
    "registered": "No images have arrived yet.",
    "cancelled": "No images were made.",
    "entered-in-error": "This record should not exist.",
}


class Listing:
    """`rows` are the patient's studies, `found` those among them that are asked for, in order."""

    def __init__(self, studies: list[Row], asked: Mapping[str, str]) -> None:
        self.asked, self.asked_at = asked, datetime.now(ZONE)
        self.hidden_count = sum(study["status"] == "entered-in-error" for study in studies)
        self.rows = [
            _row(study) for study in studies if asked["hidden"] == "show" or study["status"] != "entered-in-error"
        ]
        self.found = _in_order([row for row in self.rows if self._keeps(row)], asked["sort"])
        self.years = (
            _years(self.found) if asked["sort"] in ("", "oldest") and len(self.found) > _TAKEN_IN_AT_A_GLANCE else {}
        )
        self.types = sorted({type_ for row in self.rows for type_ in row["types"]}, key=_said)
        self.body_parts = sorted({site for row in self.rows for site in row["sites"]}, key=str.casefold)
        self.last_page = max(1, -(-len(self.found) // ROWS_A_PAGE))
        self.page = min(int(asked["page"] or 1), self.last_page)
        self.before = (self.page - 1) * ROWS_A_PAGE

    @property
    def is_filtered(self) -> bool:
        return any(self.asked[name] for name in ("type", "body_part", "period", "text"))

    @property
    def filter_in_words(self) -> str:
        return self._asked_in_words("type", "body_part", "period", "text")

    @property
    def limits_in_words(self) -> str:
        """What of the filter the image display is asked for too."""
        return self._asked_in_words("type", "period")

    @property
    def undated_count(self) -> int:
        return sum(row["started"] is None for row in self.found)

    @property
    def groups(self) -> Iterator[tuple[int | None, list[Row]]]:
        """This page's rows by their year; all together where the list has no years."""
        rows = self.found[self.before : self.before + ROWS_A_PAGE]
        return ((year, list(group)) for year, group in groupby(rows, _year if self.years else lambda _: None))

    def _asked_in_words(self, *names: str) -> str:
        asked = {name: self.asked[name] for name in names if self.asked[name]}
        if "type" in asked:
            asked["type"] = gettext(asked["type"])
        if "period" in asked:
            asked["period"] = gettext(PERIODS[asked["period"]][0])
        if "text" in asked:
            asked["text"] = f"“{asked['text']}”"
        return ", ".join(asked.values())

    def _keeps(self, row: Row) -> bool:
        asked = self.asked
        if asked["type"] and asked["type"] not in row["types"]:
            return False
        if asked["body_part"] and asked["body_part"] not in row["sites"]:
            return False
        if asked["period"]:
            earliest = self.asked_at - timedelta(days=PERIODS[asked["period"]][1])
            if row["started"] is None or row["started"] < earliest:
                return False
        if asked["text"]:
            named = (row["label"], row["accession"] or "", *row["modalities"], *row["sites"], *row["types"])
            searched = " ".join(named).casefold()
            return all(word in searched for word in asked["text"].casefold().split())
        return True


def _row(study: Row) -> Row:
    """The study with every word that its row shows."""
    types = list(dict.fromkeys(_TYPES.get(code, code) for code in study["modalities"]))
    type_ = " + ".join(gettext(each) for each in types) or gettext("Type not recorded")
    description = study["description"] or gettext("No description recorded")
    side = " + ".join(sorted(gettext(_SIDES[code]) for code in study["sides"] if code in _SIDES))
    if " + " in side:
        side = gettext("%(sides)s (by series)", sides=side)
    date = shown(study["started"]) if study["started"] else None
    when = date.short if date else gettext("date not recorded")
    return study | {
        "date": date,
        "types": types,
        "type": type_,
        "description": description,
        "is_described": bool(study["description"]),
        "side": side,
        "status": gettext(_STATUSES[study["status"]]) if study["status"] in _STATUSES else "",
        "obstacle": gettext(_OBSTACLES[study["status"]]) if study["status"] in _OBSTACLES else "",
        "struck": study["status"] == "entered-in-error",
        "detail": " · ".join(part for part in (", ".join(study["sites"]), " ".join(study["modalities"])) if part),
        "counts": _counts(study["series"], study["instances"]),
        "label": " · ".join(part for part in (type_, description, side, when) if part),
    }


def _said(words: str) -> str:
    said: str = gettext(words).casefold()
    return said


def _counts(series: int | None, images: int | None) -> str:
    said = [gettext("No images")] if images == 0 else []
    if images != 0 and series is not None:
        said.append(ngettext("%(number)s\xa0series", "%(number)s\xa0series", series, number=series))
    if images:
        said.append(ngettext("%(number)s\xa0image", "%(number)s\xa0images", images, number=images))
    return ", ".join(said) or gettext("Not recorded")


def _in_order(rows: list[Row], order: str) -> list[Row]:
    dated = sorted((row for row in rows if row["started"]), key=lambda row: row["started"], reverse=order != "oldest")
    in_time = dated + [row for row in rows if not row["started"]]
    if order == "type":
        return sorted(in_time, key=lambda row: row["type"].casefold())
    if order == "description":
        return sorted(in_time, key=lambda row: (not row["is_described"], row["description"].casefold()))
    if order == "body-part":
        return sorted(in_time, key=lambda row: (not row["sites"], ", ".join(row["sites"]).casefold()))
    return in_time


def _year(row: Row) -> int | None:
    return row["started"].astimezone(ZONE).year if row["started"] else None


def _years(rows: list[Row]) -> dict[int | None, tuple[int, int]]:
    """The years in their order: how many studies come before each, and how many it has; none if it is only one."""
    years: dict[int | None, tuple[int, int]] = {}
    before = 0
    for year, count in Counter(map(_year, rows)).items():
        years[year] = (before, count)
        before += count
    return years if len(years) > 1 else {}
