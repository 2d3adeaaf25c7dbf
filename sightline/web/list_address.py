"""What a list page's address says: which part of the list, its order, which of its pages. Remembered nowhere else."""

from typing import Any
from urllib.parse import urlencode

from flask import request
from msgspec import Struct

from sightline.filtering import PERIODS, Filter
from sightline.ordering import NEWEST, ORDERS

_LONGEST_TEXT = 100


class ListAddress(Struct, frozen=True):
    """`show_hidden` shows records entered in error too, `anew` asks the sources again.

    `everything` shows also what the EHR did not ask for, where it asked for a part of the list. `order`: one of ORDERS.
    `without_keys` switches the list's keys off, in every page that is reached from here.
    """

    filter: Filter
    page: int
    show_hidden: bool
    anew: bool
    everything: bool = False
    order: str = NEWEST
    without_keys: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it asks for all of the list, from its beginning: nothing that anybody typed stands in it."""
        return not (self.filter.is_on or self.page > 1 or self.show_hidden or self.everything)

    @property
    def filter_arguments(self) -> dict[str, Any]:
        """The filter, and what stays without it."""
        if not self.filter.is_on:
            return self.unfiltered
        named = {name: getattr(self.filter, name) for name in ("type", "body_part", "period", "origin", "text")}
        return {name: value for name, value in named.items() if value} | self.unfiltered

    @property
    def unfiltered(self) -> dict[str, Any]:
        """The order, whether all is shown where the EHR asked for a part, and whether keys are off."""
        if not (self.order or self.everything or self.without_keys):
            return {}
        said = {"sort": self.order, "all": self.everything and "show", "keys": self.without_keys and "off"}
        return {name: value for name, value in said.items() if value}

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

    @property
    def refreshed(self) -> str:
        """The way to the same part of the list, asked for anew, from the list's page."""
        return f"?{urlencode({'refresh': 1, **self.arguments})}" if self.arguments else "?refresh=1"

    def of_page(self, page: int) -> str:
        """The way to another page of the same list, from the list's page."""
        return f"?{urlencode({**self.arguments, 'page': page})}"

    @property
    def other_keys(self) -> str:
        """The way to this very page with the list's keys switched on, or off, whichever they are not."""
        return f"?{urlencode({**self.way_back, 'keys': '' if self.without_keys else 'off'})}"

    def sorted(self, order: str) -> str:
        """The way to the same part of the list in another order, from the list's page: to the first page of it."""
        others = self.arguments
        return f"?{urlencode({**others, 'sort': order})}" if others else f"?sort={order}"


def of_request() -> ListAddress:
    """What this request's address says; what it says wrongly counts as not said."""
    said = request.args.to_dict()
    period, order = said.get("period", ""), said.get("sort", NEWEST)
    words = (_words(said.get(name, "")) for name in ("type", "text", "origin", "body_part"))
    type_, text, origin, body_part = words
    return ListAddress(
        Filter(type_, period if period in PERIODS else "", text, origin, body_part),
        _page_number(said.get("page", "1")),
        said.get("hidden") == "show",
        said.get("refresh") == "1",
        said.get("all") == "show",
        order if order in ORDERS else NEWEST,
        said.get("keys") == "off",
    )


def _words(said: str) -> str:
    return "".join(filter(str.isprintable, said))[:_LONGEST_TEXT].strip()


def _page_number(number: str) -> int:
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
