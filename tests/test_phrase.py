"""A phrase is English until a page says it otherwise; what it is made of stays apart, so that this can be done."""

import ast
import logging
from pathlib import Path

import pytest

from sightline.phrase import Phrase, counted, meaning

SOURCES = sorted((Path(__file__).parent.parent / "sightline").rglob("*.py"))
MAKERS = ("Phrase", "counted", "meaning")


def test_phrase_is_its_own_english_text_with_its_values_in_it() -> None:
    phrase = Phrase("%(viewer)s takes %(most)s studies.", viewer="OHIF", most=5000)

    assert phrase == "OHIF takes 5,000 studies."
    assert (phrase.message, phrase.values) == ("%(viewer)s takes %(most)s studies.", {"viewer": "OHIF", "most": 5000})


def test_phrase_without_values_may_hold_a_sign_that_would_begin_one() -> None:
    assert Phrase("100 % of %(them)s") == "100 % of %(them)s"


@pytest.mark.parametrize(("number", "words"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (1200, "1,200 days")])
def test_number_decides_the_form(number: int, words: str) -> None:
    phrase = counted("%(number)s day", "%(number)s days", number)

    assert phrase == words
    assert (phrase.message, phrase.plural, phrase.number) == ("%(number)s day", "%(number)s days", number)


def test_word_with_two_meanings_says_which_is_meant() -> None:
    assert (meaning("sex", "Other"), meaning("sex", "Other").context) == ("Other", "sex")


def test_log_says_a_phrase_in_english(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("sightline").warning("why: %s", Phrase("%(viewer)s is full.", viewer="OHIF"))

    assert caplog.messages == ["why: OHIF is full."]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: "/".join(file.parts[-2:]))
def test_no_phrase_is_made_of_a_text_that_no_catalogue_can_know(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name in MAKERS:
            assert not [word for word in node.args[:2] if isinstance(word, ast.JoinedStr | ast.BinOp)], ast.unparse(
                node
            )
