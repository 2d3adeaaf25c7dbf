"""In which language a page is, and its words in it. What goes to the log or the audit trail stays English.

Chosen for each request among the languages of the settings: what the user's account is set to, as the sign-in said;
else what the browser asks for (RFC 9110 section 12.5.4); else the first one, the site's. No cookie, and nothing kept.
"""

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

from babel import Locale
from flask import Flask, Response, current_app, g, request
from msgspec import Struct
from msgspec.structs import replace

from sightline import dates
from sightline.phrase import Phrase, Value, filled
from sightline.web.parts import Parts, parts

_SOURCE = "en"
"""The language that phrases are written in; it needs no catalogue."""
_ISOLATED = "\N{FIRST STRONG ISOLATE}%s\N{POP DIRECTIONAL ISOLATE}"


class Language(Struct, frozen=True):
    """One language: `code` as HTML and HTTP name it, `calendar` its months."""

    code: str
    calendar: dates.Calendar
    catalogue: NullTranslations

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return _writing(self.code)[0]

    def say(self, words: str) -> str:
        """The phrase in this language; whatever is no phrase came from outside, and stays as it is."""
        if not isinstance(words, Phrase) or not words.message or self.code == _SOURCE:
            return words
        if words.plural:
            message = self.catalogue.ngettext(words.message, words.plural, words.number)
        elif words.context:
            message = self.catalogue.pgettext(words.context, words.message)
        else:
            message = self.catalogue.gettext(words.message)
        return filled(message, {name: self._value(value) for name, value in words.values.items()})

    def begun(self, words: str) -> str:
        """The words as they begin a line."""
        said = self.say(words)
        return said[:1].upper() + said[1:]

    def number(self, number: int) -> str:
        """A whole number, in groups of three digits as this language parts them."""
        parted = f"{number:,}"
        return parted.replace(",", _writing(self.code)[1]) if "," in parted else parted

    def _value(self, value: Value) -> str:
        if isinstance(value, int):
            return self.number(value)
        said = self.say(value)
        return _ISOLATED % said if self.direction == "rtl" and said is value else said


def register(app: Flask) -> None:
    """Reads the catalogues. Raises FileNotFoundError for a language of the settings whose has not been compiled."""
    it: Parts = app.extensions["sightline"]
    folder = Path(app.root_path, "translations")
    app.extensions["languages"] = {code: _language(code, folder) for code in it.settings.languages}
    app.after_request(_named)


def current() -> Language:
    """The language of the request being answered. Look it up once for many words."""
    of_request = g._get_current_object()  # ten times a page
    found: Language | None = of_request.get("language")
    if found is None:
        found = of_request.language = current_app.extensions["languages"][_chosen()]
    return found


def say(words: str) -> str:
    """The phrase in the language of the request being answered."""
    return current().say(words)


def number(number: int) -> str:
    """The number as the language of the request being answered writes it."""
    return current().number(number)


def _language(code: str, folder: Path) -> Language:
    try:
        catalogue = NullTranslations() if code == _SOURCE else translation("messages", folder, [code.replace("-", "_")])
    except FileNotFoundError as cause:
        raise FileNotFoundError(f"no catalogue of {code} is compiled; `make install` does it") from cause
    language = Language(code, dates.ENGLISH, catalogue)
    return replace(language, calendar=dates.calendar(language.say))


@cache
def _writing(code: str) -> tuple[str, str]:
    """Its direction, and the sign between groups of three digits: when they are needed, for Babel is slow to read."""
    locale = Locale.parse(code, sep="-")
    return locale.text_direction, locale.number_symbols["latn"]["group"]


def _chosen() -> str:
    opened = g.get("chart") or g.get("signed_in")
    wanted = [opened.user.locale] if opened else []
    wanted += [tag for tag, quality in request.accept_languages if quality > 0]
    return _first_offered(wanted, parts().settings.languages)


def _first_offered(wanted: list[str], offered: tuple[str, ...]) -> str:
    """The first that is wanted and offered, `de` for `de-CH` too (RFC 4647 section 3.4); else the first offered."""
    known = {code.casefold(): code for code in offered}
    for tag in wanted:
        while tag:
            if found := known.get(tag.casefold()):
                return found
            tag = tag.rpartition("-")[0]
    return offered[0]


def _named(response: Response) -> Response:
    """A page says its language, and that another browser may get it in another one (RFC 9110 8.5, 12.5.5)."""
    if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
        response.headers["Content-Language"] = current().code
        response.vary.add("Accept-Language")
    return response
