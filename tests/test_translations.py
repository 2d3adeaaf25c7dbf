"""The catalogues: every phrase in every language, finished; and the words that safety hangs on are themselves."""

from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from sightline.settings import LANGUAGES
from translations import catalogues, pseudo

SAFETY = [
    "This does not mean that there are no images.",
    "Imaging studies may exist that are not shown here.",
    "This does not mean that there is no such patient.",
    "Nothing was opened. This does not mean that there are no images.",
    "No study can be shown. This does not mean that there are no images: see the notice above.",
    "Not all reports of this patient could be read. This does not mean that there is none.",
    "<strong>Reports could not be asked for.</strong> %(why)s This does not mean that there are none.",
    "<strong>Report withdrawn.</strong> Its words are not shown, since they no longer hold.",
    "<strong>Incomplete list.</strong> Not all of this patient's studies could be read; earlier ones may exist.",
]
NEGATION = {"de": ("nicht",), "fr": ("ne ", "n’"), "es": ("no ",)}


@pytest.fixture(params=catalogues.LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return catalogues.read(request.param)


def said(catalogue: Catalog, message: str) -> str:
    found = catalogue.get(message)
    assert found is not None
    assert isinstance(found.string, str)
    return found.string


def test_every_language_of_the_settings_but_the_one_of_the_code_has_a_catalogue() -> None:
    assert {*catalogues.LANGUAGES, "en"} == set(LANGUAGES)


def test_catalogue_holds_the_phrases_of_code_and_templates_and_no_others(catalogue: Catalog) -> None:
    known = {(message.id, message.context) for message in catalogue if message.id}
    spoken = {(message.id, message.context) for message in catalogues.phrases() if message.id}

    assert not spoken - known, "`make phrases` takes them in; then translate them"
    assert not known - spoken, "`make phrases` takes them out"


def test_catalogue_is_finished(catalogue: Catalog) -> None:
    assert list(catalogues.unfinished(catalogue)) == []


@pytest.mark.parametrize("code", catalogues.LANGUAGES)
def test_taking_phrases_in_a_second_time_changes_nothing(code: str) -> None:
    written = BytesIO()

    write_po(written, catalogues.take_in(catalogues.read(code)), **catalogues.LAYOUT)

    assert written.getvalue() == catalogues.path(code).read_bytes()


@pytest.mark.parametrize(
    "translation",
    ["", "Nur %(count)s", "%(viewer)s und %(viewers)s", "viewer"],
    ids=["none", "another", "one more", "without it"],
)
def test_message_that_is_not_translated_or_names_other_values_is_unfinished(translation: str) -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("%(viewer)s is full.", translation)

    assert len(list(catalogues.unfinished(catalogue))) == 1


def test_guess_is_unfinished() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("Open", "Offen", flags=["fuzzy"])

    assert len(list(catalogues.unfinished(catalogue))) == 1


def test_sides_are_in_capitals_and_none_is_another(catalogue: Catalog) -> None:
    sides = [said(catalogue, side) for side in ("LEFT", "RIGHT", "BOTH")]

    assert all(side.isupper() for side in sides)
    assert len(set(sides)) == 3


@pytest.mark.parametrize(
    "message", [message.id for message in catalogues.phrases() if message.id and " Feb" in message.id]
)
def test_months_are_twelve_different_words_of_letters(catalogue: Catalog, message: str) -> None:
    months = said(catalogue, message).split()

    assert len(months) == len(set(months)) == 12
    assert all(month.isalpha() for month in months)


def test_what_may_be_missing_is_said_as_plainly_as_in_english(catalogue: Catalog) -> None:
    for message in SAFETY:
        translation = said(catalogue, message)
        assert any(word in translation.lower() for word in NEGATION[str(catalogue.locale)]), translation


@pytest.mark.parametrize("code", pseudo.LANGUAGES)
def test_invented_language_says_every_phrase_in_letters_that_english_has_not(code: str) -> None:
    for message in pseudo.LANGUAGES[code](catalogues.phrases()):
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts if message.id else ():
            assert not [sign for sign in pseudo.without_kept(text) if sign.isascii() and sign.isalpha()], text
            assert pseudo.placeholders(text) == pseudo.placeholders(
                message.id if isinstance(message.id, str) else message.id[-1]
            )
