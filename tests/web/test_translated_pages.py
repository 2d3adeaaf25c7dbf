"""The pages of a chart in the user's language: what is ours is said in it, what is the hospital's stays as it is."""

import pytest

from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail


def speaking(user: EhrUser, code: str) -> EhrUser:
    user.browser.headers["Accept-Language"] = code
    return user


def options(page: Page, name: str) -> dict[str, str]:
    """What can be chosen there: the words, and what the address then says."""
    listed = page.root.one("select", name=name).all("option")
    return {option.text: option.attributes.get("value", option.text) for option in listed}


def test_row_is_in_the_users_language_and_its_description_in_the_hospitals(user: EhrUser) -> None:
    row = speaking(user, "de").opens_chart("ada").row("CT chest with contrast")

    assert row.date.startswith("05-Mär-2026 14:15")
    assert row.counts == "2 Serien, 128 Bilder"


@pytest.mark.parametrize(
    ("code", "left", "both"),
    [
        ("de", "LINKS", "LINKS + RECHTS (je nach Serie)"),
        ("fr", "GAUCHE", "DROITE + GAUCHE (selon la série)"),
        ("es", "IZQUIERDA", "DERECHA + IZQUIERDA (según la serie)"),
    ],
)
def test_side_is_in_capitals_in_every_language(user: EhrUser, code: str, left: str, both: str) -> None:
    page = speaking(user, code).opens_chart("ada")

    assert page.row("Lower leg AP").side == left
    assert page.row("Mammography, both sides").side == both


@pytest.mark.parametrize(
    ("code", "heading", "words"),
    [
        ("de", "Keine bildgebenden Untersuchungen gefunden", "hat keine bildgebenden Untersuchungen dieser Person."),
        ("fr", "Aucun examen d’imagerie trouvé", "n’a aucun examen d’imagerie de ce patient."),
        ("es", "No se encontraron estudios de imagen", "no tiene estudios de imagen de este paciente."),
    ],
)
def test_nothing_found_is_said_of_the_source_that_was_asked(user: EhrUser, code: str, heading: str, words: str) -> None:
    page = speaking(user, code).opens_chart("ben")

    assert heading in page.headings
    assert f"Fjordview EHR (FHIR R4) {words}" in page.text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("de", "Das System des Krankenhauses hat mit einem Fehler geantwortet."),
        ("fr", "Le système de l’hôpital a répondu par une erreur."),
        ("es", "El sistema del hospital respondió con un error."),
    ],
)
def test_list_that_broke_off_says_in_the_users_language_why(user: EhrUser, code: str, words: str) -> None:
    page = speaking(user, code).opens_chart("ada", "fault-second-page")

    assert words in page.notices[0]


def test_text_is_found_in_the_pages_language_and_in_english(user: EhrUser) -> None:
    here = speaking(user, "de").opens_chart("ada").url

    german, english = (user.visits(f"{here}?text={words}") for words in ("röntgen links", "x-ray left"))

    assert [row.description for row in german.rows] == ["Lower leg AP"]
    assert [row.key for row in english.rows] == [row.key for row in german.rows]


def test_address_of_a_filtered_list_says_the_type_in_english_and_the_page_in_its_language(user: EhrUser) -> None:
    page = speaking(user, "de").opens_chart("ada")
    kept = user.visits(f"{page.url}?type={options(page, 'type')['Röntgen']}&period=10y")

    assert options(page, "type")["Röntgen"] == "X-ray"
    assert options(page, "period")["Letzte 12 Monate"] == "1y"
    assert {row.type for row in kept.rows} == {"Röntgen"}
    assert "Gefiltert auf: Röntgen, letzte 10 Jahre – " in kept.text


def test_comparison_says_in_the_users_language_which_is_the_prior_and_how_far_back(user: EhrUser) -> None:
    page = speaking(user, "de").opens_chart("ada")
    one, other = page.rows[1].key, page.row("Echocardiography").key

    compared = user.visits(f"{page.url}compare/{one}/{other}")

    assert "Aktuell" in compared.text
    assert "Voraufnahme, 3 Monate früher" in compared.text


def test_reasons_for_a_viewer_are_in_the_users_language_and_on_the_trail_in_english(
    user: EhrUser, trail: Trail
) -> None:
    page = speaking(user, "de").opens_chart("ada")

    viewers = user.visits(f"{page.url}viewers/{page.row('Echocardiography').key}")
    refused = user.visits(f"{page.url}view/{page.row('US Abdomen').key}")

    assert "Die Daten der Untersuchung nennen eine Adresse dort." in viewers.text
    assert "Regel 1 ist nicht erfüllt: das KIS ist r4, nicht r4-refusing." in viewers.text
    assert "Es sind noch keine Bilder eingetroffen." in refused.text
    assert trail.records[-1]["outcome"] == "CannotOpen"
