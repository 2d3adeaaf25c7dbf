"""A template's words are put in when it is compiled for a language: once, as words, and as they stand there."""

import re
import threading
from collections.abc import Callable
from gettext import NullTranslations
from types import SimpleNamespace

import pytest
from flask import Flask, g
from hypothesis import example, given, strategies as st
from jinja2 import DictLoader
from markupsafe import Markup, escape

from sightline import dates
from sightline.phrase import Phrase
from sightline.web import templates
from sightline.web.languages import Language
from sightline.web.templates import WordedEnvironment


class _Shouting(NullTranslations):
    """A catalogue whose every word is in capitals, has signs that mean something in HTML, and counts its look-ups."""

    looked_up = 0

    def gettext(self, message: str) -> str:
        self.looked_up += 1
        return f'{_upper(message)} & "<b>"'

    def pgettext(self, context: str, message: str) -> str:
        return f"{context}: {message}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _upper(msgid1 if n == 1 else msgid2)


def _upper(message: str) -> str:
    """In capitals, the names of values excepted."""
    return re.sub(r"%\(\w+\)s", lambda value: value[0].lower(), message.upper(), flags=re.IGNORECASE)


@pytest.fixture
def catalogue() -> _Shouting:
    return _Shouting()


@pytest.fixture
def made(catalogue: _Shouting) -> Callable[[str], Callable[..., str]]:
    """Gives what makes pages of a template's source, in that language."""
    app = Flask("a house of its own")
    templates.register(app)
    with app.app_context():
        environment = templates.speaking(Language("en", dates.ENGLISH, catalogue))
    return lambda source: environment.from_string(source).render


def test_words_are_looked_up_once_and_not_with_each_page(
    made: Callable[[str], Callable[..., str]], catalogue: _Shouting
) -> None:
    page = made('<p>{{ _("Search") }} {{ name }}</p>')
    assert catalogue.looked_up == 1

    assert [page(name=name) for name in ("Ada", "Ben")] == [
        f"<p>SEARCH &amp; &#34;&lt;b&gt;&#34; {name}</p>" for name in ("Ada", "Ben")
    ]
    assert catalogue.looked_up == 1


def test_words_of_a_catalogue_cannot_become_markup_and_those_of_a_sentence_may(
    made: Callable[[str], Callable[..., str]],
) -> None:
    assert made('{% set words = _("Open") %}{{ words }}')() == "OPEN &amp; &#34;&lt;b&gt;&#34;"
    assert made("{% trans %}<strong>Left out.</strong>{% endtrans %}")() == '<STRONG>LEFT OUT.</STRONG> & "<b>"'


def test_name_in_a_sentence_is_still_put_in_and_escaped(made: Callable[[str], Callable[..., str]]) -> None:
    page = made("{% trans count %}{{ count }} study{% pluralize %}{{ count }} studies{% endtrans %} {{ name }}")
    assert page(count=1, name="<Cleo>") == "1 STUDY &lt;Cleo&gt;"
    assert page(count=2, name="") == "2 STUDIES "


def test_sentence_keeps_its_markup_and_escapes_its_values_wherever_they_stand(
    made: Callable[[str], Callable[..., str]],
) -> None:
    page = made("{% trans name, count=2 %}<b>{{ name }}</b> has {{ count }} of 100 % – {{ name }}{% endtrans %}")
    assert page(name="<Cleo>") == '<B>&lt;Cleo&gt;</B> HAS 2 OF 100 % – &lt;Cleo&gt; & "<b>"'


@given(st.text() | st.integers() | st.none() | st.lists(st.text()) | st.text().map(Markup) | st.text().map(Phrase))
@example("<Cleo> & 'Ada' \"Ben\"")
def test_value_stands_in_a_page_as_markupsafe_would_have_it(value: object) -> None:
    assert str(WordedEnvironment.placed(value)) == str(escape(value))


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}",
        "{% set held %}{{ name }}{% endset %}{{ held }}",
        "{% macro line(it) %}{{ it }}{% endmacro %}{{ line(name) }}",
        "{% for it in [name] %}{% with other = it %}{{ other }}{% endwith %}{% endfor %}",
        "{% filter trim %}{{ name }}{% endfilter %}",
        "{% autoescape true %}{{ name }}{% endautoescape %}",
        "{{ name|lower|replace('ada', 'Ada') }}",
        "{{ name if name else '' }}",
        "{{ '' ~ name }}",
        "{% trans name %}{{ name }}{% endtrans %}",
    ],
)
def test_name_is_escaped_once_wherever_it_stands(source: str, made: Callable[[str], Callable[..., str]]) -> None:
    assert made(source)(name="<Ada>").removesuffix(' & "<b>"') == "&lt;Ada&gt;"


def test_misspelled_attribute_is_an_error_and_no_empty_place(made: Callable[[str], Callable[..., str]]) -> None:
    assert made("{{ patient.name.upper() }}")(patient=SimpleNamespace(name="ada")) == "ADA"
    with pytest.raises(AttributeError, match="nmae"):
        made("{{ patient.nmae }}")(patient=SimpleNamespace(name="ada"))
    with pytest.raises(AttributeError, match="name"):
        made("{{ patient.name }}")(patient={"name": "ada"})


def test_word_that_is_not_written_out_is_looked_up_when_it_is_known(made: Callable[[str], Callable[..., str]]) -> None:
    assert made("{{ _(word) }}")(word="late") == "LATE &amp; &#34;&lt;b&gt;&#34;"


def test_one_word_with_two_meanings_keeps_the_one_it_has(made: Callable[[str], Callable[..., str]]) -> None:
    assert made('{{ pgettext("keys", "Enter") }}')() == "keys: Enter"


def test_templates_are_compiled_before_anybody_asks_for_a_page(
    catalogue: _Shouting, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Flask("a house of its own")
    app.jinja_loader = DictLoader({"page.html": '{% include "part.html" %}', "part.html": "{{ patient }}"})
    templates.register(app)
    app.extensions["languages"] = {"en": Language("en", dates.ENGLISH, catalogue)}

    templates.compile_ahead(app)
    for thread in threading.enumerate():
        if thread.name == "compiling":
            thread.join(30)

    monkeypatch.setattr(app.extensions["environments"]["en"], "compile", None)
    with app.test_request_context():
        g.language = app.extensions["languages"]["en"]
        assert templates.render("page.html", patient="Ada") == "Ada"


def test_application_whose_templates_were_asked_for_before_is_not_served_without_words() -> None:
    app = Flask("a house of its own")
    assert app.jinja_env

    with pytest.raises(RuntimeError):
        templates.register(app)
