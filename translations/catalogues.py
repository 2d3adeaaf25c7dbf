"""Catalogues and what they are made of: the phrases in code and templates, each known by its English words."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from translations import pseudo

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "translations"
LANGUAGES = tuple(sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")))
_METHODS = {"sightline": [("**.py", "python")], "templates": [("**.html", "jinja2.ext.babel_extract")]}
_OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS = {
    "Phrase": None,
    "counted": (1, 2),
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "meaning": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
}
LAYOUT: dict[str, Any] = {"width": 120, "sort_output": True, "include_lineno": False}
"""One order and no line numbers, so that two branches seldom change the same lines."""
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands in each catalogue for the time of its making, which would differ in every branch."""


@cache
def phrases() -> Catalog:
    """Every phrase of code and templates, with the files it stands in."""
    found = Catalog()
    for folder, methods in _METHODS.items():
        extracted = extract_from_dir(ROOT / folder, methods, _OPTIONS, _KEYWORDS, ("Translators:",), None, True)
        for name, line, message, comments, context in extracted:
            found.add(message, None, [(f"{folder}/{name}", line)], auto_comments=comments, context=context)
    return found


def path(code: str, kind: str = "po") -> Path:
    """Where a language's catalogue is, or with `mo` what is compiled from it."""
    return FOLDER / code / "LC_MESSAGES" / f"messages.{kind}"


def read(code: str) -> Catalog:
    """The catalogue of a language, as its file stands."""
    with path(code).open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def take_in(catalogue: Catalog) -> Catalog:
    """The catalogue with the phrases that there are now: new ones without a translation, and no others."""
    catalogue.update(phrases(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy, catalogue.header_comment = (
        False,
        "# Sightline's pages. The English words come from the code: `make phrases`.",
    )
    catalogue.project, catalogue.version = "Sightline", ""
    catalogue.creation_date = catalogue.revision_date = _NEVER
    return catalogue


def write(catalogue: Catalog, code: str) -> None:
    """Writes the catalogue into its file."""
    with path(code).open("wb") as file:
        write_po(file, catalogue, **LAYOUT)


def unfinished(catalogue: Catalog) -> Iterator[str]:
    """Each message that may not be shown as it is: without a translation, a mere guess, or with other placeholders."""
    for message in catalogue:
        texts = pseudo.forms(message.string)
        if message.id and (message.fuzzy or not all(texts)):
            yield f"not translated: {message.id!r}"
        elif message.id:
            asked = set(pseudo.placeholders(pseudo.forms(message.id)[-1]))
            wrong = [text for text in texts if set(pseudo.placeholders(text)) != asked]
            yield from (f"other placeholders: {text!r}" for text in wrong[:1])


def compile_all() -> None:
    """Compiles every catalogue that has changed since, and makes anew the invented languages where phrases may have."""
    for code in LANGUAGES:
        if _is_older(path(code, "mo"), [path(code)]):
            _write_mo(read(code), path(code, "mo"))
    sources = [file for name in _METHODS for file in (ROOT / name).rglob("*.*")]
    for code, invent in pseudo.LANGUAGES.items():
        if _is_older(path(code, "mo"), sources):
            _write_mo(invent(phrases()), path(code, "mo"))


def _is_older(made: Path, sources: list[Path]) -> bool:
    return not made.exists() or made.stat().st_mtime < max(source.stat().st_mtime for source in sources)


def _write_mo(catalogue: Catalog, made: Path) -> None:
    """At once or not at all: others may be reading it."""
    made.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=made.parent, delete=False) as file:
        write_mo(file, catalogue)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(made)
