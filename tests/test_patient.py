"""What identifies the person whose chart is open."""

import pytest
from hypothesis import given, settings, strategies as st

from sightline.patient import Patient, PatientNumber, is_fhir_id


@pytest.mark.parametrize(
    ("patient", "name"),
    [
        (Patient("ada", family="Lovelace", given="Ada"), "LOVELACE, Ada"),
        (Patient("ada", family="Lovelace", given="Ada Augusta", prefix="Lady"), "LOVELACE, Ada Augusta (Lady)"),
        (Patient("ada", family="Lovelace"), "LOVELACE"),
        (Patient("ada", given="Ada"), "Ada"),
        (Patient("ada", full_text="Ada Lovelace", prefix="Lady"), "Ada Lovelace"),
        (Patient("ada", family="Lovelace", full_text="Countess of Lovelace"), "LOVELACE"),
        (Patient("ada"), "Name not recorded"),
        (Patient("x", family="Straße-Øß", given="Ünal"), "STRASSE-ØSS, Ünal"),
        (Patient("x", family="Wolfe" * 40, given="Hubert " * 40), f"{'WOLFE' * 40}, {'Hubert ' * 40}"),
    ],
)
def test_name_is_shown_family_first_in_capitals_and_never_cut(patient: Patient, name: str) -> None:
    assert patient.formal_name == name


@pytest.mark.parametrize("text", ["ada", "A-1.b", "1", "a" * 64, "e3b0c442-98fc-1c14-9afb-f4c8996fb924", "..a"])
def test_id_by_the_grammar_of_fhir_is_taken(text: str) -> None:
    assert is_fhir_id(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "ada ", "ada\n", ".", "..", "...", "a/b", "../x", "a?b", "a#b", "a%2Fb", "a_b", "ä", "a" * 65, "a\0"],
)
def test_id_that_could_change_an_address_is_refused(text: str) -> None:
    assert not is_fhir_id(text)


@given(st.text())
@settings(deadline=None)
def test_whatever_is_an_id_is_its_own_path_segment(text: str) -> None:
    if is_fhir_id(text):
        assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")
        assert text not in (".", "..")


def test_number_is_found_by_whose_it_is() -> None:
    numbers = (PatientNumber("urn:oid:1.2", "1"), PatientNumber("urn:oid:1.3", "2"), PatientNumber("urn:oid:1.3", "3"))
    ada = Patient("ada", numbers=numbers)

    assert ada.number_in("urn:oid:1.3") == numbers[1]
    assert ada.number_in("") == numbers[0]
    assert ada.number_in("urn:oid:1.4") is None
    assert Patient("ben", identifier="1").number_in("") is None
