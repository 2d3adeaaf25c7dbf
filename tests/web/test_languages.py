"""The language of a page: whose it is, what it is said to be, and what is never in it: the log, the trail, the data."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import g
from msgspec.structs import replace

from app import create_app
from sightline.auth.id_token import User
from sightline.phrase import Phrase, counted, meaning
from sightline.settings import Settings
from sightline.web import languages
from sightline.web.identity import moment
from sightline.web.signed_in import SealedSignIn, SignedIn
from tests.configured import block, configured
from tests.conftest import Pair, started
from tests.ehr_user import EhrUser
from tests.web.conftest import Trail
from translations import pseudo

MIRRORED = pseudo.MIRRORED.replace("_", "-")


def settings(*codes: str) -> Settings:
    return replace(configured(block("ohif", address="https://ohif.hospital.example")), languages=codes)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("mirrored")
    with started(folder, settled=lambda found: replace(found, languages=(MIRRORED,))) as running:
        yield running


def answer(pair: Pair, wanted: str) -> requests.Response:
    return requests.get(f"{pair.sightline_url}/nothing", headers={"Accept-Language": wanted}, timeout=10)


@pytest.mark.parametrize(
    ("wanted", "code", "heading"),
    [
        ("en-GB", "en", "There is no such page"),
        ("de", "de", "Diese Seite gibt es nicht"),
        ("de-CH,de;q=0.9,en;q=0.5", "de", "Diese Seite gibt es nicht"),
        ("fr-CA", "fr", "Cette page n’existe pas"),
        ("es-419, en;q=0.1", "es", "No existe esa página"),
        ("nl, da;q=0.9, fr;q=0.2", "fr", "Cette page n’existe pas"),
        ("de-CH, fr;q=0.5", "de", "Diese Seite gibt es nicht"),
        ("de;q=0, fr;q=0.1", "fr", "Cette page n’existe pas"),
        ("DE-ch", "de", "Diese Seite gibt es nicht"),
        ("nl", "en", "There is no such page"),
        ("*", "en", "There is no such page"),
        (";;q=x,\x09", "en", "There is no such page"),
        ("", "en", "There is no such page"),
    ],
)
def test_page_is_in_the_language_that_the_browser_asks_for(pair: Pair, wanted: str, code: str, heading: str) -> None:
    page = answer(pair, wanted)

    assert f"<h1>{heading}</h1>" in page.text
    assert f'<html lang="{code}" dir="ltr">' in page.text
    assert page.headers["Content-Language"] == code
    assert "Accept-Language" in page.headers["Vary"]
    assert "Set-Cookie" not in page.headers


def test_site_with_one_language_has_every_page_in_it(tmp_path: Path) -> None:
    app = create_app(replace(settings("de"), data_folder=tmp_path))

    page = app.test_client().get("/nothing", headers={"Accept-Language": "fr"})

    assert "Diese Seite gibt es nicht" in page.text


def test_first_language_is_the_sites_where_the_browser_asks_for_none_of_them(tmp_path: Path) -> None:
    app = create_app(replace(settings("es", "en"), data_folder=tmp_path))

    assert "No existe esa página" in app.test_client().get("/nothing", headers={"Accept-Language": "nl"}).text


@pytest.mark.parametrize(("locale", "code"), [("fr", "fr"), ("fr-CH", "fr"), ("nl", "de"), ("", "de")])
def test_language_of_the_users_account_comes_before_the_browsers(pair: Pair, locale: str, code: str) -> None:
    ehr = pair.sightline.extensions["sightline"].settings.ehrs[0]
    row = SealedSignIn(ehr.name, ehr.identity, User("https://idp", "dr-7", locale=locale), 0.0, b"")
    with pair.sightline.test_request_context(headers={"Accept-Language": "de"}):
        g.signed_in = SignedIn("id", "key", row, ehr, 0.0)

        assert languages.current().code == code


def test_redirect_and_picture_say_no_language(user: EhrUser) -> None:
    assert "Content-Language" not in user.asks(user.launch_address("ada")).headers
    assert "Content-Language" not in user.asks("/static/sightline.svg").headers


def test_patient_line_is_in_the_users_language_and_its_dates_in_one_form(user: EhrUser) -> None:
    user.browser.headers["Accept-Language"] = "de"

    page = user.opens_chart("nora")

    assert (
        page.patient == "BREKKE, Nora Geboren 21-Mai-1938 Geschlecht Weiblich MRN SB-1006 Verstorben 03-Feb-2026 04:10"
    )


@pytest.mark.parametrize(
    ("code", "short", "spoken"),
    [
        ("en", "05-Mar-2026 14:05", "5 March 2026, 14:05"),
        ("de", "05-Mär-2026 14:05", "5. März 2026, 14:05"),
        ("fr", "05-mars-2026 14:05", "5 mars 2026, 14:05"),
        ("es", "05-mar-2026 14:05", "5 de marzo de 2026, 14:05"),
    ],
)
def test_moment_is_in_the_sites_zone_and_one_form_with_the_languages_month(
    pair: Pair, code: str, short: str, spoken: str
) -> None:
    with pair.sightline.test_request_context(headers={"Accept-Language": code}):
        shown = moment(1_772_715_900.0)

    assert shown is not None
    assert (shown.short, shown.spoken, shown.machine) == (short, spoken, "2026-03-05T14:05+01:00")


def test_log_and_trail_stay_english(user: EhrUser, trail: Trail, caplog: pytest.LogCaptureFixture) -> None:
    user.browser.headers["Accept-Language"] = "de"

    with caplog.at_level(logging.WARNING, "sightline"):
        page = user.visits("/s/nobodys/")

    assert page.heading == "Diese Bildsitzung ist beendet"
    assert [record["outcome"] for record in trail.records] == ["ChartClosed"]
    assert "ChartClosed: no row, or no cookie that opens it" in caplog.text
    assert "Bildsitzung" not in caplog.text


@pytest.fixture
def german(pair: Pair) -> Iterator[languages.Language]:
    with pair.sightline.test_request_context(headers={"Accept-Language": "de"}):
        yield languages.current()


def test_values_keep_their_place_in_another_language(german: languages.Language) -> None:
    phrase = Phrase("The patient's record holds no number that %(viewer)s knows.", viewer="100 % OHIF")

    assert german.say(phrase) == "Die Patientendaten enthalten keine Nummer, die 100 % OHIF kennt."


def test_value_that_is_a_phrase_itself_is_said_too(german: languages.Language) -> None:
    phrase = Phrase("%(viewer)s cannot be asked for it: %(cause)s.", viewer="OHIF", cause=Phrase("Not recorded"))

    assert german.say(phrase) == "OHIF kann sie nicht öffnen: Nicht erfasst."


@pytest.mark.parametrize(("number", "words"), [(1, "1 Tag früher"), (3, "3 Tage früher"), (5000, "5.000 Tage früher")])
def test_number_has_its_languages_plural_and_groups(german: languages.Language, number: int, words: str) -> None:
    assert german.say(counted("%(number)s day earlier", "%(number)s days earlier", number)) == words


def test_one_english_word_with_two_meanings_is_two_words(german: languages.Language) -> None:
    assert (german.say(meaning("sex", "Other")), german.say(Phrase("Other"))) == ("Divers", "Sonstige")


@pytest.mark.parametrize("words", ["Other", "CT", "LEFT", "", "Müller"])
def test_word_that_came_from_outside_is_never_translated(german: languages.Language, words: str) -> None:
    assert german.say(words) is words


def test_phrase_that_no_catalogue_knows_is_english(german: languages.Language) -> None:
    assert german.say(Phrase("%(number)s is new", number="7")) == "7 is new"


def test_name_inside_a_sentence_keeps_its_direction(mirrored: Pair) -> None:
    with mirrored.sightline.test_request_context():
        said = languages.say(Phrase("The patient's record holds no number that %(viewer)s knows.", viewer="OHIF (2)"))

    assert "\N{FIRST STRONG ISOLATE}OHIF (2)\N{POP DIRECTIONAL ISOLATE}" in said


def test_page_from_right_to_left_says_so(mirrored: Pair) -> None:
    page = EhrUser(mirrored).opens_chart("ada")

    assert (page.root.one("html")["lang"], page.root.one("html")["dir"]) == (MIRRORED, "rtl")
    assert page.root.one("strong", "identity-name").one("bdi").text == "LINDQVIST, Ada (Dr)"


def test_language_without_a_compiled_catalogue_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make install"):
        create_app(replace(settings("en", "nl"), data_folder=tmp_path))
