"""What an EHR's block says of Invoke Image Display: nothing is asked of us unless it says so."""

from pathlib import Path

import pytest

from tests.test_sign_in_settings import BACKEND, OIDC, ehr, only_mistake

TAKES = "invoke_image_display = true\n"


def test_ehr_that_says_nothing_may_not_ask(tmp_path: Path) -> None:
    found = ehr(tmp_path, OIDC + BACKEND)

    assert (found.invoke_image_display, found.invoke_lenient, found.invoke_authorities) == (False, frozenset(), ())


def test_ehr_may_ask_with_its_deviations_and_its_authorities(tmp_path: Path) -> None:
    keys = 'invoke_lenient = ["ci-sis", "dcm4chee"]\ninvoke_authorities = { "NORTH" = "urn:oid:1.2.3" }\n'
    found = ehr(tmp_path, OIDC + BACKEND + TAKES + keys)

    assert found.invoke_image_display
    assert found.invoke_lenient == {"ci-sis", "dcm4chee"}
    assert found.invoke_authorities == (("NORTH", "urn:oid:1.2.3"),)


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ('invoke_image_display = "yes"\n', "invoke_image_display is neither true nor false"),
        (TAKES + 'invoke_lenient = ["cisis"]\n', "item 1 of invoke_lenient is not known: 'cisis'"),
        (TAKES + 'invoke_authorities = ["NORTH"]\n', "invoke_authorities is not a table in braces"),
        (TAKES + 'invoke_authorities = { "NORTH" = "" }\n', "invoke_authorities has 'NORTH', which is empty"),
        ('invoke_lenient = ["ci-sis"]\n', "invoke_lenient is set, but invoke_image_display is not true"),
        (
            'invoke_authorities = { "NORTH" = "urn:oid:1.2.3" }\n',
            "invoke_authorities is set, but invoke_image_display is not true",
        ),
    ],
)
def test_mistake_is_told_with_its_line(tmp_path: Path, keys: str, what: str) -> None:
    mistake = only_mistake(tmp_path, OIDC + BACKEND + keys)

    assert mistake.what == what
    assert mistake.line


def test_right_to_ask_changes_nothing_of_who_the_ehr_is(tmp_path: Path) -> None:
    assert ehr(tmp_path, OIDC + BACKEND).identity == ehr(tmp_path, OIDC + BACKEND + TAKES).identity
