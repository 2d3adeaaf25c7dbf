"""What a list page's address says: which part of the list, which of its pages. It is remembered nowhere else."""

from typing import Any
from urllib.parse import urlencode

from flask import request
from msgspec import Struct

from sightline.filtering import PERIODS, Filter

_LONGEST_TEXT = 100


class ListAddress(Struct, frozen=True):
    """`show_hidden` shows records entered in error too, `anew` asks the sources again.

    `everything` shows also what the EHR did not ask for, where it asked for a part of the list.
    """

    filter: Filter
    page: int
    show_hidden: bool
    anew: bool
    everything: bool = False

    @property
    def filter_arguments(self) -> dict[str, Any]:
        """The filter alone."""
        if not self.filter.is_on:
            return self.whose_part
        named = {name: getattr(self.filter, name) for name in ("type", "period", "origin", "text")}
        return {name: value for name, value in (named | self.whose_part).items() if value}

    @property
    def whose_part(self) -> dict[str, Any]:
        """Whether all is shown where the EHR asked for a part."""
        return {"all": "show"} if self.everything else {}

    @property
    def arguments(self) -> dict[str, Any]:
        """The part of the list, for links to other pages of it."""
        return {**self.filter_arguments, "hidden": "show"} if self.show_hidden else self.filter_arguments

    @property
    def way_back(self) -> dict[str, Any]:
        """The part of the list and the page, so that the way back from a study leads to where it began."""
        return {**self.arguments, "page": self.page} if self.page > 1 else self.arguments

    @property
    def query(self) -> str:
        """The way back as a query string, empty or with its question mark."""
        return f"?{urlencode(self.way_back)}" if self.way_back else ""


def of_request() -> ListAddress:
    """What this request's address says; what it says wrongly counts as not said."""
    period = request.args.get("period", "")
    return ListAddress(
        Filter(_words("type"), period if period in PERIODS else "", _words("text"), _words("origin")),
        _page_number(),
        request.args.get("hidden") == "show",
        request.args.get("refresh") == "1",
        request.args.get("all") == "show",
    )


def _words(name: str) -> str:
    return "".join(filter(str.isprintable, request.args.get(name, "")))[:_LONGEST_TEXT].strip()


def _page_number() -> int:
    number = request.args.get("page", "1")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
